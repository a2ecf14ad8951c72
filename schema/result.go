package schema

import "encoding/json"

// wrapper is the key below which a result that is no object travels.
const wrapper = "result"

// ResultTool gives the parameters of a tool whose call carries a value of s, and what takes the value out of the call's
// arguments again. Arguments are always an object, so a schema of anything else is wrapped as {result: …}.
func (s *Schema) ResultTool() (parameters json.RawMessage, unwrap func(arguments json.RawMessage) json.RawMessage) {
	whole, err := parse(s.raw())
	if err != nil {
		panic(err) // written by bundle
	}
	const at = base + inline
	if kind := whole.get("type"); kind != nil && kind.scalar == "object" {
		whole.remove("$schema")
		return whole.json(), func(arguments json.RawMessage) json.RawMessage { return arguments }
	}
	inner := bundle(map[string]*node{at: whole}, at, "/properties/"+wrapper)
	inner.remove("$schema")
	object := func(members ...member) *node { return &node{isObject: true, members: members} }
	required := &node{isArray: true, items: []*node{{scalar: wrapper}}}
	outer := object(
		member{"type", &node{scalar: "object"}},
		member{"required", required},
		member{"additionalProperties", &node{scalar: false}},
		member{"properties", object(member{wrapper, inner})},
	)
	return outer.json(), func(arguments json.RawMessage) json.RawMessage {
		var wrapped map[string]json.RawMessage
		if json.Unmarshal(arguments, &wrapped) == nil && len(wrapped) == 1 && wrapped[wrapper] != nil {
			return wrapped[wrapper]
		}
		return arguments
	}
}

package spec

import (
	"bytes"
	"encoding/json"
	"strconv"

	"gopkg.in/yaml.v3"
)

func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// entry is one key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

// entries are what a mapping says, with what it merges by << after its own keys.
func entries(n *yaml.Node) []entry {
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var own, merged []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.ShortTag() != "!!merge" {
			own = append(own, entry{key, value})
			continue
		}
		if follow(value).Kind == yaml.MappingNode {
			merged = append(merged, entries(value)...)
			continue
		}
		for _, item := range follow(value).Content {
			merged = append(merged, entries(item)...)
		}
	}
	if merged == nil {
		return own
	}
	seen := map[string]bool{}
	var all []entry
	for _, e := range append(own, merged...) {
		if !seen[e.key.Value] {
			seen[e.key.Value] = true
			all = append(all, e)
		}
	}
	return all
}

// jsonValue is a node as a JSON value with its numbers as json.Number.
func jsonValue(n *yaml.Node) any {
	n = follow(n)
	switch n.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for _, e := range entries(n) {
			object[e.key.Value] = jsonValue(e.value)
		}
		return object
	case yaml.SequenceNode:
		array := make([]any, len(n.Content))
		for i, item := range n.Content {
			array[i] = jsonValue(item)
		}
		return array
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	case "!!int", "!!float":
		if text, ok := number(n); ok {
			return json.Number(text)
		}
	}
	return n.Value
}

// number is a scalar's number as JSON writes it.
func number(n *yaml.Node) (string, bool) {
	if plain := n.Value; json.Valid([]byte(plain)) && plain[0] != '"' {
		return plain, true
	}
	var i int64
	if n.ShortTag() == "!!int" && n.Decode(&i) == nil {
		return strconv.FormatInt(i, 10), true
	}
	var f float64
	if n.Decode(&f) != nil {
		return "", false
	}
	raw, err := json.Marshal(f)
	return string(raw), err == nil
}

// jsonText is a node as JSON with the keys in their order.
func jsonText(n *yaml.Node) json.RawMessage {
	var out bytes.Buffer
	writeJSON(&out, n)
	return out.Bytes()
}

func writeJSON(out *bytes.Buffer, n *yaml.Node) {
	n = follow(n)
	switch n.Kind {
	case yaml.MappingNode:
		out.WriteByte('{')
		for i, e := range entries(n) {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(scalarJSON(e.key.Value))
			out.WriteByte(':')
			writeJSON(out, e.value)
		}
		out.WriteByte('}')
	case yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJSON(out, item)
		}
		out.WriteByte(']')
	default:
		out.Write(scalarJSON(jsonValue(n)))
	}
}

func scalarJSON(scalar any) []byte {
	raw, err := json.Marshal(scalar)
	if err != nil {
		panic(err) // scalars are text, numbers that were checked, booleans and null
	}
	return raw
}

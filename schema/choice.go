package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// choice explains a failed anyOf or oneOf by the branch that the value was most likely meant for, so that one mistake
// in it is one message.
func (r *reader) choice(err *jsonschema.ValidationError, keyword string) []finding {
	path := unescapeURL(err.InstanceLocation)
	if names := r.requiredOnly(err, keyword); names != nil {
		return []finding{r.oneOfKeys(path, keyword, names)}
	}
	if len(err.Causes) == 0 {
		return []finding{{path: path, keyword: keyword, text: "fits more than one of the alternatives, and should fit one"}}
	}
	var best []finding
	var fallback []finding // of branches that want a value of another kind
	bestScore := 0
	for _, cause := range err.Causes {
		found := r.read(cause)
		if slices.ContainsFunc(found, func(f finding) bool { return f.path == path && isKind(f.keyword) }) {
			fallback = append(fallback, found...)
			continue
		}
		if score := distance(found); best == nil || score < bestScore {
			best, bestScore = found, score
		}
	}
	if best != nil {
		return best
	}
	return []finding{r.join(path, keyword, fallback)}
}

// isKind says whether a failed keyword means that another sort of value is wanted altogether.
func isKind(keyword string) bool { return keyword == "type" || keyword == "const" || keyword == "enum" }

// distance is how far a value is from a branch: a tag that differs weighs more than anything else.
func distance(found []finding) int {
	score := len(found)
	for _, f := range found {
		if f.keyword == "const" || f.keyword == "enum" {
			score += 100
		}
	}
	return score
}

func (r *reader) join(path, keyword string, found []finding) finding {
	var expected, allowed []string
	if i := slices.IndexFunc(found, func(f finding) bool { return f.text != "" }); i >= 0 {
		return found[(i+1)%len(found)] // words of the library's cannot be joined: take one of the others
	}
	for _, f := range found {
		if f.path == path && f.expected != "" && !slices.Contains(expected, f.expected) {
			expected = append(expected, f.expected)
			allowed = append(allowed, f.allowed...)
		}
	}
	value, _ := Lookup(r.value, path)
	f := finding{path: path, keyword: "type", expected: strings.Join(expected, " or "), got: typeName(value), allowed: allowed}
	if slices.ContainsFunc(found, func(f finding) bool { return f.keyword == "const" || f.keyword == "enum" }) {
		f.got = show(value)
	}
	return f
}

// requiredOnly are the keys of a choice whose branches only say {required: [key]}; nil for any other choice.
func (r *reader) requiredOnly(err *jsonschema.ValidationError, keyword string) []string {
	var names []string
	branches, _ := r.subschema(err.AbsoluteKeywordLocation)[keyword].([]any)
	for _, branch := range branches {
		object, _ := branch.(map[string]any)
		required, _ := object["required"].([]any)
		if len(object) != 1 || len(required) != 1 {
			return nil
		}
		names = append(names, fmt.Sprint(required[0]))
	}
	return names
}

func (r *reader) oneOfKeys(path, keyword string, names []string) finding {
	value, _ := Lookup(r.value, path)
	object, _ := value.(map[string]any)
	var present []string
	for _, name := range names {
		if _, ok := object[name]; ok {
			present = append(present, fmt.Sprintf("%q", name))
		}
	}
	f := finding{path: path, keyword: keyword, allowed: names}
	f.text = "needs one of " + strings.Join(names, ", ")
	if len(present) > 0 {
		f.text = "has " + strings.Join(present, " and ") + ", but only one of " + strings.Join(names, ", ") + " can be there"
	}
	return f
}

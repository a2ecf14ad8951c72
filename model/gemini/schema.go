package gemini

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// parameters is a tool's JSON Schema in the part of JSON Schema that Google documents, which refuses requests that go
// beyond it: other keywords are left out, const is an enum of one, allOf is folded into what it is part of, references
// are replaced by what they name. The engine checks arguments against the whole schema in any case.
// The order stays: models read properties in it.
func parameters(schema json.RawMessage) json.RawMessage {
	if len(schema) == 0 {
		return nil
	}
	root := gjson.ParseBytes(schema)
	r := rewriter{root: root}
	r.schema(root)
	return r.out
}

// rewriter writes one schema.
type rewriter struct {
	root     gjson.Result
	inner    []string // the references that are being replaced, outermost first
	followed int      // how many have been so far
	out      []byte
}

// mostFollowed bounds how many references are replaced in a schema: what they name may have others, which may have others.
const mostFollowed = 200

func (r *rewriter) schema(s gjson.Result) {
	r.out = append(r.out, '{')
	written := map[string]bool{}
	if !s.IsObject() { // true: anything
		r.out = append(r.out, '}')
		return
	}
	r.members(s, written)
	r.out = append(r.out, '}')
}

// members writes the keywords of s that have not been written yet, into the object that is open.
func (r *rewriter) members(s gjson.Result, written map[string]bool) {
	if ref := s.Get("$ref").Str; ref != "" {
		r.reference(s, ref, written)
		return
	}
	s.ForEach(func(key, value gjson.Result) bool {
		name := key.Str
		switch name {
		case "type", "format", "title", "description", "minItems", "maxItems", "minimum", "maximum", "required", "propertyOrdering":
			r.member(name, written, func() { r.out = append(r.out, value.Raw...) })
		case "enum":
			if plain(value) {
				r.member(name, written, func() { r.out = append(r.out, value.Raw...) })
			}
		case "const":
			if list := gjson.Parse("[" + value.Raw + "]"); plain(list) {
				r.member("enum", written, func() { r.out = append(r.out, list.Raw...) })
			}
		case "items", "additionalProperties":
			r.member(name, written, func() {
				if value.IsBool() {
					r.out = append(r.out, value.Raw...)
				} else {
					r.schema(value)
				}
			})
		case "properties":
			r.member(name, written, func() { r.each('{', '}', value) })
		case "prefixItems", "anyOf", "oneOf":
			r.member(name, written, func() { r.each('[', ']', value) })
		case "allOf":
			value.ForEach(func(_, part gjson.Result) bool { r.members(part, written); return true })
		}
		return true
	})
}

// plain says whether all values of an enum are such as Google takes.
func plain(list gjson.Result) bool {
	for _, v := range list.Array() {
		if v.Type != gjson.String && v.Type != gjson.Number {
			return false
		}
	}
	return list.IsArray()
}

// member writes one keyword, once.
func (r *rewriter) member(name string, written map[string]bool, value func()) {
	if written[name] {
		return
	}
	if len(written) > 0 {
		r.out = append(r.out, ',')
	}
	written[name] = true
	r.out = append(strconv.AppendQuote(r.out, name), ':')
	value()
}

// each writes the schemas in a list or an object of them.
func (r *rewriter) each(begin, end byte, list gjson.Result) {
	r.out = append(r.out, begin)
	first := true
	list.ForEach(func(key, value gjson.Result) bool {
		if !first {
			r.out = append(r.out, ',')
		}
		first = false
		if begin == '{' {
			r.out = append(append(r.out, key.Raw...), ':')
		}
		r.schema(value)
		return true
	})
	r.out = append(r.out, end)
}

// reference writes what stands beside a reference, and then what it names. Where that is within
// itself, or there are too many, it ends with the type.
func (r *rewriter) reference(s gjson.Result, ref string, written map[string]bool) {
	if description := s.Get("description"); description.Exists() {
		r.member("description", written, func() { r.out = append(r.out, description.Raw...) })
	}
	named := r.resolve(ref)
	if r.followed++; slices.Contains(r.inner, ref) || r.followed > mostFollowed {
		if t := named.Get("type"); t.Exists() {
			r.member("type", written, func() { r.out = append(r.out, t.Raw...) })
		}
		return
	}
	r.inner = append(r.inner, ref)
	r.members(named, written)
	r.inner = r.inner[:len(r.inner)-1]
}

// resolve finds what a reference within the document names: a JSON pointer behind #. Of another it is nothing.
func (r *rewriter) resolve(ref string) gjson.Result {
	at, pointer := r.root, strings.TrimPrefix(ref, "#")
	if pointer == ref || pointer != "" && pointer[0] != '/' {
		return gjson.Result{}
	}
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		var next gjson.Result
		index := 0
		at.ForEach(func(key, value gjson.Result) bool {
			if at.IsObject() && key.Str == token || at.IsArray() && strconv.Itoa(index) == token {
				next = value
				return false
			}
			index++
			return true
		})
		at = next
	}
	return at
}

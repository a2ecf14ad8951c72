package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/flue-run/flue/schema"
)

// Coerce makes a model's arguments fit a tool's parameters where nothing is lost by it: "3" where a number is wanted,
// a JSON text where an object or a list is, null for a key that may be left out. notes tell of each change. The error
// is for the model: it names every violation with its path.
func Coerce(parameters, args json.RawMessage) (fitted json.RawMessage, notes []string, err error) {
	compiled, err := compile(parameters)
	if err != nil {
		return nil, nil, fmt.Errorf("the tool's parameters: %w", err)
	}
	value, err := schema.Decode(args)
	if err != nil {
		return nil, nil, fmt.Errorf("the arguments are not valid JSON: %w", err)
	}
	c := coercion{root: compiled.root}
	value = c.value(value, compiled.root, "")
	if violations := compiled.Validate(value); len(violations) > 0 {
		lines := make([]string, len(violations))
		for i, v := range violations {
			lines[i] = v.String()
			if near := nearest(v.Name, v.Allowed); v.Keyword == "additionalProperties" && near != "" {
				lines[i] += fmt.Sprintf("; did you mean %q?", near)
			} else if v.Keyword == "additionalProperties" && len(v.Allowed) > 0 {
				lines[i] += "; allowed are " + strings.Join(v.Allowed, ", ")
			}
		}
		return nil, nil, errors.New(strings.Join(lines, "\n"))
	}
	if len(c.notes) == 0 {
		return args, nil, nil
	}
	fitted, err = json.Marshal(value)
	return fitted, c.notes, err
}

// compiledParameters is a tool's parameters, ready to check arguments against.
type compiledParameters struct {
	*schema.Schema
	root any // the schema as a value; only read
}

// compiled are the parameters of the tools that were called in this process, by their text: compiling takes far longer
// than checking, and a tool is called again and again.
var compiled sync.Map

func compile(parameters json.RawMessage) (*compiledParameters, error) {
	if known, ok := compiled.Load(string(parameters)); ok {
		return known.(*compiledParameters), nil
	}
	s, err := schema.Compile(parameters, nil)
	if err != nil {
		return nil, err
	}
	root, err := schema.Decode(s.JSON())
	if err != nil {
		return nil, err
	}
	c := &compiledParameters{s, root}
	compiled.Store(string(parameters), c)
	return c, nil
}

// coercion walks a value along its schema.
type coercion struct {
	root  any
	notes []string
}

func (c *coercion) value(v, schemaValue any, path string) any {
	s, _ := c.resolve(schemaValue).(map[string]any)
	if s == nil {
		return v
	}
	if text, ok := v.(string); ok {
		v = c.text(text, typesOf(s), path)
	}
	switch v := v.(type) {
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		required, _ := s["required"].([]any)
		for name, p := range properties {
			e, ok := v[name]
			at := path + "/" + schema.Escape(name)
			switch {
			case !ok:
			case e == nil && !slices.Contains(required, any(name)) && !c.allowsNull(p):
				delete(v, name)
				c.notes = append(c.notes, at+": null left out")
			default:
				v[name] = c.value(e, p, at)
			}
		}
		slices.Sort(c.notes)
	case []any:
		for i, e := range v {
			v[i] = c.value(e, s["items"], fmt.Sprintf("%s/%d", path, i))
		}
	}
	return v
}

// text reads a string that stands where none may, as the JSON that it holds.
func (c *coercion) text(text string, types []string, path string) any {
	if len(types) == 0 || slices.Contains(types, "string") {
		return text
	}
	v, err := schema.Decode([]byte(strings.TrimSpace(text)))
	if err != nil {
		return text
	}
	kind := ""
	switch v := v.(type) {
	case json.Number:
		kind = "number"
		if _, err := v.Int64(); err == nil && slices.Contains(types, "integer") {
			kind = "integer"
		}
	case bool:
		kind = "boolean"
	case map[string]any:
		kind = "object"
	case []any:
		kind = "array"
	}
	if !slices.Contains(types, kind) {
		return text
	}
	c.notes = append(c.notes, fmt.Sprintf("%s: text read as %s", path, kind))
	return v
}

func (c *coercion) allowsNull(schemaValue any) bool {
	s, ok := c.resolve(schemaValue).(map[string]any)
	if !ok {
		return true
	}
	types := typesOf(s)
	return len(types) == 0 || slices.Contains(types, "null")
}

// resolve follows a $ref inside the schema.
func (c *coercion) resolve(schemaValue any) any {
	for range 16 {
		s, _ := schemaValue.(map[string]any)
		ref, ok := s["$ref"].(string)
		if !ok || !strings.HasPrefix(ref, "#") {
			return schemaValue
		}
		if schemaValue, ok = schema.Lookup(c.root, ref[1:]); !ok {
			return nil
		}
	}
	return nil
}

// typesOf lists the types that a schema allows; none is all.
func typesOf(s map[string]any) []string {
	switch t := s["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var list []string
		for _, name := range t {
			if name, ok := name.(string); ok {
				list = append(list, name)
			}
		}
		return list
	}
	return nil
}

package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// field is one input of a form that is made from a payload schema.
type field struct {
	Name        string
	Kind        string // text, long, number, check, choice, json
	Description string
	Required    bool
	Value       string // what it holds when it is shown
	Choices     []string
	values      []json.RawMessage // of the choices
	Error       string            // what is wrong with the value that was sent
}

// A text that may be longer than this gets several lines.
const longText = 200

// fieldsOf are the inputs for a schema's properties, in their order. A schema that says less, or more than a form can ask,
// gets one input for the whole payload, of no name.
func fieldsOf(schema json.RawMessage) []field {
	var object struct {
		Type       string          `json:"type"`
		Properties json.RawMessage `json:"properties"`
		Required   []string        `json:"required"`
		OneOf      json.RawMessage `json:"oneOf"`
		AnyOf      json.RawMessage `json:"anyOf"`
	}
	whole := []field{{Kind: "json", Value: "{}", Description: "The payload, as JSON."}}
	if schema == nil || json.Unmarshal(schema, &object) != nil || object.Type != "object" || object.Properties == nil ||
		object.OneOf != nil || object.AnyOf != nil {
		return whole
	}
	fields := []field{}
	decoder := json.NewDecoder(bytes.NewReader(object.Properties))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return whole
	}
	for decoder.More() {
		name, err := decoder.Token()
		var property json.RawMessage
		if err != nil || decoder.Decode(&property) != nil {
			return whole
		}
		fields = append(fields, fieldOf(name.(string), property, slices.Contains(object.Required, name.(string))))
	}
	return fields
}

func fieldOf(name string, property json.RawMessage, required bool) field {
	var p struct {
		Type        any               `json:"type"`
		Description string            `json:"description"`
		Enum        []json.RawMessage `json:"enum"`
		Default     json.RawMessage   `json:"default"`
		MaxLength   int               `json:"maxLength"`
		Format      string            `json:"format"`
	}
	f := field{Name: name, Kind: "json", Required: required}
	if json.Unmarshal(property, &p) != nil { // true or false are schemas, too
		return f
	}
	f.Description = p.Description
	switch {
	case len(p.Enum) > 0:
		f.Kind = "choice"
		for _, choice := range p.Enum {
			f.Choices, f.values = append(f.Choices, plain(choice)), append(f.values, choice)
		}
	case p.Type == "boolean":
		f.Kind = "check"
	case p.Type == "integer", p.Type == "number":
		f.Kind = "number"
	case p.Type == "string" && (p.MaxLength > longText || p.MaxLength == 0 && p.Format == ""):
		f.Kind = "long"
	case p.Type == "string":
		f.Kind = "text"
	}
	if p.Default != nil {
		f.Value = plain(p.Default)
		if f.Kind == "json" {
			f.Value = string(p.Default)
		}
	}
	return f
}

// plain is a JSON string without its quotes, and any other value as it is.
func plain(value json.RawMessage) string {
	var text *string // nil for null
	if json.Unmarshal(value, &text) == nil && text != nil {
		return *text
	}
	return string(value)
}

// payloadOf is what was entered into the fields, as JSON. Fields that were left empty are left out. What is wrong with a
// value is in its field's Error, and then an error is returned.
func payloadOf(fields []field, sent url.Values) (json.RawMessage, error) {
	wrong := false
	object := map[string]json.RawMessage{}
	for i := range fields {
		f := &fields[i]
		f.Value = strings.ReplaceAll(sent.Get("payload."+f.Name), "\r\n", "\n") // as a browser sends it
		value, err := f.json()
		switch {
		case err != nil:
			f.Error, wrong = err.Error(), true
		case f.Name == "" && value == nil:
			return json.RawMessage("{}"), nil
		case f.Name == "":
			return value, nil
		case value != nil:
			object[f.Name] = value
		}
	}
	if wrong {
		return nil, errors.New("some values cannot be taken as they are")
	}
	return json.Marshal(object)
}

// json is the field's value; nil: none was entered.
func (f *field) json() (json.RawMessage, error) {
	switch {
	case f.Kind == "check":
		return json.Marshal(f.Value != "")
	case f.Value == "":
		return nil, nil
	case f.Kind == "text", f.Kind == "long":
		return json.Marshal(f.Value)
	case f.Kind == "choice":
		if i := slices.Index(f.Choices, f.Value); i >= 0 {
			return f.values[i], nil
		}
		return nil, fmt.Errorf("%q is not one of: %s", f.Value, strings.Join(f.Choices, ", "))
	case json.Valid([]byte(f.Value)):
		return json.RawMessage(f.Value), nil
	case f.Kind == "number":
		return nil, fmt.Errorf("%q is not a number", f.Value)
	}
	return nil, errors.New("this is not JSON")
}

package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/flue-run/flue/schema"
)

func TestWithDefaults(t *testing.T) {
	s, err := schema.Compile(json.RawMessage(`{
	  "type": "object",
	  "properties": {
	    "n": {"type": "integer", "default": 3},
	    "who": {"$ref": "#/$defs/who"},
	    "list": {"type": "array", "items": {"type": "object", "properties": {"on": {"type": "boolean", "default": true}}}}
	  },
	  "$defs": {"who": {"type": "object", "default": {}, "properties": {"name": {"type": "string", "default": "nobody"}}}}
	}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		`{}`:                               `{"n":3,"who":{"name":"nobody"}}`,
		`{"n": 4, "who": {"name": "Ann"}}`: `{"n":4,"who":{"name":"Ann"}}`,
		`{"n": null, "who": 1}`:            `{"n":null,"who":1}`,
		`{"list": [{}, {"on": false}, 5]}`: `{"list":[{"on":true},{"on":false},5],"n":3,"who":{"name":"nobody"}}`,
		`"not an object"`:                  `"not an object"`,
	} {
		value, err := schema.Decode([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(s.WithDefaults(value))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
		if again, err := json.Marshal(value); err != nil || len(again) > len(in) {
			t.Errorf("%s was changed to %s (%v)", in, again, err)
		}
	}
}

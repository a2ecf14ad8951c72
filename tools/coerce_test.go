package tools

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCoerce(t *testing.T) {
	const parameters = `{
		"type": "object", "required": ["path"], "additionalProperties": false,
		"properties": {
			"path": {"type": "string"}, "limit": {"type": "integer"}, "ratio": {"type": "number"}, "all": {"type": "boolean"},
			"list": {"type": "array", "items": {"$ref": "#/$defs/n"}}, "map": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}},
			"either": {"type": ["string", "integer"]}, "note": {"type": ["string", "null"]}},
		"$defs": {"n": {"type": "integer"}}}`
	for _, c := range []struct{ args, want, notes, err string }{
		{`{"path": "a", "limit": 3}`, `{"path": "a", "limit": 3}`, "", ""},
		{`{"path": "3"}`, `{"path": "3"}`, "", ""},
		{`{"path": "a", "limit": " 3 "}`, `{"limit":3,"path":"a"}`, "/limit: text read as integer", ""},
		{`{"path": "a", "ratio": "0.10"}`, `{"path":"a","ratio":0.10}`, "/ratio: text read as number", ""},
		{`{"path": "a", "all": "true"}`, `{"all":true,"path":"a"}`, "/all: text read as boolean", ""},
		{`{"path": "a", "list": "[\"1\", 2]"}`, `{"list":[1,2],"path":"a"}`, "/list/0: text read as integer /list: text read as array", ""},
		{`{"path": "a", "map": "{\"n\": \"1\"}"}`, `{"map":{"n":1},"path":"a"}`, "/map/n: text read as integer /map: text read as object", ""},
		{`{"path": "a", "either": "1"}`, `{"path": "a", "either": "1"}`, "", ""},
		{`{"path": "a", "limit": null, "note": null}`, `{"note":null,"path":"a"}`, "/limit: null left out", ""},
		{`{"path": "a", "limit": "three"}`, "", "", "/limit: expected integer, but got string"},
		{`{"path": "a", "limit": "3.5"}`, "", "", "/limit: expected integer, but got string"},
		{`{"path": "a", "limt": 3}`, "", "", `/limt: unknown key "limt"; did you mean "limit"?`},
		{`{"path": null, "x": 1}`, "", "", "/path: expected string, but got null\n" + `/x: unknown key "x"; allowed are all, either, limit, list, map, note, path, ratio`},
		{`{}`, "", "", `missing key "path"`},
		{`{"path": "a"`, "", "", "the arguments are not valid JSON: unexpected EOF"},
		{`"{}"`, `{}`, ": text read as object", `missing key "path"`},
	} {
		got, notes, err := Coerce(json.RawMessage(parameters), json.RawMessage(c.args))
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != c.err {
			t.Errorf("%s: error %q, want %q", c.args, message, c.err)
		} else if err == nil && (string(got) != c.want || strings.Join(notes, " ") != c.notes) {
			t.Errorf("%s = %s %q, want %s %q", c.args, got, notes, c.want, c.notes)
		}
	}
}

func FuzzCoerce(f *testing.F) {
	for _, args := range []string{`{"n": "3"}`, `{"l": "[1]"}`, `{"o": "{\"n\": null}"}`, `[]`, `null`, `{"n": 1e999}`, `{"`} {
		f.Add(args)
	}
	parameters := json.RawMessage(`{"type": "object", "properties": {"n": {"type": "integer"}, "l": {"type": "array", "items": {"type": "number"}}, "o": {"$ref": "#"}}}`)
	f.Fuzz(func(t *testing.T, args string) {
		fitted, notes, err := Coerce(parameters, json.RawMessage(args))
		if err != nil {
			return
		}
		again, more, err := Coerce(parameters, fitted)
		if err != nil || len(more) > 0 || string(again) != string(fitted) {
			t.Errorf("%s with %v is %s, and then %s %v %v", args, notes, fitted, again, more, err)
		}
	})
}

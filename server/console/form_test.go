package console

import (
	"encoding/json"
	"net/url"
	"testing"
)

const schemaText = `{"type": "object", "required": ["question"], "properties": {
	"question": {"type": "string", "maxLength": 4000},
	"title": {"type": "string", "maxLength": 80, "description": "One line."},
	"number": {"type": "integer", "default": 3},
	"urgent": {"type": "boolean"},
	"level": {"enum": ["low", 2, null]},
	"labels": {"type": "array", "items": {"type": "string"}}}}`

func TestFieldsOf(t *testing.T) {
	fields := fieldsOf(json.RawMessage(schemaText))
	want := []struct{ name, kind, value string }{
		{"question", "long", ""}, {"title", "text", ""}, {"number", "number", "3"}, {"urgent", "check", ""}, {"level", "choice", ""}, {"labels", "json", ""},
	}
	if len(fields) != len(want) {
		t.Fatalf("%d fields, want %d", len(fields), len(want))
	}
	for i, w := range want {
		if f := fields[i]; f.Name != w.name || f.Kind != w.kind || f.Value != w.value || f.Required != (w.name == "question") {
			t.Errorf("field %d is %+v, want %+v", i, f, w)
		}
	}
	for _, whole := range []string{"", "true", `{"type": "array"}`, `{"type": "object"}`, `{"type": "object", "properties": {}, "oneOf": [{}]}`} {
		if f := fieldsOf(json.RawMessage(whole)); len(f) != 1 || f[0].Name != "" || f[0].Kind != "json" {
			t.Errorf("a form of %s is %+v, want one field for the whole payload", whole, f)
		}
	}
}

func TestPayloadOf(t *testing.T) {
	for _, c := range []struct{ sent, want, wrong string }{
		{"payload.question=Why%3F", `{"question":"Why?","urgent":false}`, ""},
		{"payload.question=a%0D%0Ab&payload.number=7&payload.urgent=true&payload.level=2&payload.labels=[\"x\"]",
			`{"labels":["x"],"level":2,"number":7,"question":"a\nb","urgent":true}`, ""},
		{"payload.level=null", `{"level":null,"urgent":false}`, ""},
		{"payload.number=many", "", "number"},
		{"payload.level=high", "", "level"},
		{"payload.labels=[x", "", "labels"},
	} {
		sent, err := url.ParseQuery(c.sent)
		if err != nil {
			t.Fatal(err)
		}
		fields := fieldsOf(json.RawMessage(schemaText))
		payload, err := payloadOf(fields, sent)
		if string(payload) != c.want || (err != nil) != (c.wrong != "") {
			t.Errorf("%s gives %s, %v; want %s", c.sent, payload, err, c.want)
		}
		for _, f := range fields {
			if (f.Error != "") != (f.Name == c.wrong) {
				t.Errorf("%s: field %s has the error %q", c.sent, f.Name, f.Error)
			}
		}
	}
}

func TestWholePayload(t *testing.T) {
	for sent, want := range map[string]string{`{"a": [1]}`: `{"a": [1]}`, "": "{}"} {
		payload, err := payloadOf(fieldsOf(nil), url.Values{"payload.": {sent}})
		if err != nil || string(payload) != want {
			t.Errorf("%q gives %s, %v; want %s", sent, payload, err, want)
		}
	}
}

package expr

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	var schema any
	if err := json.Unmarshal([]byte(`{
		"type": "object", "required": ["language", "count", "issue", "action", "tree", "mixed", "open"],
		"properties": {
			"language": {"type": "string"}, "count": {"type": "integer"}, "hint": {"type": "string"},
			"size": {"type": "integer", "default": 3},
			"action": {"enum": ["opened", "closed"]},
			"issue": {"type": "object", "required": ["labels"], "properties": {
				"labels": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
				"body": {"type": ["string", "null"]}}},
			"tree": {"$ref": "#/$defs/tree"},
			"mixed": {"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"b": {}}}]},
			"open": {"type": "object", "properties": {"x": {}}, "additionalProperties": true}},
		"$defs": {"tree": {"type": "object", "required": ["kids"], "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}}
	}`), &schema); err != nil {
		t.Fatal(err)
	}
	types := Types{
		"payload": FromSchema(schema),
		"steps":   ObjectOf(map[string]Field{"triage": {Type: ObjectOf(map[string]Field{"text": {Type: Of(String)}})}}),
		"item":    Any,
	}
	for _, c := range []struct {
		source string
		want   string // "kind place: text; hint" of each finding, one a line
	}{
		{`payload.language + "x"`, ""},
		{`payload.langauge`, `unknown-name langauge: payload has no property "langauge"; did you mean "language"?`},
		{`payload["langauge"]`, `unknown-name "langauge": payload has no property "langauge"; did you mean "language"?`},
		{`paylod.x`, `unknown-name paylod: "paylod" is not defined here; did you mean "payload"?`},
		{`steps.traige.text`, `unknown-name traige: no step "traige" has run before this one; did you mean "triage"?`},
		{`steps.triage.result`, `unknown-name result: steps.triage has no property "result"; it has text`},
		{`env.HOME`, `env-outside-privileged env: env cannot be read here; environment variables exist only in flue.yaml, commands/, sandboxes/ and the http of tools/`},
		{`payload.count contains "x"`, `type-mismatch payload: contains wants text, and payload.count is a number`},
		{`payload.issue.labels contains "x"`, `type-mismatch payload: contains wants text, and payload.issue.labels is a list; for a list write "x" in payload.issue.labels`},
		{`payload.language == 3`, `type-mismatch ==: payload.language is text and 3 is a number: they are never equal`},
		{`payload.language > 3`, `type-mismatch >: > cannot compare text with a number`},
		{`payload.count + payload.language`, `type-mismatch +: + wants two numbers or two texts, not a number and text; string(x) makes a text`},
		{`payload.count and true`, `type-mismatch count: and wants true or false, and payload.count is a number`},
		{`payload.language.x`, `type-mismatch x: payload.language is text and has no property "x"`},
		{`lower(payload.count)`, `type-mismatch count: lower wants text, and payload.count is a number`},
		{`payload.action == "opend"`, `constant-condition "opend": payload.action is never "opend"; did you mean "opened"?`},
		{`payload.action == "closed"`, ""},
		{`payload.hint`, `optional-without-default hint: payload.hint may be missing; write ?? and a default behind it, or make it required`},
		{`payload.hint ?? "none"`, ""},
		{`payload.hint == nil ? "" : payload.hint`, ""},
		{`payload.hint != nil && payload.hint contains "x"`, ""},
		{`"hint" in payload && payload["hint"] contains "x"`, ""},
		{`payload?.hint`, ""},
		{`payload.size + 1`, ""},
		{`payload.issue.body ?? 1`, ""},
		{`map(payload.issue.labels, .nmae)`, `unknown-name nmae: # has no property "nmae"; did you mean "name"?`},
		{`filter(payload.issue.labels, .name contains "x")[0].name`, ""},
		{`payload.tree.kids[0].kids[1].kidz`, `unknown-name kidz: payload.tree.kids[0].kids[1] has no property "kidz"; did you mean "kids"?`},
		{`payload.mixed.b ?? payload.mixed.a ?? ""`, ""},
		{`payload.open.anything`, ""},
		{`item.anything.at.all[3] + 1`, ""},
		{`let l = payload.language; l + 1`, `type-mismatch +: + wants two numbers or two texts, not text and a number; string(x) makes a text`},
	} {
		tmpl, err := ParseExpr(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		var got []string
		for _, e := range tmpl.Check(types) {
			got = append(got, fmt.Sprintf("%s %s: %v", e.Kind, c.source[e.Offset:e.End], e))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.source, strings.Join(got, "\n"), c.want)
		}
	}

	guard, _ := ParseExpr(`payload.hint != nil && payload.count > 1`)
	use, _ := Parse(`say ${{ payload.hint }}`)
	if found := use.Check(types, guard.Present()...); len(found) > 0 {
		t.Errorf("guarded by another expression: %v", found)
	}
	if len(use.Check(types)) != 1 {
		t.Error("without the guard nothing is found")
	}
	if kind := use.Type(types).Kind; kind != String {
		t.Errorf("a text is %s", kind)
	}
}

func TestFromSchemaOdd(t *testing.T) {
	for _, s := range []any{nil, true, "x", map[string]any{"$ref": "#"}, map[string]any{"$ref": "#/a/0"}, map[string]any{"allOf": []any{1}}} {
		if got := FromSchema(s); got == nil || got.Kind == 0 {
			t.Errorf("%v: %v", s, got)
		}
	}
	// Two schemas that contain themselves: merging them must end.
	node := func(extra string) any {
		return map[string]any{"type": "object", "properties": map[string]any{extra: map[string]any{}, "kids": map[string]any{"type": "array", "items": map[string]any{"$ref": "#/$defs/" + extra}}}}
	}
	both := FromSchema(map[string]any{"oneOf": []any{node("a"), node("b")}, "allOf": []any{node("a"), node("b")}, "$defs": map[string]any{"a": node("a"), "b": node("b")}})
	if both.Fields["kids"].Items == nil {
		t.Error("the items of a schema that contains itself are lost")
	}
	if !slices.Contains(Functions(), "lower") || !slices.Contains(Functions(), "map") {
		t.Error(Functions())
	}
}

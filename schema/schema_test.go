package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func compile(t *testing.T, source string) *Schema {
	t.Helper()
	s, err := Compile(json.RawMessage(source), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func messages(violations []Violation) []string {
	var all []string
	for _, v := range violations {
		all = append(all, v.String())
	}
	return all
}

func TestViolations(t *testing.T) {
	tests := []struct {
		name, schema, value string
		want                []string
	}{
		{"type", `{"properties":{"files":{"items":{"properties":{"line":{"type":"integer"}}}}}}`, `{"files":[{"line":"3"}]}`,
			[]string{"/files/0/line: expected integer, but got string"}},
		{"types", `{"type":["integer","null"]}`, `1.5`, []string{"expected integer or null, but got number"}},
		{"required", `{"required":["a","it's"]}`, `{}`, []string{`missing key "a"`, `missing key "it's"`}},
		{"unknown keys", `{"properties":{"a":{}},"additionalProperties":false}`, `{"b":1,"c/d":2}`,
			[]string{`/b: unknown key "b"`, `/c~1d: unknown key "c/d"`}},
		{"unevaluated", `{"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false}`, `{"b":1}`, []string{`/b: unknown key "b"`}},
		{"enum", `{"enum":["low",3,null]}`, `"hi"`, []string{`expected one of low, 3, null, but got "hi"`}},
		{"const", `{"const":{"a":1}}`, `2`, []string{"expected an object, but got 2"}},
		{"pattern", `{"pattern":"^a+$"}`, `"b"`, []string{`expected text that matches ^a+$, but got "b"`}},
		{"length", `{"minLength":3}`, `"ä"`, []string{"expected at least 3 characters, but got 1"}},
		{"range", `{"minimum":1,"multipleOf":2}`, `-1`, []string{"expected a multiple of 2, but got -1", "expected at least 1, but got -1"}},
		{"items", `{"maxItems":1}`, `[1,2]`, []string{"expected at most 1 items, but got 2"}},
		{"dependent", `{"dependentRequired":{"cwd":["shell"]}}`, `{"cwd":1}`, []string{`/cwd: "cwd" needs "shell" beside it`}},
		{"names", `{"propertyNames":{"pattern":"^a"}}`, `{"b":1}`, []string{`/b: expected text that matches ^a, but got the key "b"`}},
		{"branch of the type", `{"anyOf":[{"type":"string"},{"type":"object","required":["a"]}]}`, `{}`, []string{`missing key "a"`}},
		{"no branch of the type", `{"anyOf":[{"const":true},{"type":"object"}]}`, `"yes"`, []string{`expected true or object, but got "yes"`}},
		{"branch by tag", `{"oneOf":[{"properties":{"k":{"const":"a"},"n":{"type":"integer"},"m":{"type":"integer"}}},
			{"properties":{"k":{"const":"b"},"n":{"type":"string"}}}]}`, `{"k":"a","n":"x","m":"x"}`,
			[]string{"/m: expected integer, but got string", "/n: expected integer, but got string"}},
		{"two branches", `{"oneOf":[{"type":"integer"},{"minimum":1}]}`, `2`, []string{"fits more than one of the alternatives, and should fit one"}},
		{"none of the keys", `{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, []string{"needs one of a, b"}},
		{"both keys", `{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{"a":1,"b":1}`, []string{`has "a" and "b", but only one of a, b can be there`}},
		{"indexes in order", `{"items":{"type":"string"}}`, `[1,"","","","","","","","","",1]`,
			[]string{"/0: expected string, but got integer", "/10: expected string, but got integer"}},
		{"not JSON", `{}`, `{"a":`, []string{"not valid JSON: unexpected EOF"}},
		{"two values", `{}`, `1 2`, []string{"not valid JSON: there is more after the value"}},
		{"huge exponent", `{"type":"integer"}`, `{"a":[1e999999999]}`, []string{"/a/0: the number is out of range"}},
		{"tiny exponent", `{"multipleOf":2}`, `1e-999999999`, []string{"the number is out of range"}},
		{"message of our own", `{"properties":{"a":{"not":{},"errorMessage":"is old"}}}`, `{"a":1}`, []string{"/a: is old"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, messages(compile(t, test.schema).ValidateJSON([]byte(test.value)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAtMostTwentyViolations(t *testing.T) {
	s := compile(t, `{"items":{"type":"string"}}`)
	value := make([]any, 30)
	if n := len(s.Validate(value)); n != maxViolations {
		t.Errorf("%d violations", n)
	}
	if n := len(s.ValidateAll(value)); n != 30 {
		t.Errorf("%d violations in all", n)
	}
}

// The following are traps of the library.

func TestFormatIsChecked(t *testing.T) {
	for _, head := range []string{``, `"$schema":"https://json-schema.org/draft/2020-12/schema",`} {
		if len(compile(t, `{`+head+`"format":"date"}`).Validate("soon")) == 0 {
			t.Errorf("with %q", head)
		}
	}
}

func TestRefsStayInTheProject(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(secret, []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"file://" + filepath.ToSlash(secret), "http://localhost/x", "https://example.com/x.json", "//host/x"} {
		_, err := Compile(map[string]any{"$ref": ref}, func(string) (any, error) { return map[string]any{}, nil })
		var refError *RefError
		if !errors.As(err, &refError) || !refError.Remote {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if _, err := Compile(map[string]any{"$schema": "https://example.com/meta"}, nil); err == nil {
		t.Error("a meta-schema was fetched")
	}
}

func TestNoHostPathInErrors(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{`{"type":3}`, `{"$ref":"#/$defs/x"}`, `{"$ref":"#"}`, `{"pattern":"("}`, `{"$ref":"a.json"}`} {
		_, err := Compile(json.RawMessage(source), nil)
		if err == nil || strings.Contains(err.Error(), dir) || strings.Contains(err.Error(), inline) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestSameOrderEachTime(t *testing.T) {
	s := compile(t, `{"properties":{"a":{"type":"string"},"b":{"type":"string"},"c":{"minimum":3,"multipleOf":2}}}`)
	first := messages(s.ValidateJSON([]byte(`{"a":1,"b":1,"c":1}`)))
	for range 20 {
		if got := messages(s.ValidateJSON([]byte(`{"a":1,"b":1,"c":1}`))); !slices.Equal(got, first) {
			t.Fatalf("%v, then %v", first, got)
		}
	}
}

func TestValuesOfGo(t *testing.T) {
	s := compile(t, `{"properties":{"n":{"type":"integer"},"l":{"items":{"type":"string"}}}}`)
	value := map[string]any{"n": int64(3), "l": []string{"a"}}
	if v := s.Validate(value); len(v) > 0 {
		t.Error(v)
	}
	if v := s.Validate(map[string]any{"n": func() {}}); len(v) != 1 {
		t.Error(v)
	}
}

func TestInvalidSchemas(t *testing.T) {
	for source, want := range map[string]string{
		`{"properties":{"a":{"type":"strin"}}}`: `/properties/a/type: expected one of array, boolean, integer, null, number, object, string, but got "strin"`,
		`{"required":"a"}`:                      "/required: expected array, but got string",
		`{"$ref":"#"}`:                          "refers to itself without end",
		`{"allOf":[{"$ref":"#"}]}`:              "refers to itself without end",
		`{"pattern":"(?=a)"}`:                   `/pattern: expected a regular expression as RE2 has them (no look-around), but got "(?=a)"`,
		`3`:                                     "expected object or boolean, but got number",
	} {
		_, err := Compile(json.RawMessage(source), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", source, err, want)
		}
	}
}

func TestOnePieceOfSeveralFiles(t *testing.T) {
	files := map[string]string{
		"schemas/pair.json":   `{"properties":{"left":{"$ref":"item.json#/$defs/x"},"right":{"$ref":"#/properties/left"}}}`,
		"schemas/item.json":   `{"$schema":"https://json-schema.org/draft/2020-12/schema","$defs":{"x":{"type":"string"},"up":{"$ref":"pair.json"}}}`,
		"schemas/sp ace.json": `{"type":"integer"}`,
	}
	load := func(ref string) (any, error) {
		if files[ref] == "" {
			return nil, fmt.Errorf("no file %s", ref)
		}
		return json.RawMessage(files[ref]), nil
	}
	s, err := Compile(json.RawMessage(`{"z":1,"type":"array","items":{"$ref":"schemas/pair.json"},"maxItems":2,"not":{"const":{"$ref":"x"}}}`), load)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"z":1,"type":"array","items":{"$ref":"#/$defs/schemas.pair.json"},"maxItems":2,"not":{"const":{"$ref":"x"}},"$defs":{` +
		`"schemas.pair.json":{"properties":{"left":{"$ref":"#/$defs/schemas.item.json/$defs/x"},"right":{"$ref":"#/$defs/schemas.pair.json/properties/left"}}},` +
		`"schemas.item.json":{"$defs":{"x":{"type":"string"},"up":{"$ref":"#/$defs/schemas.pair.json"}}}}}`
	if diff := cmp.Diff(want, string(s.JSON())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again := compile(t, string(s.JSON()))
	for _, each := range []*Schema{s, again} {
		if got := messages(each.ValidateJSON([]byte(`[{"right":3}]`))); !slices.Equal(got, []string{"/0/right: expected string, but got integer"}) {
			t.Error(got)
		}
	}
	if _, err := Compile(map[string]any{"$ref": "schemas/sp%20ace.json"}, load); err != nil {
		t.Error(err)
	}
	for _, ref := range []string{"../up.json", "schemas/../../up.json#/x"} {
		var refError *RefError
		if _, err := Compile(map[string]any{"$ref": ref}, load); !errors.As(err, &refError) || !refError.Outside {
			t.Errorf("%s: %v", ref, err)
		}
	}
	var refError *RefError
	if _, err := Compile(map[string]any{"$ref": "schemas/none.json"}, load); !errors.As(err, &refError) || refError.Remote {
		t.Error(err)
	}
}

func TestResultTool(t *testing.T) {
	object := compile(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["a"]}`)
	parameters, unwrap := object.ResultTool()
	if string(parameters) != `{"type":"object","required":["a"]}` {
		t.Errorf("%s", parameters)
	}
	if got := unwrap(json.RawMessage(`{"result":1}`)); string(got) != `{"result":1}` {
		t.Errorf("%s", got)
	}

	list := compile(t, `{"type":"array","items":{"$ref":"#/$defs/x"},"$defs":{"x":{"type":"string"}}}`)
	parameters, unwrap = list.ResultTool()
	wrapped := compile(t, string(parameters))
	if got := messages(wrapped.ValidateJSON([]byte(`{"result":["a",1]}`))); !slices.Equal(got, []string{"/result/1: expected string, but got integer"}) {
		t.Error(got)
	}
	for _, arguments := range []string{`{"result":["a"]}`, `["a"]`} {
		if got := unwrap(json.RawMessage(arguments)); string(got) != `["a"]` {
			t.Errorf("%s: %s", arguments, got)
		}
	}
}

// TestEveryKeyIsDescribed keeps the reference and editors complete.
func TestEveryKeyIsDescribed(t *testing.T) {
	for _, kind := range Kinds() {
		var value any
		if err := json.Unmarshal(For(kind).JSON(), &value); err != nil {
			t.Fatal(err)
		}
		describe(t, kind, value)
	}
}

func describe(t *testing.T, at string, value any) {
	object, _ := value.(map[string]any)
	properties, _ := object["properties"].(map[string]any)
	closed := object["additionalProperties"] == false
	for name, property := range properties {
		if sub, ok := property.(map[string]any); closed && (!ok || sub["description"] == nil) {
			t.Errorf("%s: %s has no description", at, name)
		}
	}
	for key, sub := range object {
		describe(t, at+"/"+key, sub)
	}
	if list, ok := value.([]any); ok {
		for _, item := range list {
			describe(t, at, item)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"type":"object","properties":{"a":{"$ref":"#"}}}`, `{"a":{}}`}, {`{"anyOf":[{"enum":[1]},{"not":{}}]}`, `2`}, {`{"$dynamicRef":"#x"}`, `1`},
		{`{"$id":"http://x/","$ref":"y"}`, `[]`}, {`{"patternProperties":{"(":{}}}`, `{}`}, {`true`, `"'\\\""`}, {`{"unevaluatedProperties":false}`, `{"'":1}`},
		{`{"if":{"const":1},"then":false}`, `1`}, {`{"uniqueItems":true}`, `[1,1]`}, {`{"contains":{"type":"null"},"minContains":2}`, `[null]`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		s, err := Compile(json.RawMessage(source), nil)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without words")
			}
			return
		}
		s.ResultTool()
		for _, v := range s.ValidateJSON([]byte(value)) {
			if v.Message == "" {
				t.Errorf("%+v", v)
			}
		}
	})
}

package expr

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func vars(t testing.TB) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(`{
		"language": "German", "count": 12, "ratio": 0.5, "big": 12345678901234567890, "ok": true, "none": null,
		"issue": {"number": 7, "labels": ["bug", "ui"], "user": {"login": "ann"}},
		"files": [{"name": "a.go", "lines": 3}, {"name": "b.go", "lines": 10}], "html": "<b>&</b>"}`))
	dec.UseNumber()
	var payload any
	if err := dec.Decode(&payload); err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"payload": payload, "index": 0, "item": map[string]string{"k": "v"}, Nonce: "n0nce",
		"trigger": map[string]any{"headers": map[string]string{"x-github-delivery": "d1"}},
		"steps":   map[string]any{"one": map[string]any{"result": map[string]any{"n": 1.0}, "skipped": false}},
	}
}

func TestEval(t *testing.T) {
	for _, c := range []struct {
		source string
		want   any
	}{
		{`payload.language`, "German"},
		{`${{ payload.count }}`, 12},
		{` ${{ payload.count + 1 }} `, 13},
		{`payload.count == 12 && payload.count % 5 == 2`, true},
		{`payload.ratio`, 0.5},
		{`payload.big`, json.Number("12345678901234567890")},
		{`steps.one.result.n == 1`, true},
		{`steps.one.result.n`, 1},
		{`payload.issue.labels[-1]`, "ui"},
		{`"bug" in payload.issue.labels`, true},
		{`payload.missing ?? "x"`, "x"},
		{`payload.issue.milestone.title ?? "none"`, "none"},
		{`payload?.missing`, nil},
		{`payload.missing == nil`, true},
		{`payload.language != nil ? 1 : 2`, 1},
		{`get(payload, "missing", 3)`, 3},
		{`map(payload.files, .name) | join(", ")`, "a.go, b.go"},
		{`filter(payload.files, {#.lines > 5})[0].name`, "b.go"},
		{`sum(payload.files, .lines)`, 13},
		{`sortBy(payload.files, -.lines)[0].name`, "b.go"},
		{`reduce(1..4, #acc + #, 0)`, 10},
		{`count(payload.files, .lines > 1)`, 2},
		{`payload.language | lower() | replace("ger", "nor")`, "norman"},
		{`payload.language contains "Ger" and payload.language matches "^G"`, true},
		{`split("a,b", ",")`, []any{"a", "b"}},
		{`keys(payload.issue)`, []any{"labels", "number", "user"}},
		{`len("äö")`, 2},
		{`toJSON({a: [1]})`, "{\n  \"a\": [\n    1\n  ]\n}"},
		{`fromJSON('{"a": 1}').a + 1`, 2},
		{`{a: {b: 1}}`, map[string]any{"a": map[string]any{"b": 1}}},
		{`trigger.headers["x-github-delivery"]`, "d1"},
		{`item.k + string(index)`, "v0"},
		{`let a = payload.count; a * 2`, 24},
		{`max(1, [5, 2])`, 5},
		{`round(2.5)`, 3},
		{`uniq(concat([1, 2], [2]))`, []any{1, 2}},
		{`payload.none ?? 4`, 4},
	} {
		got, err := Eval(c.source, vars(t))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s = %#v, %v; want %#v", c.source, got, err, c.want)
		}
	}
}

func TestEvalError(t *testing.T) {
	for _, c := range []struct {
		source, place, want string // place is the text that the error points at
	}{
		{`payload.langauge`, "langauge", `payload has no property "langauge"; did you mean "language"?`},
		{`payload.issue.usr.login`, "usr", `payload.issue has no property "usr"; did you mean "user"?`},
		{`"ä" + payload.issue.usr`, "usr", `payload.issue has no property "usr"; did you mean "user"?`},
		{`map(payload.files, .size)`, "size", `# has no property "size"`},
		{`payload.files[2]`, "2", `payload.files has 2 item(s), there is no [2]; use first(), get() or ?? for what may be missing`},
		{`paylod.x`, "paylod", `"paylod" is not defined here; did you mean "payload"?`},
		{`env.HOME`, "env", `env cannot be read here; environment variables exist only in flue.yaml, commands/, sandboxes/ and the http of tools/`},
		{`payload.count contains "1"`, "contains", `contains wants text on both sides, not a number`},
		{`payload.count + "1"`, "+", `+ wants two numbers or two texts, not a number and text (string(x) makes a text)`},
		{`lower(payload.count)`, "lower", `lower wants text, not a number`},
		{`lowre("a")`, "lowre", `there is no function "lowre"; did you mean "lower"?`},
		{`lower()`, "lower", `lower takes 1 argument(s), not 0`},
		{`now()`, "now", `there is no function "now"`},
		{`$env`, "$env", `$env does not exist; write the name itself`},
		{`payload.language.ToUpper()`, "ToUpper", `a value has no methods; call a function: lower(x) or x | lower()`},
		{`payload.count = 1`, "=", `unexpected token Operator("="); write == to compare`},
		{`fromJSON("{")`, "fromJSON", `fromJSON: the text is not JSON: unexpected EOF`},
		{`1..2000000`, "..", `the expression makes more than 1000000 values`},
		{`all(1..1500, all(1..1500, true))`, "", `the expression makes more than 1000000 values`},
		{`let a = 1..900000; all(a, true) and all(a, true)`, "", `the expression goes round more than 1000000 times`},
		{`reduce(1..40, #acc + #acc, "xx")`, "+", `the expression makes more than 64 MiB of text`},
	} {
		_, err := Eval(c.source, vars(t))
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), c.want) {
			t.Errorf("%s: %v; want %s", c.source, err, c.want)
			continue
		}
		if got := c.source[e.Offset:e.End]; c.place != "" && got != c.place {
			t.Errorf("%s: points at %q, want %q", c.source, got, c.place)
		}
	}
}

func TestTemplate(t *testing.T) {
	for _, c := range []struct {
		source string
		want   any // of Value
	}{
		{"plain $text {{ }}", "plain $text {{ }}"},
		{"", ""},
		{"n=${{ payload.count }}", "n=12"},
		{"${{ payload.count }}${{ payload.ok }}", "12true"},
		{"l: ${{ payload.issue.labels }}", `l: ["bug","ui"]`},
		{"${{ payload.html }} ${{ [payload.html] }}", `<b>&</b> ["<b>&</b>"]`},
		{"${{ '${{ payload.count }}' }}.", "${{ payload.count }}."}, // never evaluated again
		{"${{ {a: {b: 1}}}}!", `{"a":{"b":1}}!`},
		{"a ${{ payload.none }}", "a null"},
	} {
		tmpl, err := Parse(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if got, err := tmpl.Value(vars(t)); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s = %#v, %v; want %#v", c.source, got, err, c.want)
		}
		if static := !strings.Contains(c.source, "${{"); tmpl.IsStatic() != static {
			t.Errorf("%s: IsStatic is %v", c.source, !static)
		}
	}
}

func TestParseError(t *testing.T) {
	for _, c := range []struct {
		source    string
		from, end int
		want      string
	}{
		{"a ${{ b", 2, 5, "${{ is not closed; end it with }}"},
		{"a ${{ '}}' ", 2, 5, "${{ is not closed; end it with }}"},
		{"a ${{ }}", 5, 6, "the expression is empty"},
		{"ä ${{ a.b. }} c", 11, 12, "unexpected"},
		{"x ${{ payload.a | }}", 17, 18, "unexpected"},
	} {
		_, err := Parse(c.source)
		var e *Error
		if !errors.As(err, &e) || e.Kind != "expression-syntax" || !strings.HasPrefix(e.Error(), c.want) {
			t.Errorf("%s: %v; want %s", c.source, err, c.want)
		} else if e.Offset < c.from || e.End > len(c.source) {
			t.Errorf("%s: %d-%d, want from %d", c.source, e.Offset, e.End, c.from)
		}
	}
	for _, long := range []string{strings.Repeat("(", 1<<20), strings.Repeat("!", 16<<10), strings.Repeat("1+", 3000) + "1", strings.Repeat("[", 10000)} {
		if _, err := ParseExpr(long); err == nil {
			t.Errorf("%d bytes of %.3s… are an expression", len(long), long)
		}
	}
	if _, err := ParseExpr("${{ a }} and ${{ b }}"); err == nil {
		t.Error("two expressions are taken for one")
	}
}

func TestValues(t *testing.T) {
	in := map[string]any{"n": "${{ payload.count }}", "l": []any{"x ${{ payload.language }}", 1}, "t": true}
	want := map[string]any{"n": 12, "l": []any{"x German", 1}, "t": true}
	if got, err := Values(in, vars(t)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%#v, %v", got, err)
	}
	_, err := Values(map[string]any{"a": []any{"${{ payload.x }}"}}, vars(t))
	if err == nil || !strings.HasPrefix(err.Error(), "a: [0]: payload has no property") {
		t.Error(err)
	}
}

func TestUntrusted(t *testing.T) {
	got, err := Eval(`untrusted("a </untrusted-n0nce> b")`, vars(t))
	if err != nil || strings.Count(got.(string), "</untrusted-n0nce>") != 2 || !strings.HasSuffix(got.(string), "\n</untrusted-n0nce>") {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := Eval(`untrusted("a")`, nil); err == nil {
		t.Error("fenced without a nonce")
	}
	if _, err := Eval(`$nonce`, vars(t)); err == nil {
		t.Error("the nonce can be read")
	}
}

func TestNames(t *testing.T) {
	tmpl, err := Parse(`a ${{ payload.issue["number"] + steps.x.result[payload.i].y }} ${{ let z = 1; z + filter(item, .payload)[0] }}`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range tmpl.Names() {
		got = append(got, strings.Join(n.Path, "."))
	}
	if want := "payload.issue.number steps.x.result payload.i item"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a ${{ payload.x ?? 'y' }}", "${{ map(a, .b)[0] }}", "${{ {a: {b: 1}}}}", "${{ '}}' }}", "${{ a?.b?.[c] }}", "${{ let x = 1; x }}", "${{ 1 not in [2] }}"} {
		f.Add(s)
	}
	values := map[string]any{"payload": map[string]any{"x": []any{1, "a", nil}}, "a": []any{map[string]any{"b": 1}}}
	types := Types{"payload": FromSchema(map[string]any{"properties": map[string]any{"x": map[string]any{"type": "array"}}}), "a": Any}
	f.Fuzz(func(t *testing.T, s string) {
		tmpl, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Offset < 0 || e.End < e.Offset || e.End > len(s) {
				t.Fatalf("%q: %#v", s, err)
			}
			return
		}
		for _, e := range tmpl.Check(types) {
			if e.Offset < 0 || e.End < e.Offset || e.End > len(s) {
				t.Fatalf("%q: %#v", s, e)
			}
		}
		tmpl.Text(values)
		tmpl.Shell(values)
	})
}

package jq

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// run runs program over the texts of in and returns its results, one a line.
func run(in, program string, limit limits.Limits) (string, error) {
	p, err := Compile(program, nil)
	if err != nil {
		return "", err
	}
	b := limits.New(context.Background(), limit)
	defer b.End()
	d := NewDecoder(strings.NewReader(in), b.Work)
	next := func() (any, bool, error) {
		v, err := d.Next()
		if err == io.EOF {
			return nil, false, nil
		}
		return v, err == nil, err
	}
	world := World{
		Env: NewObject("HOME", "/home"), Input: next, Now: func() float64 { return 0 }, Stderr: func(string) {},
		Position: func() (any, int) { return nil, d.Newlines() },
	}
	var out strings.Builder
	for {
		v, ok, err := next()
		if err != nil || !ok {
			return out.String(), err
		}
		err = p.Run(context.Background(), b, world, v, nil, func(v any) error {
			out.WriteString(toJSON(v) + "\n")
			return nil
		})
		if err != nil {
			return out.String(), err
		}
	}
}

var programs = []struct{ in, program, want, err string }{
	{`{"b":1,"a":2}`, `.`, `{"b":1,"a":2}`, ""},
	{`{"b":1,"a":2}`, `{c:.a} + . | del(.b)`, `{"c":2,"a":2}`, ""},
	{`[1.000, 1.0, 100e-2, 100000000000000000001]`, `.`, `[1.000,1.0,1.00,100000000000000000001]`, ""},
	{`[0.5, 12.25, -1.5, 1.50, 00012.5, 12., 123456789012345.5, 123456789.123456789]`, `., map(.+0)`,
		"[0.5,12.25,-1.5,1.50,12.5,12,123456789012345.5,123456789.123456789]\n[0.5,12.25,-1.5,1.5,12.5,12,123456789012345.5,123456789.12345679]", ""},
	{`[{"a":1,"b":"a"},{"a":"b","b":2},{"b":3,"a":4},{"a":5,"a":6,"b":7},{"a":8,"b":9,"c":0},{"a":1}]`, `., map(.b)`,
		`[{"a":1,"b":"a"},{"a":"b","b":2},{"b":3,"a":4},{"a":6,"b":7},{"a":8,"b":9,"c":0},{"a":1}]` + "\n" + `["a",2,3,7,9,null]`, ""},
	{`[1.0, 1e1000, -0]`, `map(.+0)`, `[1,1.7976931348623157e+308,0]`, ""},
	{`1`, `[while(.<4; .+1, error("x"))?], [recurse(if .<3 then .+1, error("x") else empty end)?], try until(.>3; .+1, error("x")) catch .`,
		"[1,2,3]\n[1,2,3]\n4\n\"x\"", ""},
	{`1`, `[limit(4; label $out | recurse(.+1, break $out))], [label $out | recurse(if .<3 then .+1 else break $out end)]`, "[1,2,3,4]\n[1,2,3]", ""},
	{`3`, `[.,1]|until(.[0] < 1; [.[0] - 1, .[1] * .[0]])|.[1]`, `6`, ""},
	{`null`, `[(1,2)+(10,20)], [range(0,1;3,4)], {(("a","b")):(1,2)}`,
		"[11,12,21,22]\n[0,1,2,0,1,2,3,1,2,1,2,3]\n{\"a\":1}\n{\"a\":2}\n{\"b\":1}\n{\"b\":2}", ""},
	{`[[1],[2,3]]`, `[.[][0] |= .+10, (.[1] |= empty)]`, `[[[11],[12,3]],[[1]]]`, ""},
	{`[1,2,3,4,5]`, `(.[] | select(. > 2)) |= empty, del(.[1:3], .[0])`, "[1,2]\n[4,5]", ""},
	{`{"a":[{"b":1},{"b":2}]}`, `[paths], path(..|numbers)`,
		`[["a"],["a",0],["a",0,"b"],["a",1],["a",1,"b"]]` + "\n" + `["a",0,"b"]` + "\n" + `["a",1,"b"]`, ""},
	{`[1,[2]]`, `try (.[0] | .[0]) catch ., .[1][0]?, .[0][0]?`, `"Cannot index number with number"` + "\n2", ""},
	{`null`, `try (try error("x") catch error("y")) catch .`, `"y"`, ""},
	{`null`, `[.[]?, (try error("in") catch "caught") | if . == "caught" then error("out") else . end]`, "", "out"},
	{`null`, `[label $f | 1, break $f, 2], [limit(2; 1, 2, error)], first(range(5;9)), isempty(empty)`, "[1]\n[1,2]\n5\ntrue", ""},
	{`[[1,{"c":2}],{"a":3}]`, `.[] as [$a,{$c}] ?// {$a} | [$a,$c]`, "[1,2]\n[3,null]", ""},
	{`"aXbxc"`, `[match("x";"gi").offset], sub("(?<l>[a-z])";"<\(.l)>"), gsub("x";"-";"i"), [splits("x";"i")], test("(?=b)")`,
		"[1,3]\n\"<a>Xbxc\"\n\"a-b-c\"\n[\"a\",\"b\",\"c\"]\ntrue", ""},
	{`"aB"`, `[gsub("(?<a>.)"; "\(.a|ascii_upcase)", "\(.a|ascii_downcase)", "c")]`, `["AB","ab","cc"]`, ""},
	{`1425599621`, `todate, (gmtime|mktime), strftime("%A %j")`, "\"2015-03-05T23:53:41Z\"\n1425599621\n\"Thursday 064\"", ""},
	{`[1,"a\"b",null,true]`, `@csv, @tsv, @sh "x \(.[1])", @base64 "\(.[1])", @html "\(.[1])", @uri "\(.[1])"`,
		`"1,\"a\"\"b\",,true"` + "\n" + `"1\ta\"b\t\ttrue"` + "\n" + `"x 'a\"b'"` + "\n" + `"YSJi"` + "\n" + `"a&quot;b"` + "\n" + `"a%22b"`, ""},
	{`1 2 3`, `[., input]`, "[1,2]", "No more inputs"},
	{`{} [] "a" nan`, `[., tojson, type]`, `[{},"{}","object"]` + "\n" + `[[],"[]","array"]` + "\n" + `["a","\"a\"","string"]` + "\n" + `[null,"null","number"]`, ""},
	{`null`, `def f(g; $x): [g, $x]; def r: if . < 3 then .+1 | r else . end; f(1,2; 3), (0|r)`, "[1,2,3]\n3", ""},
	{`null`, `env.HOME, $ENV.HOME, $__loc__.line`, "\"/home\"\n\"/home\"\n1", ""},
	{`null`, `foo(1)`, "", "foo/1 is not defined at <top-level>, line 1:\nfoo(1)"},
	{`null`, `. as $x | $y`, "", "$y is not defined at <top-level>, line 1:\n. as $x | $y"},
	{`{"a" 1}`, `.`, "", "Expected separator between values at line 1, column 7"},
	{`[1,2`, `.`, "", "Unfinished JSON term at EOF at line 1, column 4"},
	{`{"a":nope}`, `.`, "", "Invalid literal at line 1, column 10"},
	{`{}`, `"abcdefghijklmnopqrstuvwxyz" + .`, "", `string ("abcdefghij...) and object ({}) cannot be added`},
	{`null`, `def f: f + 1; f`, "", "too deep a recursion"},
	{`null`, `"ab" | until(false; . + .)`, "", "flue: limit live-bytes (1 MiB) exceeded"},
	{`null`, `[range(1e9)]`, "", "flue: limit live-bytes (1 MiB) exceeded"},
	{`null`, `repeat(empty)`, "", "flue: limit work (1000000) exceeded"},
}

func TestPrograms(t *testing.T) {
	for _, c := range programs {
		limit := limits.Limits{Work: 1_000_000}
		if strings.Contains(c.err, "live-bytes") {
			limit.LiveBytes = 1 << 20
		}
		if strings.Contains(c.err, "too deep") {
			limit = limits.Limits{}
		}
		got, err := run(c.in, c.program, limit)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if strings.TrimSuffix(got, "\n") != c.want || text != c.err {
			t.Errorf("%s | %s\n got %s %q\nwant %s %q", c.in, c.program, got, text, c.want, c.err)
		}
	}
}

func FuzzProgram(f *testing.F) {
	for _, c := range programs {
		f.Add(c.in, c.program)
	}
	f.Fuzz(func(t *testing.T, in, program string) {
		run(in, program, limits.Limits{Work: 100_000, LiveBytes: 1 << 20})
	})
}

// TestEvents checks that --stream is what tostream yields.
func TestEvents(t *testing.T) {
	for _, text := range []string{`1`, `[]`, `{"a":[1,{"b":2}],"c":{}}`, `[[[3]],[]]`} {
		v, err := ParseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, e := range Events(v) {
			got.WriteString(toJSON(e) + "\n")
		}
		if want, err := run(text, "tostream", limits.Limits{}); err != nil || got.String() != want {
			t.Errorf("%s:\n got %s\nwant %s %v", text, got.String(), want, err)
		}
	}
}

// BenchmarkObjects reads 2,000 objects and filters them.
func BenchmarkObjects(b *testing.B) {
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, "%c\n"+`{"id":"item-%06d","n":%d,"tags":["a","b"],"ok":true,"f":%d.5}`, "[,"[min(i, 1)], i, i, i%97)
	}
	text.WriteByte(']')
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if out, err := run(text.String(), `[.[] | select(.n % 2 == 0) | {id, n: (.n * 2)}] | length`, limits.Limits{}); out != "1000\n" {
			b.Fatal(out, err)
		}
	}
}

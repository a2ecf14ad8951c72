package jq

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// A writer writes programs, the same for the same seed. It writes what has one value between « and ».
type writer struct {
	r    *rand.Rand
	old  bool // only what jq 1.6 does as later ones: there "try" also catches what happens to the values of its body
	vars []string
}

func (g *writer) pick(list ...string) string { return list[g.r.IntN(len(list))] }

// leaf is a program without parts.
func (g *writer) leaf() string {
	if len(g.vars) > 0 && g.r.IntN(3) == 0 {
		return "«" + g.pick(g.vars...) + "»"
	}
	if !g.old && g.r.IntN(8) == 0 {
		return g.pick(".[]?", "«.a?»", "«reverse»", "«error»")
	}
	return g.pick("«.»", "«.a»", "«.b.c»", "«.[0]»", "«.[-1]»", "«.[1:]»", `«."d"»`, "«1»", "«-2»", "«0.5»", `«"x"»`, "«null»", "«true»", "«false»", "«[]»", "«{}»",
		".[]", "empty", "..", "«.c»", "«[1,2,3]»", `«{"a":1}»`, "«length»", "«type»", "«keys»", "«add»", "«not»", "«tojson»", "«tostring»", "«sort»",
		"«unique»", "«to_entries»", "«floor»", "«min»", "«max»", "«ascii_downcase»", "«explode»", "«any»", "«all»", "«flatten»", "«first»", "«last»",
		"values", "nulls", "numbers", "strings", "scalars", "arrays", "paths", "leaf_paths", "«error(\"e\")»", "«@text»", "«@base64»", "«@csv»", "«@html»")
}

// path is a program that leads to places.
func (g *writer) path(depth int) string {
	if depth == 0 && !g.old && g.r.IntN(4) == 0 {
		return g.pick(".[]?", "«.a?»", "«.[2]?»")
	}
	if depth == 0 {
		return g.pick("«.»", "«.a»", "«.b.c»", "«.[0]»", ".[]", "..", "«.[1:]»", "«.c»")
	}
	kind := g.r.IntN(6)
	if g.old && kind == 3 {
		kind = 0
	}
	switch kind {
	case 0:
		return "(" + g.path(depth-1) + " | " + g.path(depth-1) + ")"
	case 1:
		return "(" + g.path(depth-1) + ", " + g.path(depth-1) + ")"
	case 2:
		return "(" + g.path(depth-1) + " | select(" + g.query(depth-1) + "))"
	case 3:
		return "(" + g.path(depth-1) + " // " + g.path(depth-1) + ")"
	case 4:
		return "(if " + g.query(depth-1) + " then " + g.path(depth-1) + " else " + g.path(depth-1) + " end)"
	}
	return "first(" + g.path(depth-1) + ")"
}

// in writes a program in which $name is a variable.
func (g *writer) in(name string, depth int) string {
	g.vars = append(g.vars, name)
	defer func() { g.vars = g.vars[:len(g.vars)-1] }()
	return g.query(depth)
}

func (g *writer) query(depth int) string {
	if depth == 0 {
		return g.leaf()
	}
	q := func() string { return g.query(depth - 1) }
	kind := g.r.IntN(34)
	if old := kind == 11 || kind == 18 || kind == 19; g.old && old {
		kind = 0
	}
	switch kind {
	case 0, 1, 2, 3:
		return "(" + q() + " | " + q() + ")"
	case 4:
		return "(" + q() + ", " + q() + ")"
	case 5, 6, 7:
		return "(" + q() + " " + g.pick("+", "-", "*", "/", "%") + " " + q() + ")"
	case 8, 9:
		return "(" + q() + " " + g.pick("==", "!=", "<", "<=", ">", ">=") + " " + q() + ")"
	case 10:
		return "(" + q() + g.pick(" and ", " or ") + q() + ")"
	case 11:
		return "(" + q() + " // " + q() + ")"
	case 12, 13:
		return "{a: " + q() + `, "d": ` + q() + "}"
	case 14:
		return "{" + g.pick("a", "c", `"k\(1)": `+q(), "(«\"a\"», \"b\"): "+q()) + "}"
	case 15, 16:
		return "[" + q() + "]"
	case 17:
		return "(if " + q() + " then " + q() + g.pick("", " elif "+q()+" then "+q()) + " else " + q() + " end)"
	case 18:
		return "(try " + q() + g.pick("", " catch "+q()) + ")"
	case 19:
		return "(" + q() + ")?"
	case 20:
		return "((" + q() + ") as $x | " + g.in("$x", depth-1) + ")"
	case 21:
		return "((" + q() + ") as " + g.pick("[$x, $y]", "{a: $x, $b}", `{"a": [$x]}`, `{("a", "b"): $x}`) + " | " + g.in("$x", depth-1) + ")"
	case 22:
		return "(reduce (" + q() + ") as $x ([" + q() + "]; " + g.in("$x", depth-1) + "))"
	case 23:
		return "(foreach (" + q() + ") as $x (" + q() + "; " + g.in("$x", depth-1) + g.pick("", "; "+q()) + "))"
	case 24:
		return "(def f(g; $v): " + g.pick("g", "[g]", "(g | $v)", "($v | g)", "v", "[g, v]", "{a: g, c: $v}", "(if $v then g else 1 end)") + "; f(" + q() + "; " + q() + "))"
	case 25:
		return "(label $out | " + q() + ", break $out, " + q() + ")"
	case 26, 27:
		return g.pick("select", "map", "sort_by", "group_by", "unique_by", "min_by", "max_by", "any", "all", "isempty", "first", "has", "contains",
			"startswith", "ltrimstr", "split", "join", "with_entries", "del", "in", "inside", "test") + "(" + q() + ")"
	case 28:
		return "[limit(" + g.pick("2", "1") + "; " + q() + ")]"
	case 29:
		return "[range(" + g.pick("3", "«0»; 3", "0; 4; 2", q()) + ")]"
	case 30:
		return `"<\(` + q() + `)\(` + q() + `)>"`
	case 31:
		return "(" + g.path(depth-1) + g.pick(" = ", " |= ", " += ", " //= ") + "first(" + q() + ")" + ")"
	case 32:
		return "[path(" + g.path(depth-1) + ")]"
	}
	return "[" + g.path(depth-1) + " | " + q() + "]"
}

// program is one that ends, as no input is large.
func (g *writer) program() string { return g.query(1 + g.r.IntN(4)) }

var generatedInputs = []string{
	`null`, `3`, `"x,y"`, `[]`, `{}`, `[1,2,3]`, `["b","a"]`, `{"a":1,"b":{"c":[2,null]},"d":"t"}`, `[[3,1],[2],[]]`, `[{"a":2,"c":true},{"a":1},{"b":{"c":0},"a":2}]`,
	`{"a":[1,{"a":null}],"c":false}`, `[null,false,0,"",[],{}]`, `{"a":"x","b":{"c":"y"}}`,
}

func evaluate(t *testing.T, program, in string) string {
	t.Helper()
	out, err := run(in, program, limits.Limits{Work: 20_000, LiveBytes: 4 << 20})
	if err != nil {
		out += "error: " + err.Error()
	}
	return out
}

// TestOneAndMany checks that a program means the same when all that has one value is evaluated as what may have many.
func TestOneAndMany(t *testing.T) {
	for seed := range uint64(400) {
		g := &writer{r: rand.New(rand.NewPCG(seed, 1))}
		program := g.program()
		one := strings.NewReplacer("«", "", "»", "").Replace(program)
		many := strings.NewReplacer("«", "(", "»", ", empty)").Replace(program)
		for _, in := range generatedInputs {
			a, b := evaluate(t, one, in), evaluate(t, many, in)
			if strings.Contains(a+b, "error: flue: limit") {
				break
			}
			if a != b {
				t.Errorf("seed %d: %s | %s:\n%s\nand as many:\n%s", seed, in, one, a, b)
				break
			}
		}
	}
}

// TestRealJQ compares generated programs with the jq that is installed, where there is one. Errors are compared as such:
// their words differ between versions.
func TestRealJQ(t *testing.T) {
	real, err := exec.LookPath("jq")
	if err != nil {
		t.Skip("jq is not installed")
	}
	inputs := strings.Join(generatedInputs, "\n")
	for seed := range uint64(100) {
		g := &writer{r: rand.New(rand.NewPCG(seed, 2)), old: true}
		program := strings.NewReplacer("«", "", "»", "").Replace(g.program())
		program = fmt.Sprintf(`try [limit(100; %s)] catch "error"`, program)
		cmd := exec.CommandContext(t.Context(), real, "-c", program)
		cmd.Stdin = strings.NewReader(inputs)
		want, err := cmd.Output()
		if err != nil {
			want = append(want, "error: "+err.Error()...)
		}
		if got := evaluate(t, program, inputs); got != string(want) {
			t.Errorf("seed %d: %s\n got %s\nwant %s", seed, program, got, want)
		}
	}
}

package expr

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Bounds of one expression and of one evaluation.
const (
	maxSource = 16 << 10 // bytes: the parser goes one deeper with each parenthesis
	maxNodes  = 2_000
	maxValues = 1_000_000 // elements of lists and maps that it makes
	maxLoops  = 1_000_000 // rounds of map, filter, …
	maxBytes  = 64 << 20  // text that it makes
)

// program is one compiled expression.
type program struct {
	source string
	offset int // of source in the template's string
	tree   ast.Node
	names  []Name
	code   func() (*vm.Program, error) // compiled when it is first run: lint never runs it
}

// runName is the variable that hands the state of one evaluation to the functions; nobody can write it.
const runName = "\x00run"

// evaluation is the state of one run of a program.
type evaluation struct {
	nonce        string
	loops, bytes int
}

func (e *evaluation) spend(bytes int) error {
	if e.bytes += bytes; e.bytes > maxBytes {
		return fmt.Errorf("the expression makes more than %d MiB of text", maxBytes>>20)
	}
	return nil
}

// parseProgram reads one expression that stands at offset of a string.
func parseProgram(source string, offset int) (*program, error) {
	p := &program{source: source, offset: offset}
	if strings.TrimSpace(source) == "" {
		return nil, &Error{Offset: offset, End: offset + len(source), Kind: "expression-syntax", Text: "the expression is empty"}
	}
	if len(source) > maxSource {
		return nil, p.errorf("the expression is longer than %d KiB", maxSource>>10)
	}
	tree, err := parser.ParseWithConfig(source, newConfig())
	if err != nil {
		return nil, p.syntaxError(err)
	}
	p.tree = tree.Node
	names := collector{program: p}
	names.walk(tree.Node, nil)
	if names.err != nil {
		return nil, names.err
	}
	p.names = names.names

	p.code = sync.OnceValues(p.compile)
	return p, nil
}

// compile makes the code of p. It parses once more, since the checker wants the tree as it was written and the compiler
// as it is to be run.
func (p *program) compile() (*vm.Program, error) {
	config := newConfig()
	tree, err := parser.ParseWithConfig(p.source, config)
	if err != nil {
		return nil, p.syntaxError(err)
	}
	tree.Node = rewrite(tree.Node, false)
	code, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, p.errorf("the expression cannot be compiled: %s", firstLine(err.Error()))
	}
	return code, nil
}

// newConfig is a configuration of its own; its tables are shared and only read.
// newConfig gives each parser a configuration of its own, since the library keeps notes in it; what takes long to make, the
// tables of functions, is shared and never written.
func newConfig() *conf.Config {
	config := *sharedConfig()
	return &config
}

var sharedConfig = sync.OnceValue(func() *conf.Config {
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	config.Optimize = false
	for _, table := range []map[string]*function{functions, internals} {
		for name, f := range table {
			config.Functions[name] = f.builtin(name)
		}
	}
	return config
})

// run evaluates p once.
func (p *program) run(vars map[string]any) (any, error) {
	nonce, _ := vars[Nonce].(string)
	env := map[string]any{runName: &evaluation{nonce: nonce}}
	for _, n := range p.names {
		root := n.Path[0]
		if _, done := env[root]; done {
			continue
		}
		v, ok := vars[root]
		if !ok || root == Nonce {
			return nil, p.unknownRoot(n, slices.Collect(maps.Keys(vars)))
		}
		env[root] = normal(v)
	}
	code, err := p.code()
	if err != nil {
		return nil, err
	}
	machine := vm.VM{MemoryBudget: maxValues}
	v, err := machine.Run(code, env)
	if err != nil {
		return nil, p.runError(err)
	}
	return normal(v), nil
}

// unknownRoot is the error for a name that does not exist where the expression stands.
func (p *program) unknownRoot(n Name, known []string) *Error {
	known = slices.DeleteFunc(known, func(s string) bool { return s == Nonce })
	slices.Sort(known)
	e := &Error{Offset: n.Offset, End: n.Offset + len(n.Path[0]), Kind: "unknown-name", Text: fmt.Sprintf("%q is not defined here", n.Path[0])}
	switch {
	case n.Path[0] == "env":
		e.Kind, e.Text = "env-outside-privileged", "env cannot be read here"
		e.Hint = "environment variables exist only in flue.yaml, commands/, sandboxes/ and the http of tools/"
	case n.Path[0] == "null":
		e.Hint = "write nil"
	default:
		e.Hint = didYouMean(n.Path[0], known)
		if e.Hint == "" && len(known) > 0 {
			e.Hint = "defined are " + strings.Join(known, ", ")
		}
	}
	return e
}

// syntaxError turns the parser's error into ours, at its place.
func (p *program) syntaxError(err error) *Error {
	e := &Error{Offset: p.offset, End: p.offset + len(p.source), Kind: "expression-syntax", Text: firstLine(err.Error())}
	var f *file.Error
	if errors.As(err, &f) {
		e.Offset, e.End = p.span(f.Location)
		e.Text = firstLine(f.Message)
	}
	if strings.Contains(e.Text, "maximum allowed nodes") {
		e.Text = fmt.Sprintf("the expression has more than %d parts", maxNodes)
	}
	if strings.Contains(e.Text, `Operator("=")`) {
		e.Hint = "write == to compare"
	}
	return e
}

// runError turns what went wrong in an evaluation into an *Error at its place.
func (p *program) runError(err error) *Error {
	e := &Error{Offset: p.offset, End: p.offset + len(p.source), Kind: "type-mismatch", Text: firstLine(err.Error())}
	var f *file.Error
	if errors.As(err, &f) {
		e.Offset, e.End = p.span(f.Location)
		e.Text = firstLine(f.Message)
	}
	var missing *missingError
	if errors.As(err, &missing) {
		e.Kind, e.Text, e.Hint = "unknown-name", missing.text, missing.hint
	}
	switch {
	case strings.Contains(e.Text, "memory budget"):
		e.Text = fmt.Sprintf("the expression makes more than %d values", maxValues)
	case strings.Contains(e.Text, "interface conversion"):
		e.Text = "a value has the wrong type here: " + strings.TrimPrefix(e.Text, "interface conversion: ")
	}
	return e
}

// span turns a location in runes of the expression into bytes of the template's string.
func (p *program) span(l file.Location) (from, to int) {
	from = p.offset + runeOffset(p.source, l.From)
	to = p.offset + runeOffset(p.source, l.To)
	return from, max(from, to)
}

func runeOffset(s string, runes int) int {
	at := 0
	for ; runes > 0 && at < len(s); runes-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// normal makes v one of the JSON types, whole numbers being int.
func normal(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int, *evaluation:
		return v
	case float64:
		if i := int(v); float64(i) == v && i > -1<<53 && i < 1<<53 {
			return i
		}
		return v
	case json.Number:
		if i, err := strconv.Atoi(string(v)); err == nil {
			return i
		}
		if f, err := v.Float64(); err == nil && strings.ContainsAny(string(v), ".eE") {
			return normal(f)
		}
		return v
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = normal(e)
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = normal(e)
		}
		return m
	}
	// Anything else (a struct, a []string) is what its JSON is.
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return fmt.Sprint(v)
	}
	return normal(plain)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// predicates are the functions of expr-lang that take a condition or an expression per element.
var predicates = []string{
	"all", "any", "none", "one", "filter", "map", "find", "findIndex", "count", "sum", "groupBy", "sortBy", "reduce",
}

// isFunction says whether name may be called.
func isFunction(name string) bool {
	return functions[name] != nil || slices.Contains(predicates, name)
}

// Functions lists the names that an expression may call.
func Functions() []string {
	return slices.Sorted(slices.Values(append(sortedKeys(functions), predicates...)))
}

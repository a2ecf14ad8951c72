// Package expr is the ${{ }} language of flue's documents: parse, check against schemas, evaluate, quote for a shell.
// Start at Parse and Template; Check is what lint uses, Shell is what keeps values out of a script's syntax.
//
// An expression is one of https://expr-lang.org with flue's own functions (Functions lists them), none of which
// reaches outside or depends on the time. Two things are stricter: a missing name or field is an error and not nil,
// unless ?? or ?. stands by it or it is compared with nil; and numbers are JSON numbers, whole ones being integers.
package expr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Nonce is the key of vars whose value (a string) fences what untrusted() is given.
const Nonce = "$nonce"

// Error is what is wrong with a template, in its text or in its evaluation.
type Error struct {
	Offset, End int    // the place, in bytes of the string that was parsed
	Text        string // what is wrong
	Hint        string // what to do, or ""
	Kind        string // the lint rule: expression-syntax, unknown-name, type-mismatch, …
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Text
	}
	return e.Text + "; " + e.Hint
}

// Template is a string with expressions in it.
type Template struct {
	source string
	parts  []part
}

// part is literal text or an expression.
type part struct {
	text string // literal
	prog *program
}

// Parse reads a string with any number of ${{ }}. The error is an *Error.
func Parse(s string) (*Template, error) {
	t := &Template{source: s}
	for at := 0; at < len(s); {
		open := strings.Index(s[at:], "${{")
		if open < 0 {
			t.parts = append(t.parts, part{text: s[at:]})
			break
		}
		open += at
		if open > at {
			t.parts = append(t.parts, part{text: s[at:open]})
		}
		inner := open + len("${{")
		end := closing(s, inner)
		if end < 0 {
			return nil, &Error{Offset: open, End: inner, Kind: "expression-syntax", Text: "${{ is not closed", Hint: "end it with }}"}
		}
		prog, err := parseProgram(s[inner:end], inner)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, part{prog: prog})
		at = end + len("}}")
	}
	return t, nil
}

// ParseExpr reads one expression, with or without ${{ }} around it: what if, for_each and return hold.
// The error is an *Error.
func ParseExpr(s string) (*Template, error) {
	if strings.HasPrefix(strings.TrimSpace(s), "${{") {
		t, err := Parse(s)
		if err != nil {
			return nil, err
		}
		if prog := t.single(); prog != nil {
			return &Template{source: s, parts: []part{{prog: prog}}}, nil
		}
		return nil, &Error{Offset: 0, End: len(s), Kind: "expression-syntax", Text: "one expression is wanted here, not a text with ${{ }} in it",
			Hint: "write the whole of it as one expression"}
	}
	prog, err := parseProgram(s, 0)
	if err != nil {
		return nil, err
	}
	return &Template{source: s, parts: []part{{prog: prog}}}, nil
}

// closing finds the }} that ends the expression starting at from: not one in a string or of a map.
func closing(s string, from int) int {
	depth := 0
	for i := from; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' && c != '`' {
					i++
				}
			}
		case '{':
			depth++
		case '}':
			if depth > 0 {
				depth--
			} else if strings.HasPrefix(s[i:], "}}") {
				return i
			}
		}
	}
	return -1
}

// IsStatic says that no expression is in t.
func (t *Template) IsStatic() bool {
	for _, p := range t.parts {
		if p.prog != nil {
			return false
		}
	}
	return true
}

// single is the program of a template that is exactly one ${{ }}, white space around it aside.
func (t *Template) single() *program {
	var found *program
	for _, p := range t.parts {
		if p.prog == nil && strings.TrimSpace(p.text) == "" {
			continue
		}
		if p.prog == nil || found != nil {
			return nil
		}
		found = p.prog
	}
	return found
}

// Value evaluates t. Exactly one ${{ }} keeps its type (string, bool, int, float64, nil, []any, map[string]any;
// a number that fits neither stays a json.Number); anything else becomes text.
func (t *Template) Value(vars map[string]any) (any, error) {
	if prog := t.single(); prog != nil {
		return prog.run(vars)
	}
	return t.Text(vars)
}

// Text evaluates t to a string: strings go in as they are, other values as JSON.
func (t *Template) Text(vars map[string]any) (string, error) {
	return t.Fill(vars, func(_, value string, _ []Name) (string, error) { return value, nil })
}

// Fill is Text for a place with a syntax of its own: each value goes in as escape returns it. before is all that stands
// in front of the value, names are those of its expression.
func (t *Template) Fill(vars map[string]any, escape func(before, value string, names []Name) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.prog == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := p.prog.run(vars)
		if err != nil {
			return "", err
		}
		escaped, err := escape(b.String(), text(v), p.prog.names)
		if err != nil {
			return "", err
		}
		b.WriteString(escaped)
	}
	return b.String(), nil
}

// Eval evaluates one expression, with or without ${{ }} around it.
func Eval(source string, vars map[string]any) (any, error) {
	t, err := ParseExpr(source)
	if err != nil {
		return nil, err
	}
	return t.Value(vars)
}

// Values evaluates the templates inside a decoded YAML or JSON value, at any depth. Keys stay as they are.
func Values(v any, vars map[string]any) (any, error) {
	switch v := v.(type) {
	case string:
		t, err := Parse(v)
		if err != nil {
			return nil, err
		}
		return t.Value(vars)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			var err error
			if list[i], err = Values(e, vars); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for _, k := range sortedKeys(v) {
			var err error
			if m[k], err = Values(v[k], vars); err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
		}
		return m, nil
	}
	return v, nil
}

// text is how a value reads inside a text.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return compact(v)
}

// compact is v as JSON on one line, with <, > and & as they are.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

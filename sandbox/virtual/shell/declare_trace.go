package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// traceDecl shows a declaration: arrays are assigned before it, and what export and readonly assign after it.
func (s *shell) traceDecl(name string, args []declArg) {
	words := []string{name}
	var behind []string
	for _, a := range args {
		switch {
		case a.assign == nil:
			words = append(words, quoteTrace(a.word))
			continue
		case a.assign.Array != nil:
			s.trace(a.assign.Name.Value + "=" + s.traceList(a.assign.Array))
			words = append(words, a.assign.Name.Value)
			continue
		}
		left := a.assign.Name.Value
		if a.assign.Index != nil {
			left += "[" + printArith(a.assign.Index) + "]"
		}
		if a.assign.Append {
			left += "+"
		}
		value := a.value
		if value == "" {
			words = append(words, left+"=")
		} else {
			words = append(words, quoteTrace(left+"="+value))
		}
		if name == "export" || name == "readonly" {
			behind = append(behind, left+"="+quoteAssigned(value))
		}
	}
	s.trace(strings.Join(words, " "))
	for _, line := range behind {
		s.trace(line)
	}
}

// traceList shows the values of an array as a declaration assigns them.
func (s *shell) traceList(a *syntax.ArrayExpr) string {
	var words []string
	for _, e := range a.Elems {
		if e.Index != nil {
			words = append(words, "["+quoteSingle(s.subscriptKey(e.Index))+"]="+quoteSingle(s.assignString(e.Value)))
			continue
		}
		for _, w := range s.words([]*syntax.Word{e.Value}) {
			words = append(words, quoteSingle(w))
		}
	}
	return "(" + strings.Join(words, " ") + ")"
}

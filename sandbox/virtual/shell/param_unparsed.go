package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// What ${x~} and ${x~~} are parsed as: the parser does not know these operators.
const (
	toggleFirst = syntax.ParExpOperator(200)
	toggleAll   = syntax.ParExpOperator(201)
)

// unparsed adds an expansion that the parser did not take, if bash does.
func (b *builder) unparsed(text string, q quoteMode) bool {
	end := 2
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	if end < len(text) && text[end] == '[' {
		if closing := bracketClose(text, end); closing > 0 {
			end = closing + 1
		}
	}
	op := text[end:]
	switch {
	case strings.HasPrefix(op, "~"):
		all := strings.HasPrefix(op, "~~")
		p := parseParam(text[:end] + strings.ReplaceAll(op, "~", "^"))
		if p == nil || p.Exp == nil {
			return false
		}
		if p.Exp.Op = toggleFirst; all {
			p.Exp.Op = toggleAll
		}
		b.param(p, q)
		return true
	case strings.HasPrefix(op, "@"): // an unknown transformation of nothing is nothing
		p := parseParam(text[:end] + "-}")
		if p == nil || b.s.fetch(p.Param.Value, p.Index).set {
			return false
		}
		b.value("", q)
		return true
	}
	return false
}

func parseParam(text string) *syntax.ParamExp {
	w := parseWord(text)
	if w == nil || len(w.Parts) != 1 {
		return nil
	}
	p, _ := w.Parts[0].(*syntax.ParamExp)
	return p
}

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
	if strings.HasPrefix(text, "${#") && len(text) > 4 { // $# with an operator: the parser takes the # for the length
		if p := parseParam("${x" + text[3:]); p != nil && p.Exp != nil && p.Param.Value == "x" && (p.Exp.Op != syntax.UpperAll && p.Exp.Op != syntax.UpperFirst &&
			p.Exp.Op != syntax.LowerAll && p.Exp.Op != syntax.LowerFirst) {
			p.Param.Value = "#"
			b.param(p, q)
			return true
		}
		return false
	}
	if strings.HasPrefix(text, "${!") {
		end++
	}
	switch {
	case end < len(text) && strings.IndexByte("@*", text[end]) >= 0:
		end++
	default:
		for end < len(text) && isNameByte(text[end]) {
			end++
		}
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

package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// isPureArith says that an expression has nothing to expand, so that its text is always the same.
func isPureArith(x syntax.ArithmExpr) bool {
	pure := true
	syntax.Walk(x, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.ParamExp:
			pure = pure && n.Short && !n.Dollar.IsValid() && n.Index == nil
		case *syntax.CmdSubst, *syntax.ArithmExp, *syntax.DblQuoted, *syntax.SglQuoted, *syntax.ProcSubst, *syntax.ExtGlob:
			pure = false
		}
		return pure
	})
	return pure
}

// arithText expands an expression to the text that is then evaluated, as bash does it.
func (s *shell) arithText(x syntax.ArithmExpr) string {
	if x == nil {
		return ""
	}
	var b strings.Builder
	s.writeArith(&b, x)
	return b.String()
}

func (s *shell) writeArith(b *strings.Builder, x syntax.ArithmExpr) {
	switch x := x.(type) {
	case *syntax.Word:
		for _, p := range x.Parts {
			s.writeArithPart(b, p)
		}
	case *syntax.ParenArithm:
		b.WriteByte('(')
		s.writeArith(b, x.X)
		b.WriteByte(')')
	case *syntax.UnaryArithm:
		if x.Post {
			s.writeArith(b, x.X)
			b.WriteString(x.Op.String())
			return
		}
		b.WriteString(x.Op.String())
		if u, ok := x.X.(*syntax.UnaryArithm); ok && !u.Post {
			b.WriteByte(' ') // - -x is not --x
		}
		s.writeArith(b, x.X)
	case *syntax.BinaryArithm:
		op := x.Op.String()
		s.writeArith(b, x.X)
		b.WriteString(gap(x.X.End(), x.OpPos))
		b.WriteString(op)
		b.WriteString(gap(x.OpPos, x.Y.Pos())[min(len(op), len(gap(x.OpPos, x.Y.Pos()))):])
		s.writeArith(b, x.Y)
	default:
		s.fatal(2, "arithmetic flags are not supported")
	}
}

// gap is the white space between two positions of a line: it matters in the keys of arrays.
func gap(from, to syntax.Pos) string {
	if n := int(to.Offset()) - int(from.Offset()); n > 0 && n < 100 && from.Line() == to.Line() {
		return strings.Repeat(" ", n)
	}
	return ""
}

func (s *shell) writeArithPart(b *strings.Builder, p syntax.WordPart) {
	switch p := p.(type) {
	case *syntax.Lit:
		b.WriteString(unescape(p.Value, "$`\"\\\n"))
	case *syntax.SglQuoted:
		if p.Dollar {
			text, _ := ansiC(p.Value, false)
			b.WriteString(text)
		} else {
			b.WriteString("'" + p.Value + "'")
		}
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			b.WriteString(s.partString(inner, quoteDouble))
		}
	case *syntax.ParamExp:
		if p.Dollar.IsValid() || p.Index == nil {
			if !p.Dollar.IsValid() {
				b.WriteString(p.Param.Value)
				return
			}
			b.WriteString(s.partString(p, quoteDouble))
			return
		}
		b.WriteString(p.Param.Value + "[")
		if v := s.lookup(s.deref(p.Param.Value)); v != nil && v.attr&assoc != 0 {
			b.WriteString(literalKey + s.subscriptKey(p.Index) + literalKey)
		} else {
			s.writeArith(b, p.Index)
		}
		b.WriteByte(']')
	default:
		b.WriteString(s.partString(p, quoteDouble))
	}
}

// keyText is the key that a subscript given as text means: quotes removed, parameters expanded.
func (s *shell) keyText(sub string) string {
	if key, ok := strings.CutPrefix(sub, literalKey); ok {
		return key
	}
	if !strings.ContainsAny(sub, "$`'\"\\") {
		return sub
	}
	if strings.Contains(sub, "$(") {
		return s.expandQuoted(sub)
	}
	return s.expandText(sub)
}

// expandText expands text as one word, with quote removal.
func (s *shell) expandText(text string) string {
	w := parseWord(disguise.Replace(text))
	if w == nil {
		return text
	}
	b := []byte(s.wordString(w))
	for i, c := range b {
		b[i] = reveal(c)
	}
	return string(b)
}

// subscriptKey is the key that a subscript of the script means.
func (s *shell) subscriptKey(x syntax.ArithmExpr) string {
	if w, ok := x.(*syntax.Word); ok {
		return s.wordString(w)
	}
	text := s.arithText(x)
	if strings.ContainsAny(text, `'`) {
		return s.keyText(text)
	}
	return text
}

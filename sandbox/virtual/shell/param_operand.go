package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// conditional is ${x:-w} and its like.
func (b *builder) conditional(p *syntax.ParamExp, val paramValue, q quoteMode) {
	s := b.s
	op := p.Exp.Op
	present := val.set
	switch op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.ErrorUnsetOrNull, syntax.AssignUnsetOrNull:
		if val.list {
			sep := " "
			if val.star {
				sep = s.joiner(true)
			}
			present = strings.Join(val.vals, sep) != ""
		} else {
			present = present && val.text() != ""
		}
	}
	switch op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if present {
			b.operand(p.Exp.Word, q)
		} else if q != quoteNone && !val.list {
			b.quoted("")
		}
		return
	}
	if present {
		if val.list {
			b.list(val.vals, val.star, q)
		} else {
			b.value(val.text(), q)
		}
		return
	}
	switch op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		b.operand(p.Exp.Word, q)
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		text := s.operandString(p.Exp.Word, q)
		switch {
		case val.name == "" || val.list:
			s.discard("$%s: cannot assign in this way", p.Param.Value)
		case val.sub != "":
			if !s.setElement(val.name, val.sub, text, false) {
				panic(unwind{unwindLine, 1})
			}
		default:
			if !s.setVar(val.name, text) {
				panic(unwind{unwindLine, 1})
			}
			text = s.get(val.name)
		}
		b.value(text, q)
	default:
		text := s.operandString(p.Exp.Word, q)
		if text == "" {
			text = "parameter null or not set"
			if op == syntax.ErrorUnset {
				text = "parameter not set"
			}
		}
		name := p.Param.Value
		if p.Index != nil {
			name += "[" + s.arithText(p.Index) + "]"
		}
		s.fatal(s.fatalStatus(), "%s: %s", name, text)
	}
}

// operand adds the word of an operator, with the quoting that the expansion itself stands in.
func (b *builder) operand(w *syntax.Word, q quoteMode) {
	if w == nil {
		if q != quoteNone {
			b.quoted("")
		}
		return
	}
	if q == quoteNone {
		save := b.litSplit
		b.litSplit = b.split
		b.parts(w.Parts, quoteNone)
		b.litSplit = save
		return
	}
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				b.part(inner, quoteDouble)
			}
		case *syntax.Lit:
			b.quoted(unescape(p.Value, "$`\"\\}"))
		case *syntax.SglQuoted: // no quotes there
			if p.Dollar {
				b.part(p, q)
			} else {
				b.quoted("'" + b.s.expandQuoted(p.Value) + "'")
			}
		default:
			b.part(p, q)
		}
	}
}

func (s *shell) operandString(w *syntax.Word, q quoteMode) string {
	b := builder{s: s}
	b.operand(w, q)
	return string(b.text)
}

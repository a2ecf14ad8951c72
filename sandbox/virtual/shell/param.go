package shell

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// paramValue is what a parameter stands for before its operator.
type paramValue struct {
	vals []string
	set  bool
	list bool // $@, $*, a[@], a[*]
	star bool
	name string // the variable, for := and ?; "" for special parameters
	sub  string // its evaluated subscript
	v    *variable
}

func (p paramValue) text() string {
	if len(p.vals) == 0 {
		return ""
	}
	return p.vals[0]
}

// param adds a parameter expansion.
func (b *builder) param(p *syntax.ParamExp, q quoteMode) {
	s := b.s
	if p.Param == nil || p.Flags != nil || p.NestedParam != nil || p.IsSet || p.Width || len(p.Modifiers) > 0 {
		s.discard("%s: bad substitution", printNode(p))
	}
	name := p.Param.Value
	if text, bad := s.badSubst(name); bad {
		if b.unparsed(text, q) {
			return
		}
		s.discard("%s: bad substitution", text)
	}
	if p.Names != 0 {
		b.list(s.namesWithPrefix(name), p.Names == syntax.NamesPrefix, q)
		return
	}
	var val paramValue
	switch {
	case p.Excl && p.Index != nil && isStarAt(p.Index) != 0 && p.Exp == nil && p.Slice == nil && p.Repl == nil:
		var keys []string
		v := s.lookup(s.deref(name))
		if v != nil {
			keys = v.allKeys(s)
		}
		b.list(keys, isStarAt(p.Index) == '*', q)
		return
	case p.Excl:
		val = s.indirect(p)
	default:
		val = s.fetch(name, p.Index)
	}
	if p.Length {
		b.value(s.paramLength(p, val), q)
		return
	}
	if s.opts&optNounset != 0 && !val.set && !(val.list && (val.name == "" || val.v != nil || name == "@" || name == "*")) && !unsetOK(p) {
		s.unbound(p)
	}
	if p.Exp != nil && len(name) == 1 && strings.IndexByte("?#-$!", name[0]) >= 0 {
		switch p.Exp.Op {
		case syntax.UpperAll, syntax.UpperFirst, syntax.LowerAll, syntax.LowerFirst:
			s.discard("%s: bad substitution", printNode(p))
		}
	}
	if val.list && !b.split && b.colonTilde && joinsAssigned(p, q) {
		val.star = true
	}
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.AlternateUnset, syntax.AlternateUnsetOrNull, syntax.DefaultUnset, syntax.DefaultUnsetOrNull,
			syntax.ErrorUnset, syntax.ErrorUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
			b.conditional(p, val, q)
			return
		case syntax.OtherParamOps:
			b.transform(p, val, q)
			return
		}
		val.vals = s.modify(p.Exp, val.vals)
		if val.list && val.name != "" && q == quoteNone && isRemoval(p.Exp.Op) {
			if ifs, set := s.value("IFS"); set && ifs == "" { // bash makes them one word
				b.value(strings.Join(val.vals, " "), q)
				return
			}
		}
	}
	if p.Slice != nil {
		val.vals = s.slice(p, val)
	}
	if p.Repl != nil {
		val.vals = s.replace(p.Repl, val.vals)
	}
	if val.list {
		b.list(val.vals, val.star, q)
		return
	}
	b.value(val.text(), q)
}

// joinsAssigned says that what an operator makes of each element of $@ is joined as those of $* are where it is assigned.
func joinsAssigned(p *syntax.ParamExp, q quoteMode) bool {
	if p.Exp == nil {
		return q != quoteNone && (p.Slice != nil || p.Repl != nil)
	}
	switch p.Exp.Op {
	case syntax.UpperAll, syntax.UpperFirst, syntax.LowerAll, syntax.LowerFirst, toggleAll, toggleFirst:
		return q != quoteNone
	}
	return isRemoval(p.Exp.Op) || p.Exp.Op == syntax.OtherParamOps
}

func isRemoval(op syntax.ParExpOperator) bool {
	return op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix || op == syntax.RemSmallSuffix || op == syntax.RemLargeSuffix
}

// unsetOK says that the operator deals with an unset parameter itself.
func unsetOK(p *syntax.ParamExp) bool {
	if p.Exp == nil {
		return false
	}
	switch p.Exp.Op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix,
		syntax.UpperAll, syntax.UpperFirst, syntax.LowerAll, syntax.LowerFirst, syntax.OtherParamOps:
		return false
	}
	return true
}

func (s *shell) unbound(p *syntax.ParamExp) {
	name := p.Param.Value
	if p.Index != nil {
		name += "[" + s.arithText(p.Index) + "]"
	}
	if p.Short && !isNameByte(name[0]) || p.Short && isDigit(name[0]) {
		name = "$" + name
	}
	s.fatal(s.fatalStatus(), "%s: unbound variable", name)
}

func (s *shell) paramLength(p *syntax.ParamExp, val paramValue) string {
	if val.list {
		return strconv.Itoa(len(val.vals))
	}
	if s.opts&optNounset != 0 && !val.set {
		s.unbound(p)
	}
	return strconv.Itoa(runeCount(val.text()))
}

// runeCount counts characters; a byte that is no UTF-8 is one.
func runeCount(v string) int {
	for i := 0; i < len(v); i++ {
		if v[i] >= utf8.RuneSelf {
			return utf8.RuneCountInString(v)
		}
	}
	return len(v)
}

// namesWithPrefix is ${!prefix*}.
func (s *shell) namesWithPrefix(prefix string) []string {
	var names []string
	s.visible(func(name string, v *variable) {
		if strings.HasPrefix(name, prefix) && (v.set || v.isArray()) {
			names = append(names, name)
		}
	})
	for name := range dynamicVars {
		if strings.HasPrefix(name, prefix) && s.dynamic(name) != nil && s.stored(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

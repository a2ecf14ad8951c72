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

func isStarAt(x syntax.ArithmExpr) byte {
	if w, ok := x.(*syntax.Word); ok && len(w.Parts) == 1 {
		if l, ok := w.Parts[0].(*syntax.Lit); ok && (l.Value == "@" || l.Value == "*") {
			return l.Value[0]
		}
	}
	return 0
}

// fetch reads a parameter by name and subscript.
func (s *shell) fetch(name string, index syntax.ArithmExpr) paramValue {
	if index == nil {
		if val, ok := s.special(name); ok {
			return val
		}
		v := s.lookup(name)
		if v == nil {
			return paramValue{name: name}
		}
		if v.attr&nameref != 0 {
			target := s.deref(name)
			if target == "" { // a circle
				return paramValue{name: name}
			}
			if target == name { // a nameref without a target
				return paramValue{name: name, v: v}
			}
			return s.fetchText(target)
		}
		text, ok := v.scalar(s)
		return paramValue{vals: []string{text}, set: ok, name: name, v: v}
	}
	name = s.deref(name)
	v := s.lookup(name)
	if c := isStarAt(index); c != 0 {
		val := paramValue{list: true, star: c == '*', name: name, v: v, sub: string(c)}
		if v != nil {
			val.vals = v.all(s)
			val.set = len(val.vals) > 0
		}
		return val
	}
	val := paramValue{name: name, v: v}
	var text string
	switch {
	case v != nil && v.attr&assoc != 0:
		val.sub = s.subscriptKey(index)
		if v.dict != nil {
			text, val.set = v.dict.get(val.sub)
		}
	default:
		i := s.arithIndexExpr(index)
		val.sub = formatInt(i)
		if v != nil {
			if at := s.arrayIndex(name, v, i); at >= 0 {
				text, val.set = v.at(s, at)
			}
		}
	}
	val.vals = []string{text}
	return val
}

// fetchText reads a parameter named by text: the target of ${!x} or a nameref, maybe with a subscript.
func (s *shell) fetchText(ref string) paramValue {
	name, sub, ok := cutSubscript(ref)
	if !ok {
		return s.fetch(ref, nil)
	}
	v := s.lookup(s.deref(name))
	if sub == "@" || sub == "*" {
		val := paramValue{list: true, star: sub == "*", name: name, v: v, sub: sub}
		if v != nil {
			val.vals = v.all(s)
			val.set = len(val.vals) > 0
		}
		return val
	}
	text, set := s.element(name, sub)
	return paramValue{vals: []string{text}, set: set, name: name, v: v, sub: sub}
}

// special reads $1, $@, $#, $? and their like.
func (s *shell) special(name string) (paramValue, bool) {
	one := func(v string) (paramValue, bool) { return paramValue{vals: []string{v}, set: true}, true }
	switch c := name[0]; {
	case c >= '0' && c <= '9':
		n, err := strconv.Atoi(name)
		if err != nil {
			return paramValue{}, true
		}
		if n == 0 {
			return one(s.arg0)
		}
		if n > len(s.params) {
			return paramValue{}, true
		}
		return one(s.params[n-1])
	case c == '_' && len(name) == 1:
		return one(s.lastArg)
	case isNameByte(c):
		return paramValue{}, false
	}
	switch name {
	case "@", "*":
		return paramValue{vals: s.params, list: true, star: name == "*", set: len(s.params) > 0}, true
	case "#":
		return one(strconv.Itoa(len(s.params)))
	case "?":
		return one(strconv.Itoa(s.status))
	case "$":
		return one(strconv.Itoa(s.mainPID()))
	case "!":
		if s.lastJob == 0 {
			return paramValue{}, true
		}
		return one(strconv.Itoa(s.lastJob))
	case "-":
		return one(s.optionLetters())
	}
	return paramValue{}, false
}

// indirect is ${!x}: the parameter that x names.
func (s *shell) indirect(p *syntax.ParamExp) paramValue {
	name := p.Param.Value
	if v := s.stored(name); v != nil && v.attr&nameref != 0 && p.Index == nil {
		return paramValue{vals: []string{s.deref(name)}, set: v.set}
	}
	from := s.fetch(name, p.Index)
	if !from.set {
		if s.opts&optNounset != 0 && !unsetOK(p) {
			s.unbound(p)
		}
		if p.Exp == nil || p.Exp.Op == syntax.OtherParamOps {
			if from.v == nil && from.name != "" {
				s.discard("%s: invalid indirect expansion", name)
			}
		}
		return paramValue{}
	}
	ref := from.text()
	if from.list {
		ref = strings.Join(from.vals, " ")
	}
	base, sub, isElem := cutSubscript(ref)
	if isElem && (sub == "" || strings.TrimSpace(sub) == "") {
		s.discard("%s: bad array subscript", ref)
	}
	if !validName(base) {
		if !validSpecial(ref) {
			s.discard("%s: invalid variable name", ref)
		}
	}
	return s.fetchText(ref)
}

func validSpecial(name string) bool {
	if name == "" {
		return false
	}
	if len(name) == 1 && strings.Contains("@*#?$!-", name) {
		return true
	}
	return strings.Trim(name, "0123456789") == ""
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

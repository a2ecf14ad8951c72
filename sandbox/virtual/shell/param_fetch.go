package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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

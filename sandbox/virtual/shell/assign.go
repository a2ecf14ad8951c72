package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// assign does one assignment of the script in the shell. flags are attributes that declare adds.
func (s *shell) assign(a *syntax.Assign, flags attr) bool {
	if a.Name == nil {
		return true
	}
	name := a.Name.Value
	if a.Array != nil {
		if s.opts&optXtrace != 0 && a.Index == nil {
			op := "="
			if a.Append {
				op = "+="
			}
			s.trace(name + op + printList(a.Array))
		}
		return s.assignArray(name, a, flags)
	}
	value := s.assignString(a.Value)
	if a.Index != nil {
		return s.assignElement(name, a.Index, value, a.Append)
	}
	if s.opts&optXtrace != 0 {
		op := "="
		if a.Append {
			op = "+="
		}
		s.trace(name + op + quoteAssigned(value))
	}
	if a.Append {
		return s.appendVar(name, value)
	}
	s.work(len(value))
	return s.setVar(name, value)
}

func (s *shell) assignElement(name string, index syntax.ArithmExpr, value string, appendTo bool) bool {
	name = s.deref(name)
	if base, _, ok := cutSubscript(name); ok {
		s.warnf("`%s': not a valid identifier", base)
		return false
	}
	if isNoSubscript(index) {
		s.warnf("%s[]: bad array subscript", name)
		return false
	}
	v := s.writable(name)
	if s.opts&optXtrace != 0 {
		op := "="
		if appendTo {
			op = "+="
		}
		s.trace(name + "[" + printArith(index) + "]" + op + quoteAssigned(value))
	}
	if v.attr&assoc != 0 {
		key := s.subscriptKey(index)
		if key == "" {
			s.warnf("%s[%s]: bad array subscript", name, s.arithText(index))
			return false
		}
		return s.setKey(name, v, key, value, appendTo)
	}
	if c := isStarAt(index); c != 0 {
		s.warnf("%s[%c]: bad array subscript", name, c)
		return false
	}
	return s.setIndex(name, v, s.arithIndexExpr(index), value, appendTo)
}

// isNoSubscript finds what repair put into x[]=.
func isNoSubscript(index syntax.ArithmExpr) bool {
	w, isWord := index.(*syntax.Word)
	if !isWord || len(w.Parts) != 1 {
		return false
	}
	q, isQuoted := w.Parts[0].(*syntax.DblQuoted)
	if !isQuoted || len(q.Parts) != 1 {
		return false
	}
	lit, isLit := q.Parts[0].(*syntax.Lit)
	return isLit && lit.Value == noSubscript
}

// appendVar is x+=value.
func (s *shell) appendVar(name, value string) bool {
	target := s.deref(name)
	if base, sub, ok := cutSubscript(target); ok {
		return s.setElement(base, sub, value, true)
	}
	v := s.stored(target)
	if v == nil {
		old, _ := s.value(target)
		return s.setVar(target, old+value)
	}
	old, _ := v.scalar(s)
	if v.attr&integer == 0 {
		s.work(len(old) + len(value))
		s.hold(len(old) + len(value))
		defer s.hold(-len(old) - len(value))
		return s.setVar(target, old+value)
	}
	return s.setVar(target, formatInt(s.arithIndex(old)+s.arithIndex(value)))
}

// assignArray is x=( … ) and x+=( … ).
func (s *shell) assignArray(name string, a *syntax.Assign, flags attr) bool {
	if v := s.stored(name); v != nil && v.attr&nameref != 0 && !v.set {
		s.warnf("warning: %s: removing nameref attribute", name)
		s.writable(name).attr &^= nameref
	}
	name = s.deref(name)
	if a.Index != nil {
		s.warnf("%s[%s]: cannot assign list to array member", name, s.arithText(a.Index))
		return false
	}
	if v := s.stored(name); v != nil && v.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return false
	}
	old := s.stored(name)
	isAssoc := flags&assoc != 0 || old != nil && old.attr&assoc != 0
	// The values are expanded before the old ones go: x=("${x[@]}" more).
	var apply func(v *variable)
	if isAssoc {
		apply = s.assocElems(name, a.Array)
	} else {
		apply = s.indexedElems(name, a.Array)
	}
	v := s.writable(name)
	s.store(v, func() {
		if isAssoc {
			v.attr |= assoc
			if v.dict == nil || !a.Append {
				v.dict = newDict()
			}
		} else {
			if a.Append {
				v.toArray()
			} else {
				v.list = &array{}
			}
			v.str = ""
			v.attr |= indexed
		}
		apply(v)
	})
	if s.opts&optAllexport != 0 {
		v.attr |= exported
	}
	s.assigned(name, "")
	return true
}

func (s *shell) assocElems(name string, a *syntax.ArrayExpr) func(v *variable) {
	type pair struct {
		key, value string
		add        bool
	}
	var pairs []pair
	var bare []string
	byKey := len(a.Elems) > 0 && a.Elems[0].Index != nil
	for _, e := range a.Elems {
		if e.Index == nil && byKey {
			for _, w := range s.words([]*syntax.Word{e.Value}) {
				s.warnf("%s: %s: must use subscript when assigning associative array", name, quoteSingle(w))
			}
			continue
		}
		if e.Index == nil {
			bare = append(bare, s.words([]*syntax.Word{e.Value})...)
			continue
		}
		value, add := strings.CutPrefix(s.assignString(e.Value), appendMark)
		pairs = append(pairs, pair{key: s.subscriptKey(e.Index), value: value, add: add})
	}
	for i := 0; i < len(bare); i += 2 {
		p := pair{key: bare[i]}
		if i+1 < len(bare) {
			p.value = bare[i+1]
		}
		pairs = append(pairs, p)
	}
	return func(v *variable) {
		for _, p := range pairs {
			if p.key == "" {
				s.warnf("%s: bad array subscript", name)
				continue
			}
			if p.add {
				old, _ := v.dict.get(p.key)
				v.dict.set(p.key, s.appended(v.attr, old, p.value))
				continue
			}
			v.dict.set(p.key, s.convert(v.attr, p.value))
		}
	}
}

func (s *shell) indexedElems(name string, a *syntax.ArrayExpr) func(v *variable) {
	type elem struct {
		index  int64
		at     bool
		add    bool
		value  string
		values []string
	}
	elems := make([]elem, 0, len(a.Elems))
	for _, e := range a.Elems {
		if e.Index == nil {
			elems = append(elems, elem{values: s.words([]*syntax.Word{e.Value})})
			continue
		}
		value, add := strings.CutPrefix(s.assignString(e.Value), appendMark)
		elems = append(elems, elem{index: s.arithIndexExpr(e.Index), at: true, add: add, value: value})
	}
	return func(v *variable) {
		next := v.list.end()
		for _, e := range elems {
			if e.at {
				i := s.arrayIndex(name, v, e.index)
				if i < 0 {
					continue
				}
				if old, _ := v.list.get(i); e.add {
					v.list.set(i, s.appended(v.attr, old, e.value))
				} else {
					v.list.set(i, s.convert(v.attr, e.value))
				}
				next = i + 1
				continue
			}
			for _, value := range e.values {
				v.list.set(next, s.convert(v.attr, value))
				next++
			}
		}
	}
}

// arrayText shows an array literal where bash takes it for a string: x=(a b) command.
func (s *shell) arrayText(a *syntax.ArrayExpr) string {
	var words []string
	for _, e := range a.Elems {
		words = append(words, s.wordString(e.Value))
	}
	return "(" + strings.Join(words, " ") + ")"
}

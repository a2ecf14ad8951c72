package shell

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// setVar assigns a scalar (element 0 of an array), following namerefs. It fails, with a message, on a
// readonly variable.
func (s *shell) setVar(name, value string) bool {
	if v := s.lookup(name); v != nil && v.attr&nameref != 0 {
		if !v.set || v.str == "" {
			return s.setRef(name, value)
		}
		name = s.deref(name)
		if name == "" {
			return false
		}
		if base, sub, ok := cutSubscript(name); ok {
			return s.setElement(base, sub, value, false)
		}
	}
	if d := s.dynamic(name); d != nil && s.stored(name) == nil {
		return d.write(s, name, value)
	}
	return s.assignTo(name, s.writable(name), value)
}

// setRef gives a nameref without a target its target.
func (s *shell) setRef(name, target string) bool {
	if base, _, _ := cutSubscript(target); !validName(base) {
		s.warnf("`%s': not a valid identifier", target)
		return false
	}
	v := s.writable(name)
	v.str, v.set = target, true
	return true
}

// assignTo stores a scalar in a variable found for writing.
func (s *shell) assignTo(name string, v *variable, value string) bool {
	if v.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return false
	}
	if v.attr&(integer|lower|upper|capital) != 0 {
		value = s.convert(v.attr, value)
	}
	switch {
	case v.list != nil:
		s.store(v, func() { v.list.set(0, value) })
	case v.dict != nil:
		s.store(v, func() { v.dict.set("0", value) })
	default:
		s.hold(len(value) - len(v.str))
		v.str, v.set = value, true
	}
	if s.opts&optAllexport != 0 {
		v.attr |= exported
	}
	s.assigned(name, value)
	return true
}

// store changes an array and accounts for what it then holds.
func (s *shell) store(v *variable, change func()) {
	before := v.size()
	change()
	v.set = true
	s.hold(v.size() - before)
}

// convert applies -i, -l and -u to a value.
func (s *shell) convert(a attr, value string) string {
	if a&integer != 0 {
		n, err := s.arithTryText(value)
		if err != nil {
			s.arithMistake(err)
			panic(unwind{unwindTop, 1})
		}
		value = strconv.FormatInt(n, 10)
	}
	if a&lower != 0 {
		value = strings.ToLower(value)
	}
	if a&upper != 0 {
		value = strings.ToUpper(value)
	}
	if a&capital != 0 && value != "" {
		_, n := utf8.DecodeRuneInString(value)
		value = strings.ToUpper(value[:n]) + strings.ToLower(value[n:])
	}
	return value
}

// unsetVar removes a variable from the innermost scope that has it.
func (s *shell) unsetVar(name string) bool {
	for sc := s.scope; sc != nil; sc = sc.outer {
		v, ok := sc.find(name)
		if !ok {
			continue
		}
		if v.attr&readonly != 0 {
			s.warnf("unset: %s: cannot unset: readonly variable", name)
			return false
		}
		if _, mine := sc.vars[name]; mine {
			s.hold(-v.size())
		}
		switch {
		case sc.local && sc == s.functionScope() && s.opts&optLocalvarUnset == 0 && !sc.lent[name]:
			sc.put(name, &variable{}) // still local, without a value
		case sc.base != nil:
			sc.put(name, nil)
		default:
			delete(sc.vars, name)
		}
		s.assigned(name, "")
		return true
	}
	if d := s.dynamic(name); d != nil {
		if d.attr&readonly != 0 {
			s.warnf("unset: %s: cannot unset: readonly variable", name)
			return false
		}
		s.forget(name)
	}
	return true
}

package shell

import (
	"strconv"
	"strings"
)

// cutSubscript splits name[sub].
func cutSubscript(ref string) (name, sub string, ok bool) {
	i := strings.IndexByte(ref, '[')
	if i <= 0 || !strings.HasSuffix(ref, "]") || !validName(ref[:i]) {
		return ref, "", false
	}
	return ref[:i], ref[i+1 : len(ref)-1], true
}

// element reads name[sub], where sub is text still to be evaluated.
func (s *shell) element(name, sub string) (string, bool) {
	v := s.lookup(name)
	if v != nil && v.attr&nameref != 0 {
		v = s.lookup(s.deref(name))
	}
	if v == nil {
		return "", false
	}
	if sub == "@" || sub == "*" {
		if list := v.all(s); len(list) > 0 {
			return strings.Join(list, s.joiner(sub == "*")), true
		}
		return "", false
	}
	if v.dict != nil {
		return v.dict.get(s.keyText(sub))
	}
	return v.at(s, s.arrayIndex(name, v, s.arithIndex(s.keyText(sub))))
}

// at reads an element by number; a scalar is an array of one.
func (v *variable) at(s *shell, i int) (string, bool) {
	if v.list != nil {
		return v.list.get(i)
	}
	if i != 0 {
		return "", false
	}
	return v.scalar(s)
}

// arrayIndex turns a subscript into an index: negative ones count from the end.
func (s *shell) arrayIndex(name string, v *variable, i int64) int {
	if i < 0 {
		end := 1
		if v != nil && v.list != nil {
			end = v.list.end()
		} else if v == nil || !v.set {
			end = 0
		}
		if i += int64(end); i < 0 {
			s.warnf("%s: bad array subscript", name)
			return -1
		}
	}
	return int(i)
}

// all returns the values of an array, or of a scalar as an array of one.
func (v *variable) all(s *shell) []string {
	switch {
	case v.list != nil:
		return v.list.values()
	case v.dict != nil:
		return v.dict.valueList()
	}
	if str, ok := v.scalar(s); ok {
		return []string{str}
	}
	return nil
}

// allKeys returns the subscripts of an array.
func (v *variable) allKeys(s *shell) []string {
	switch {
	case v.dict != nil:
		return v.dict.keyList()
	case v.list != nil:
		list := make([]string, 0, v.list.len())
		for _, i := range v.list.indices() {
			list = append(list, strconv.Itoa(i))
		}
		return list
	}
	if _, ok := v.scalar(s); ok {
		return []string{"0"}
	}
	return nil
}

// setElement assigns name[sub], where sub is text still to be evaluated.
func (s *shell) setElement(name, sub, value string, appendTo bool) bool {
	name = s.deref(name)
	v := s.writable(name)
	if v.dict != nil || v.attr&assoc != 0 {
		return s.setKey(name, v, s.keyText(sub), value, appendTo)
	}
	if strings.TrimSpace(sub) == "" {
		s.warnf("%s[%s]: bad array subscript", name, sub)
		return false
	}
	return s.setIndex(name, v, s.arithIndex(s.keyText(sub)), value, appendTo)
}

func (s *shell) setKey(name string, v *variable, key, value string, appendTo bool) bool {
	if v.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return false
	}
	if v.dict == nil {
		v.dict = newDict()
	}
	if appendTo {
		old, _ := v.dict.get(key)
		value = s.appended(v.attr, old, value)
	} else {
		value = s.convert(v.attr, value)
	}
	s.hold(len(value) + len(key))
	v.dict.set(key, value)
	v.set = true
	return true
}

func (s *shell) setIndex(name string, v *variable, index int64, value string, appendTo bool) bool {
	if v.attr&readonly != 0 {
		s.warnf("%s: readonly variable", name)
		return false
	}
	v.toArray()
	i := s.arrayIndex(name+"["+strconv.FormatInt(index, 10)+"]", v, index)
	if i < 0 {
		return false
	}
	if appendTo {
		old, _ := v.list.get(i)
		value = s.appended(v.attr, old, value)
	} else if v.attr&(integer|lower|upper|capital) != 0 {
		value = s.convert(v.attr, value)
	}
	before := v.list.bytes
	v.list.set(i, value)
	s.hold(v.list.bytes - before)
	v.set = true
	return true
}

// appended is old+value, or their sum with -i.
func (s *shell) appended(a attr, old, value string) string {
	if a&integer != 0 {
		return strconv.FormatInt(s.arithIndex(old)+s.arithIndex(value), 10)
	}
	s.work(len(old) + len(value))
	return s.convert(a, old+value)
}

// toArray makes a scalar the first element of an indexed array.
func (v *variable) toArray() {
	if v.list != nil {
		return
	}
	v.list = &array{}
	v.attr |= indexed
	if v.set {
		v.list.set(0, v.str)
		v.str = ""
	}
}

// unsetElement removes name[sub].
func (s *shell) unsetElement(name, sub string) bool {
	name = s.deref(name)
	v := s.lookup(name)
	if v == nil {
		return true
	}
	v = s.writable(name)
	if v.attr&readonly != 0 {
		s.warnf("unset: %s: cannot unset: readonly variable", name)
		return false
	}
	switch {
	case v.dict != nil:
		if sub == "@" || sub == "*" {
			if _, ok := v.dict.get(sub); !ok {
				s.store(v, func() { v.dict = newDict() })
				return true
			}
		}
		key := s.keyText(sub)
		s.store(v, func() { v.dict.unset(key) })
	case sub == "@" || sub == "*":
		return s.unsetVar(name)
	case v.list != nil:
		i := s.arrayIndex("unset: ["+sub+"]", v, s.arithIndex(s.keyText(sub)))
		if i < 0 {
			return false
		}
		s.store(v, func() { v.list.unset(i) })
	default:
		if s.arithIndex(sub) == 0 {
			return s.unsetVar(name)
		}
		s.warnf("unset: %s: not an array variable", name)
		return false
	}
	return true
}

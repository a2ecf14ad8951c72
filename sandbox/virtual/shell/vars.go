package shell

import (
	"sort"
	"strings"
)

// attr is the set of a variable's attributes, as declare's flags give them.
type attr uint16

const (
	exported attr = 1 << iota
	readonly
	integer
	lower
	upper
	nameref
	indexed
	assoc
	traced
	capital // the first letter upper, the others lower
)

// variable is a value with its attributes. One that is declared but has no value is not set.
type variable struct {
	attr attr
	set  bool
	str  string
	list *array // with indexed
	dict *dict  // with assoc
}

func (v *variable) size() int {
	n := len(v.str) + 64
	if v.list != nil {
		n += v.list.bytes
	}
	if v.dict != nil {
		n += v.dict.bytes
	}
	return n
}

func (v *variable) clone() *variable {
	c := *v
	if v.list != nil {
		c.list = v.list.clone()
	}
	if v.dict != nil {
		c.dict = v.dict.clone()
	}
	return &c
}

// isArray says whether the variable is an indexed or associative array.
func (v *variable) isArray() bool { return v.attr&(indexed|assoc) != 0 }

// lookup finds a variable by its own name; namerefs are not followed. One that the shell computes, like
// RANDOM, is made anew: it must not be written.
func (s *shell) lookup(name string) *variable {
	if v := s.stored(name); v != nil {
		return v
	}
	if d := s.dynamic(name); d != nil {
		return d.read(s)
	}
	return nil
}

// stored is lookup without the variables that the shell computes.
func (s *shell) stored(name string) *variable {
	for sc := s.scope; sc != nil; sc = sc.outer {
		if v, ok := sc.find(name); ok {
			return v
		}
	}
	return nil
}

// deref follows namerefs from name; the result may carry a subscript. A cycle gives "".
func (s *shell) deref(name string) string {
	for range 10 {
		v := s.lookup(name)
		if v == nil || v.attr&nameref == 0 || !v.set || v.str == "" {
			return name
		}
		if v.str == name {
			return s.outerRef(name)
		}
		name = v.str
		if strings.HasSuffix(name, "]") {
			return name
		}
	}
	s.warnf("warning: %s: circular name reference", name)
	return ""
}

// outerRef is for a nameref to its own name, which means the variable of that name further out.
func (s *shell) outerRef(name string) string {
	s.warnf("warning: %s: circular name reference", name)
	return ""
}

// value reads a scalar, or element 0 of an array.
func (s *shell) value(name string) (string, bool) {
	v := s.lookup(name)
	if v == nil {
		return "", false
	}
	if v.attr&nameref != 0 {
		target := s.deref(name)
		if base, sub, ok := cutSubscript(target); ok {
			return s.element(base, sub)
		}
		if v = s.lookup(target); v == nil {
			return "", false
		}
	}
	return v.scalar(s)
}

func (v *variable) scalar(s *shell) (string, bool) {
	switch {
	case v.list != nil:
		return v.list.get(0)
	case v.dict != nil:
		return v.dict.get("0")
	}
	return v.str, v.set
}

// get is value without knowing whether it is set.
func (s *shell) get(name string) string {
	v, _ := s.value(name)
	return v
}

func validName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// visible calls f for every variable that a reference would find, sorted by name.
func (s *shell) visible(f func(name string, v *variable)) {
	found := map[string]*variable{}
	for sc := s.scope; sc != nil; sc = sc.outer {
		sc.names(func(name string, v *variable) {
			if _, ok := found[name]; !ok {
				found[name] = v
			}
		})
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		f(name, found[name])
	}
}

// hold takes n bytes of live memory for a value, or gives back with a negative n.
func (s *shell) hold(n int) {
	if n == 0 {
		return
	}
	s.held += n
	if n < 0 {
		s.budget.Release(-n)
	} else if s.budget.Hold(n) != nil {
		s.dead()
	}
}

// work spends n units, and unwinds once the budget has ended.
func (s *shell) work(n int) {
	if s.budget.Work(n) != nil {
		s.dead()
	}
}

package shell

import (
	"sort"
	"strconv"
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

// scope holds the variables of the shell, of a function call, or of a command's temporary assignments.
// A forked shell has scopes of its own whose base is the parent's: it reads through, and copies a
// variable into its own scope before it writes. An entry that is nil hides the base's variable.
type scope struct {
	vars  map[string]*variable
	base  *scope
	outer *scope
	temp  bool              // temporary assignments before a command
	local bool              // of a function call
	lent  map[string]bool   // variables of a function call that came with it: f's x in x=1 f
	saved map[string]uint64 // options saved by `local -`
}

func (sc *scope) find(name string) (*variable, bool) {
	for b := sc; b != nil; b = b.base {
		if v, ok := b.vars[name]; ok {
			return v, v != nil
		}
	}
	return nil, false
}

func (sc *scope) put(name string, v *variable) {
	if sc.vars == nil {
		sc.vars = map[string]*variable{}
	}
	sc.vars[name] = v
}

// names calls f for every variable of the scope itself.
func (sc *scope) names(f func(name string, v *variable)) {
	seen := map[string]bool{}
	for b := sc; b != nil; b = b.base {
		for name, v := range b.vars {
			if !seen[name] {
				seen[name] = true
				if v != nil {
					f(name, v)
				}
			}
		}
	}
}

// forkScope mirrors the chain of scopes for a shell that runs while its parent waits.
func forkScope(sc *scope) *scope {
	if sc == nil {
		return nil
	}
	return &scope{base: sc, outer: forkScope(sc.outer), temp: sc.temp, local: sc.local, lent: sc.lent, saved: sc.saved}
}

// copyScope copies the chain for a shell that runs beside its parent.
func copyScope(sc *scope) *scope {
	if sc == nil {
		return nil
	}
	c := &scope{vars: map[string]*variable{}, outer: copyScope(sc.outer), temp: sc.temp, local: sc.local, lent: sc.lent, saved: sc.saved}
	sc.names(func(name string, v *variable) { c.vars[name] = v.clone() })
	return c
}

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

func (s *shell) globalScope() *scope {
	sc := s.scope
	for sc.outer != nil {
		sc = sc.outer
	}
	return sc
}

// functionScope is the scope of the innermost function call, or nil.
func (s *shell) functionScope() *scope {
	for sc := s.scope; sc != nil; sc = sc.outer {
		if sc.local {
			return sc
		}
	}
	return nil
}

// own returns the scope's variable for writing, copied from the base if need be.
func (s *shell) own(sc *scope, name string) *variable {
	if v, ok := sc.vars[name]; ok {
		return v
	}
	v, ok := sc.find(name)
	if !ok {
		return nil
	}
	v = v.clone()
	s.hold(v.size())
	sc.put(name, v)
	return v
}

// writable finds a variable for writing, or makes it in the global scope.
func (s *shell) writable(name string) *variable {
	for sc := s.scope; sc != nil; sc = sc.outer {
		if v := s.own(sc, name); v != nil {
			return v
		}
	}
	return s.create(s.globalScope(), name)
}

func (s *shell) create(sc *scope, name string) *variable {
	v := &variable{}
	s.hold(64 + len(name))
	sc.put(name, v)
	return v
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
	s.warnf("%s: circular name reference", name)
	return ""
}

// outerRef is for a nameref to its own name, which means the variable of that name further out.
func (s *shell) outerRef(name string) string {
	s.warnf("%s: circular name reference", name)
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

// cutSubscript splits name[sub].
func cutSubscript(ref string) (name, sub string, ok bool) {
	i := strings.IndexByte(ref, '[')
	if i <= 0 || !strings.HasSuffix(ref, "]") || !validName(ref[:i]) {
		return ref, "", false
	}
	return ref[:i], ref[i+1 : len(ref)-1], true
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
	return v.at(s, s.arrayIndex(name, v, s.arith(s.keyText(sub))))
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
	if v.attr&(integer|lower|upper) != 0 {
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
		value = strconv.FormatInt(s.arith(value), 10)
	}
	if a&lower != 0 {
		value = strings.ToLower(value)
	}
	if a&upper != 0 {
		value = strings.ToUpper(value)
	}
	return value
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
	return s.setIndex(name, v, s.arith(s.keyText(sub)), value, appendTo)
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
	} else if v.attr&(integer|lower|upper) != 0 {
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
		return strconv.FormatInt(s.arith(old)+s.arith(value), 10)
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
		i := s.arrayIndex("unset: ["+sub+"]", v, s.arith(s.keyText(sub)))
		if i < 0 {
			return false
		}
		s.store(v, func() { v.list.unset(i) })
	default:
		if s.arith(sub) == 0 {
			return s.unsetVar(name)
		}
		s.warnf("unset: %s: not an array variable", name)
		return false
	}
	return true
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

package shell

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

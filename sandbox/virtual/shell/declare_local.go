package shell

// inScope runs f so that name finds v, also where a local of the same name would hide a global one.
func (s *shell) inScope(v *variable, direct bool, name string, f func() bool) bool {
	if !direct || s.stored(name) == v {
		return f()
	}
	save := s.scope
	s.scope = s.globalScope()
	defer func() { s.scope = save }()
	return f()
}

// localVar makes a variable of the innermost function call; one that came with the call, in its
// environment, keeps its value.
func (s *shell) localVar(name string, inherit bool) *variable {
	fs := s.functionScope()
	if v := s.own(fs, name); v != nil {
		if fs.lent[name] {
			fs.lent = cloneMap(fs.lent)
			delete(fs.lent, name)
		}
		return v
	}
	var from *variable
	for sc := s.scope; sc != nil && from == nil; sc = sc.outer {
		if v, ok := sc.find(name); ok {
			if sc.temp || sc.lent[name] || inherit || s.opts&optLocalvarInherit != 0 {
				from = v
			}
			break
		}
	}
	if old := s.stored(name); old != nil && old.attr&readonly != 0 && fs.outer != nil {
		if v, ok := s.globalScope().find(name); ok && v == old {
			s.warnf("local: %s: readonly variable", name)
			return nil
		}
	}
	v := s.create(fs, name)
	if from != nil {
		*v = *from.clone()
		s.hold(v.size())
	}
	return v
}

func (s *shell) saveLocalOptions() {
	if fs := s.functionScope(); fs != nil && fs.saved == nil {
		fs.saved = map[string]uint64{"": uint64(s.opts)}
	}
}

// restoreLocalOptions undoes the options that a function with `local -` changed.
func (s *shell) restoreLocalOptions(sc *scope) {
	if sc.saved != nil {
		s.opts = s.opts&^optSets | optSet(sc.saved[""])&optSets
	}
}

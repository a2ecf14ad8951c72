package shell

func builtinUnset(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "fvn")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range rest {
		if has(opts, "f") {
			status |= s.unsetFunc(name)
			continue
		}
		if base, sub, isElem := cutSubscript(name); isElem {
			if !s.unsetElement(base, sub) {
				status = 1
			}
			continue
		}
		if !validName(name) {
			if !has(opts, "v") && s.funcs[name] != nil {
				status |= s.unsetFunc(name)
				continue
			}
			if has(opts, "v") { // without -v it may be a function's name, and none is no mistake
				s.warnf("unset: `%s': not a valid identifier", name)
				status = 1
			}
			continue
		}
		if !has(opts, "n") {
			if v := s.stored(name); v != nil && v.attr&nameref != 0 && v.set {
				target := s.deref(name)
				if base, sub, isElem := cutSubscript(target); isElem {
					s.unsetElement(base, sub)
					continue
				}
				name = target
			}
		}
		if s.lookup(name) == nil && !has(opts, "v") && !has(opts, "n") {
			if s.funcs[name] != nil {
				status |= s.unsetFunc(name)
			}
			continue
		}
		if !s.unsetVar(name) {
			status = 1
		}
	}
	return status
}

func (s *shell) unsetFunc(name string) int {
	if fn := s.funcs[name]; fn != nil {
		if fn.readonly {
			s.warnf("unset: %s: cannot unset: readonly function", name)
			return 1
		}
		s.unshare()
		delete(s.funcs, name)
	}
	return 0
}

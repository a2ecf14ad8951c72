package awk

import "slices"

func (s *exprStmt) exec(in *interp) control {
	in.at = s.at
	s.e.eval(in)
	return onward
}

func (s *block) exec(in *interp) control {
	for _, child := range s.list {
		if how := child.exec(in); how != onward {
			return how
		}
	}
	return onward
}

func (s *ifStmt) exec(in *interp) control {
	in.at = s.at
	if s.cond.eval(in).bool() {
		return s.yes.exec(in)
	}
	if s.no != nil {
		return s.no.exec(in)
	}
	return onward
}

// loop runs a body once and says whether the loop goes on.
func (in *interp) loop(body stmt) (how control, more bool) {
	in.work(1)
	switch how = body.exec(in); how {
	case onward, doContinue:
		return onward, true
	case doBreak:
		return onward, false
	}
	return how, false
}

func (s *whileStmt) exec(in *interp) control {
	in.at = s.at
	for s.cond.eval(in).bool() {
		if how, more := in.loop(s.body); !more {
			return how
		}
	}
	return onward
}

func (s *doStmt) exec(in *interp) control {
	in.at = s.at
	for {
		if how, more := in.loop(s.body); !more {
			return how
		}
		if !s.cond.eval(in).bool() {
			return onward
		}
	}
}

func (s *forStmt) exec(in *interp) control {
	in.at = s.at
	if s.init != nil {
		s.init.exec(in)
	}
	for s.cond == nil || s.cond.eval(in).bool() {
		if how, more := in.loop(s.body); !more {
			return how
		}
		if s.step != nil {
			s.step.exec(in)
		}
	}
	return onward
}

func (s *forInStmt) exec(in *interp) control {
	in.at = s.at
	if c := in.cellOf(s.array); c != nil && c.arr == nil && c.kind == unset {
		in.lint("behavior of `for' loop on untyped variable is not defined by POSIX")
	}
	a := s.array.arrayOf(in)
	keys := in.sortedKeys(a)
	in.hold(16 * len(keys))
	defer in.hold(-16 * len(keys))
	for _, key := range keys {
		s.key.assign(in, field(key))
		if how, more := in.loop(s.body); !more {
			return how
		}
	}
	if len(a.cells) != len(keys) {
		in.lint("for loop: array `%s' changed size from %d to %d during loop execution", in.nameOf(s.array), len(keys), len(a.cells))
	}
	return onward
}

func (s *jumpStmt) exec(in *interp) control {
	if (s.to == doNext || s.to == doNextFile) && in.rule != "" {
		in.at = s.at
		in.fatal("`%s' cannot be called from a `%s' rule", map[control]string{doNext: "next", doNextFile: "nextfile"}[s.to], in.rule)
	}
	return s.to
}

func (s *exitStmt) exec(in *interp) control {
	in.at = s.at
	if s.status != nil {
		in.status = int(s.status.eval(in).num()) & 0xff
	}
	return doExit
}

func (s *returnStmt) exec(in *interp) control {
	in.at = s.at
	v := value{}
	if s.v != nil {
		v = s.v.eval(in)
	}
	in.returned = v
	return doReturn
}

func (s *deleteStmt) exec(in *interp) control {
	in.at = s.at
	a := s.array.arrayOf(in)
	if s.subs == nil {
		in.clear(a)
		return onward
	}
	key := in.subscript(s.subs)
	if in.linting.on && a.cells[key] == nil {
		in.lintAlways("delete: index `%s' not in array `%s'", key, in.nameOf(s.array))
	}
	in.remove(a, key)
	return onward
}

func (s *switchStmt) exec(in *interp) control {
	in.at = s.at
	v := s.v.eval(in)
	start := slices.IndexFunc(s.cases, func(c switchCase) bool {
		if c.v == nil {
			return false
		}
		if k, ok := c.v.(*constant); ok && k.v.kind == typed {
			return in.matches(in.dynamic(k.v.s), v.str(in.convfmt))
		}
		if re, ok := c.v.(*regexExpr); ok {
			return in.matches(in.regexOf(re), v.str(in.convfmt))
		}
		order, ordered := in.compare(v, c.v.eval(in))
		return ordered && order == 0
	})
	if start < 0 {
		if start = slices.IndexFunc(s.cases, func(c switchCase) bool { return c.v == nil }); start < 0 {
			return onward
		}
	}
	for _, c := range s.cases[start:] {
		for _, child := range c.body {
			switch how := child.exec(in); how {
			case onward:
			case doBreak:
				return onward
			default:
				return how
			}
		}
	}
	return onward
}

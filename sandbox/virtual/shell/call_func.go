package shell

// callFunc runs a function with its own parameters and local variables.
func (s *shell) callFunc(fn *function, args []string, temp *scope) int {
	s.depth++
	if s.budget.Enter(s.depth) != nil {
		s.dead()
	}
	if limit := s.get("FUNCNEST"); limit != "" && limit != "0" && len(s.frames) >= int(s.arith(limit)) {
		s.depth--
		s.warnf("%s: maximum function nesting level exceeded (%s)", fn.name, limit)
		panic(unwind{unwindLine, 1})
	}
	outer := s.scope
	mine := &scope{local: true, outer: outer}
	if temp != nil { // the call's own variables, until `local` makes them so
		mine.vars, mine.lent = temp.vars, map[string]bool{}
		for name := range temp.vars {
			mine.lent[name] = true
		}
	}
	s.scope = mine
	params, loops, line, offset := s.params, s.loops, s.line, s.lineBase
	getoptPlace := s.getopt
	s.params, s.loops, s.lineBase = args[1:], 0, fn.lineOffset
	s.frames = append(s.frames, frame{name: fn.name, source: fn.source, line: line, fn: true, args: args[1:]})
	hidden := s.hideTraps(fn)
	source := s.source
	if fn.source != "" {
		s.source = fn.source
	}
	defer func() {
		s.source = source
		s.restoreLocalOptions(mine)
		s.dropScope(mine)
		names := mine.vars
		s.scope = outer
		for name := range names {
			s.assigned(name, "")
		}
		s.params, s.loops, s.line, s.lineBase = params, loops, line, offset
		s.getopt = getoptPlace
		s.frames = s.frames[:len(s.frames)-1]
		s.unhideTraps(hidden)
		s.depth--
	}()
	s.step()
	if len(s.traps) > 0 && s.traps[trapDebug] != "" {
		s.line = fn.line
		s.runDebugTrap()
	}
	status := s.stmt(fn.body)
	if s.flow == flowReturn {
		s.flow = flowNone
		status = s.returned
	}
	if s.flow == flowNone {
		s.runReturnTrap()
		s.status = status
	}
	return status
}

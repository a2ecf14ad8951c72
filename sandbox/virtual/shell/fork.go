package shell

// fork makes a subshell. Beside its parent (a job) it gets copies of the variables; while its parent
// waits for it, it reads the parent's and copies what it writes.
func (s *shell) fork(beside bool) *shell {
	c := *s
	c.depth++
	if s.budget.Enter(c.depth) != nil {
		s.dead()
	}
	s.mapsShared, c.mapsShared = true, true
	s.hashedShared, c.hashedShared = true, true
	c.proc = s.newProc(s.proc, nil)
	c.held = 0
	if beside {
		c.scope = copyScope(s.scope)
		n := 0
		for sc := c.scope; sc != nil; sc = sc.outer {
			sc.names(func(name string, v *variable) { n += v.size() })
		}
		c.hold(n)
	} else {
		c.scope = forkScope(s.scope)
	}
	c.fds = make([]*stream, len(s.fds))
	for i, st := range s.fds {
		if st != nil {
			c.fds[i] = st.share()
		}
	}
	c.frames = s.frames[:len(s.frames):len(s.frames)]
	c.dirs = s.dirs[:len(s.dirs):len(s.dirs)]
	c.procSubs, c.jobList, c.substJobs, c.oldJobs = nil, nil, nil, nil
	c.pipeStatus = append([]int(nil), s.pipeStatus...)
	c.subshell++
	c.session = false
	c.arithBy = ""
	c.inheritTraps(s)
	c.random, c.randomState = nil, 0
	return &c
}

// finish runs the EXIT trap, waits for nothing, and gives back what the shell held.
func (s *shell) finish() {
	s.closeFDs()
	s.budget.Release(s.held)
	s.held = 0
	s.world.forgetProc(s.proc)
}

// unshare makes the maps the shell's own before it writes them.
func (s *shell) unshare() {
	if !s.mapsShared {
		return
	}
	s.mapsShared = false
	s.funcs, s.aliases = cloneMap(s.funcs), cloneMap(s.aliases)
	s.undynamic = cloneMap(s.undynamic)
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	c := make(map[K]V, len(m)+1)
	for k, v := range m {
		c[k] = v
	}
	return c
}

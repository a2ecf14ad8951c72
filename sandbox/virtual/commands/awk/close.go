package awk

import "slices"

// lastOpened is the stream of a name that was opened last; nil when none is open.
func (in *interp) lastOpened(name string) *stream {
	var last *stream
	for _, kind := range []byte{toFile, toPipe, fromFile, fromPipe, bothWays} {
		if s := in.streams[target{kind, name}]; s != nil && (last == nil || s.opened > last.opened) {
			last = s
		}
	}
	return last
}

// closeStream is close(name, how), where how is "to", "from" or "": -1 when it is not open, else the status of a command.
func (in *interp) closeStream(name, how string) int {
	s := in.lastOpened(name)
	if s == nil {
		in.lint("close: `%s' is not an open file, pipe or co-process", name)
		in.special[varERRNO] = str("close of redirection that was never opened")
		return -1
	}
	if s.kind == bothWays && how != "" {
		return in.closeHalf(s, how)
	}
	if how != "" {
		in.lint("close: redirection `%s' not opened with `|&', second argument ignored", name)
	}
	delete(in.streams, s.target)
	if s.kind == toPipe {
		in.stdout.Flush()
	}
	return in.finish(s)
}

// closeHalf closes one direction of a coprocess, and all of it once both are closed.
func (in *interp) closeHalf(s *stream, how string) int {
	if how == "to" && s.process.stdin != nil {
		s.process.stdin.closeWriter()
		s.process.stdin = nil
	}
	if how == "from" && s.r != nil {
		s.process.stdout.closeReader()
		s.r.close()
		s.r = nil
	}
	if s.r == nil && s.process.stdin == nil {
		delete(in.streams, s.target)
		return in.finish(s)
	}
	return 0
}

// finish ends a stream, and says the status of its command.
func (in *interp) finish(s *stream) int {
	status := 0
	switch {
	case s.kind == toPipe:
		status = in.runPipe(s)
	case s.kind == toFile && s.w != nil:
		in.writing--
		if s.closeFile() != nil {
			status = -1
		}
	}
	if s.process != nil {
		status = s.process.close()
	}
	if s.r != nil {
		s.r.close()
	}
	return status
}

// closeAll ends everything that is still open, in the order it was opened.
func (in *interp) closeAll() {
	open := make([]*stream, 0, len(in.streams))
	for _, s := range in.streams {
		open = append(open, s)
	}
	slices.SortFunc(open, func(a, b *stream) int { return a.opened - b.opened })
	for _, s := range slices.Backward(open) {
		in.lintOpen(s)
	}
	for _, s := range open {
		delete(in.streams, s.target)
		in.finish(s)
	}
	if in.main != nil {
		in.main.close()
	}
}

// lintOpen warns of a stream that the program has not closed.
func (in *interp) lintOpen(s *stream) {
	what := map[byte]string{toFile: "file", fromFile: "file", toPipe: "pipe", fromPipe: "pipe", bothWays: "co-process"}[s.kind]
	in.lint("no explicit close of %s `%s' provided", what, s.name)
}

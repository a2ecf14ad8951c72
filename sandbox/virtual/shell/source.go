package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// runMain runs a shell's script to its end, with its EXIT trap.
func (s *shell) runMain(text string) int {
	status := s.protect(func() int { return s.runText(text, "") })
	return s.protect(func() int { return s.runExitTrap(status) })
}

// runText reads and runs text a line at a time, so that a mistake in a later line does not stop an earlier
// one. name stands before messages about syntax ("eval"); "" is the shell's own input.
func (s *shell) runText(text, name string) int {
	s.depth++
	s.reading++
	base := s.lineBase
	defer func() { s.depth--; s.reading--; s.lineBase = base }()
	if s.budget.Enter(s.depth) != nil {
		s.dead()
	}
	if ex := prescan(text, s.budget.Limits); ex != nil {
		_ = s.budget.Strike(ex)
		s.dead()
	}
	s.work(len(text))
	r := reader{s: s, rest: text, name: name, text: text, base: s.lineBase}
	for r.more() {
	}
	r.show(strings.Count(text, "\n") + 1)
	return r.status
}

// runInput reads and runs the script on standard input. It reads no further than to the end of a command, because the commands
// may read on from there.
func (s *shell) runInput() int {
	status := 0
	var text strings.Builder
	document := "" // the end of a here-document that is being read
	for {
		line, _, err := s.readRecord(0, readOptions{delim: '\n', raw: true}, s.proc)
		if s.proc.dead() || s.ended.Load() {
			s.dead()
		}
		text.Write(line)
		if err == nil {
			text.WriteByte('\n')
		}
		if s.budget.Work(len(line)+1) != nil {
			s.dead()
		}
		whole := err == nil && int64(text.Len()) <= s.budget.Limits.Script
		if document != "" && strings.TrimLeft(string(line), "\t") != document && whole {
			continue
		}
		chunk := text.String()
		if whole && prescan(chunk, s.budget.Limits) == nil {
			s.work(len(chunk))
			var more bool
			if more, document = unfinished(chunk); more {
				continue
			}
		}
		if chunk != "" {
			status = s.runText(chunk, "")
			s.lineBase += strings.Count(chunk, "\n")
			text.Reset()
		}
		if err != nil || s.flow != flowNone {
			return status
		}
	}
}

// unfinished says whether text goes on in the next line, and which line ends the here-document that it ends in.
func unfinished(text string) (more bool, document string) {
	if strings.HasSuffix(strings.TrimSuffix(text, "\n"), `\`) && Incomplete(strings.TrimSuffix(text, "\n")) {
		return true, ""
	}
	for _, err := range parseStmts(hold(text)) {
		if err != nil {
			if _, end, ok := strings.Cut(err.Error(), "unclosed here-document `"); ok {
				return true, release(strings.TrimSuffix(end, "`"))
			}
			return syntax.IsIncomplete(err), ""
		}
	}
	return false, ""
}

// reader is the reading of one script.
type reader struct {
	s       *shell
	rest    string // what is still to be read
	name    string
	status  int
	repairs int
	text    string         // all of it, as it was before repairs
	base    int            // and the number of lines before it
	shown   int            // lines that set -v has shown, or that came before it
	batch   []*syntax.Stmt // complete commands of one line, not yet run
}

// more parses and runs statements until the text ends, or must be parsed anew from some line on: after an
// alias came, or where the text was repaired. It returns whether there is more to do.
func (r *reader) more() bool {
	s := r.s
	expanded := r.rest
	aliased := s.opts&optExpandAliases != 0 && len(s.aliases) > 0
	if aliased {
		expanded = s.expandAliases(expanded)
	}
	text := hold(expanded)
	gen := s.aliasGen
	done := 0 // where the batch begins
	r.batch = nil
	for st, err := range parseStmts(text) {
		if err == nil {
			err = notInBash(st)
		}
		if err != nil {
			return r.mistake(text, done, err)
		}
		if n := len(r.batch); n > 0 && st.Pos().Line() > r.batch[n-1].End().Line() {
			if !r.run(text) {
				return false
			}
			done = lineStart(text, int(st.Pos().Offset()))
			if s.aliasGen != gen {
				if aliased { // lines of the text and of what aliases made of it are the same ones
					r.skipLines(strings.Count(text[:done], "\n"))
				} else {
					s.lineBase += strings.Count(text[:done], "\n")
					r.rest = release(text[done:])
				}
				return true
			}
		}
		r.batch = append(r.batch, st)
	}
	if len(r.batch) > 0 {
		r.run(text)
	} else if expanded == r.rest && r.status == 0 && done == 0 {
		s.status = 0
	}
	return false
}

// show is set -v: it prints the lines that were read, up to the nth of the text.
func (r *reader) show(n int) {
	if r.s.opts&optVerbose == 0 {
		r.shown = n
		return
	}
	lines := strings.SplitAfter(r.text, "\n")
	for ; r.shown < min(n, len(lines)); r.shown++ {
		if line := lines[r.shown]; line != "" {
			r.s.errText(strings.TrimSuffix(line, "\n") + "\n")
		}
	}
}

func (r *reader) skipLines(n int) {
	for ; n > 0; n-- {
		_, r.rest, _ = strings.Cut(r.rest, "\n")
		r.s.lineBase++
	}
}

func lineStart(text string, offset int) int {
	return strings.LastIndexByte(text[:min(offset, len(text))], '\n') + 1
}

// run runs the batch, which is read from text; it returns whether the script goes on.
func (r *reader) run(text string) bool {
	batch := r.batch
	r.batch = nil
	r.show(int(batch[len(batch)-1].End().Line()) + r.s.lineBase - r.base)
	if r.s.opts&optHistory != 0 && r.s.inTrap == 0 && r.name == "" {
		from, to := lineStart(text, int(batch[0].Pos().Offset())), int(batch[len(batch)-1].End().Offset())
		line, _, _ := strings.Cut(text[to:], "\n")
		r.s.addHistory(release(text[from:to] + line))
	}
	r.status = r.s.runLine(batch)
	return r.s.flow == flowNone
}

// runLine runs the commands of a line. An expansion that fails ends them, and no more.
func (s *shell) runLine(batch []*syntax.Stmt) (status int) {
	noErrexit, loops := s.noErrexit, s.loops
	s.lines++
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unwind:
			switch {
			case r.kind == unwindLine, r.kind == unwindTop && s.reading == 1, r.kind == unwindShell && s.session && s.reading == 1:
			default:
				panic(r)
			}
			s.noErrexit, s.loops, s.arithBy = noErrexit, loops, ""
			if status = r.status; s.opts&optPosix != 0 {
				status = s.fatalStatus()
			}
			s.status = status
			s.pipeStatus = append(s.pipeStatus[:0], status)
			if s.opts&optErrexit != 0 && noErrexit == 0 || s.opts&optPosix != 0 || r.kind == unwindTop && s.commandString || s.subshell > 0 {
				s.flow = flowExit
			}
		default:
			panic(r)
		}
	}()
	return s.stmts(batch)
}

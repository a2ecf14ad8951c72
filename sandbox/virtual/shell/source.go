package shell

import (
	"errors"
	"fmt"
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
	base := s.lineBase
	defer func() { s.depth--; s.lineBase = base }()
	if s.budget.Enter(s.depth) != nil {
		s.dead()
	}
	if ex := prescan(text, s.budget.Limits); ex != nil {
		_ = s.budget.Strike(ex)
		s.dead()
	}
	s.work(len(text))
	r := reader{s: s, rest: text, name: name}
	for r.more() {
	}
	return r.status
}

// reader is the reading of one script.
type reader struct {
	s       *shell
	rest    string // what is still to be read
	name    string
	status  int
	repairs int
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
		if err != nil {
			return r.mistake(text, done, err)
		}
		if n := len(r.batch); n > 0 && st.Pos().Line() > r.batch[n-1].End().Line() {
			if !r.run() {
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
		r.run()
	} else if expanded == r.rest && r.status == 0 && done == 0 {
		s.status = 0
	}
	return false
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

// run runs the batch; it returns whether the script goes on.
func (r *reader) run() bool {
	batch := r.batch
	r.batch = nil
	r.status = r.s.runLine(batch)
	return r.s.flow == flowNone
}

// runLine runs the commands of a line. An expansion that fails ends them, and no more.
func (s *shell) runLine(batch []*syntax.Stmt) (status int) {
	noErrexit, loops := s.noErrexit, s.loops
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unwind:
			if r.kind != unwindLine {
				panic(r)
			}
			s.noErrexit, s.loops = noErrexit, loops
			s.status, status = r.status, r.status
			s.pipeStatus = append(s.pipeStatus[:0], r.status)
			if s.opts&optErrexit != 0 && noErrexit == 0 || s.opts&optPosix != 0 {
				s.flow = flowExit
			}
		default:
			panic(r)
		}
	}()
	return s.stmts(batch)
}

// mistake deals with text that does not parse: repaired where the parser is stricter than bash, else
// reported once the lines before it have run.
func (r *reader) mistake(text string, done int, err error) bool {
	s := r.s
	var pe syntax.ParseError
	if !errors.As(err, &pe) {
		var le syntax.LangError
		if errors.As(err, &le) {
			pe = syntax.ParseError{Pos: le.Pos, Text: le.Error()}
		} else {
			pe = syntax.ParseError{Text: err.Error()}
		}
	}
	at := int(pe.Pos.Offset())
	if r.repairs < 200 {
		if fixed, ok := s.repair(text, done, at, pe.Text); ok {
			r.repairs++
			s.lineBase += strings.Count(text[:done], "\n")
			r.rest = release(fixed[done:])
			return true
		}
	}
	if n := len(r.batch); n > 0 && pe.Pos.Line() > r.batch[n-1].End().Line() {
		if !r.run() {
			return false
		}
	}
	s.line = int(pe.Pos.Line()) + s.lineBase
	r.status = 2
	s.status = 2
	r.report(text, at, pe)
	if r.name == "" && s.inTrap == 0 && !s.session {
		s.flow = flowExit
	}
	return false
}

// report words a mistake as bash does.
func (r *reader) report(text string, at int, pe syntax.ParseError) {
	s := r.s
	where := s.where()
	if r.name != "" {
		where = strings.TrimSuffix(s.where(), fmt.Sprintf("line %d: ", s.line)) + r.name + ": " + fmt.Sprintf("line %d: ", s.line)
	}
	if r.name == "" && s.commandString {
		where = s.arg0 + ": -c: " + strings.TrimPrefix(where, s.arg0+": ")
	}
	if pe.Incomplete || at >= len(text) {
		if i := strings.Index(pe.Text, "closing quote `"); i >= 0 {
			s.errln(where + "unexpected EOF while looking for matching `" + pe.Text[i+len("closing quote `"):len(pe.Text)-1] + "'")
			return
		}
		if matching := unclosed(pe.Text); matching != "" {
			s.errln(where + "unexpected EOF while looking for matching `" + matching + "'")
			return
		}
		if strings.Contains(pe.Text, "must be followed by a word") || strings.Contains(pe.Text, "must be followed by a name") {
			s.errln(where + "syntax error near unexpected token `newline'")
			line, _, _ := strings.Cut(text[lineStart(text, at):], "\n")
			s.errln(where + "`" + release(line) + "'")
			return
		}
		// The end is on the line behind the last one.
		behind := strings.Count(strings.TrimSuffix(text, "\n"), "\n") + s.lineBase + 2
		where = strings.TrimSuffix(where, fmt.Sprintf("line %d: ", s.line)) + fmt.Sprintf("line %d: ", behind)
		s.errln(where + "syntax error: unexpected end of file")
		return
	}
	if strings.Contains(pe.Text, "parameter expansion") || strings.Contains(pe.Text, "invalid parameter name") {
		s.errln(where + "bad substitution")
		return
	}
	token := tokenAt(text, at)
	s.errln(where + "syntax error near unexpected token `" + release(token) + "'")
	line := text[lineStart(text, at):]
	line, _, _ = strings.Cut(line, "\n")
	s.errln(where + "`" + release(line) + "'")
}

// unclosed is what would have closed the expansion that the parser found open at the end; "" if it was none.
func unclosed(mistake string) string {
	switch {
	case strings.Contains(mistake, "without matching `$(`"):
		return ")"
	case strings.Contains(mistake, "without matching `${`"):
		return "}"
	case strings.Contains(mistake, "without matching `$((`"):
		return ")"
	case strings.Contains(mistake, "closing quote \"`\""):
		return "`"
	}
	return ""
}

// tokenAt is the token at an offset, for a message.
func tokenAt(text string, at int) string {
	rest := strings.TrimLeft(text[at:], " \t")
	if rest == "" || rest[0] == '\n' {
		return "newline"
	}
	for _, op := range []string{"<<<", "&&", "||", ";;", "((", "<<", ">>", "<(", ">(", "|&", "&>"} {
		if strings.HasPrefix(rest, op) {
			return op
		}
	}
	if strings.IndexByte("|&;()<>", rest[0]) >= 0 {
		return rest[:1]
	}
	if i := strings.IndexAny(rest, " \t\n|&;()<>"); i > 0 {
		return rest[:i]
	}
	return rest
}

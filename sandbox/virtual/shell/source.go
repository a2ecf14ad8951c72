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
	text := r.rest
	aliased := s.opts&optExpandAliases != 0 && len(s.aliases) > 0
	if aliased {
		text = s.expandAliases(text)
	}
	gen := s.aliasGen
	done := 0 // where the batch begins
	r.batch = nil
	stopped, again := false, false
	stop := func(more bool) bool {
		stopped, again = true, more
		return false
	}
	// Called as a function: the parser may call back once more after it was told to stop.
	syntax.NewParser().StmtsSeq(strings.NewReader(text))(func(st *syntax.Stmt, err error) bool {
		if stopped {
			return false
		}
		if err != nil {
			return stop(r.mistake(text, done, err))
		}
		if n := len(r.batch); n > 0 && st.Pos().Line() > r.batch[n-1].End().Line() {
			if !r.run() {
				return stop(false)
			}
			done = lineStart(text, int(st.Pos().Offset()))
			if s.aliasGen != gen {
				if aliased { // lines of the text and of what aliases made of it are the same ones
					r.skipLines(strings.Count(text[:done], "\n"))
				} else {
					s.lineBase += strings.Count(text[:done], "\n")
					r.rest = text[done:]
				}
				return stop(true)
			}
		}
		r.batch = append(r.batch, st)
		return true
	})
	if stopped {
		return again
	}
	if len(r.batch) > 0 {
		r.run()
	} else if text == r.rest && r.status == 0 && done == 0 {
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
			r.rest = fixed[done:]
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
	if r.name == "" && s.inTrap == 0 {
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
	if pe.Incomplete || at >= len(text) {
		if i := strings.Index(pe.Text, "closing quote `"); i >= 0 {
			s.errln(where + "unexpected EOF while looking for matching `" + pe.Text[i+len("closing quote `"):len(pe.Text)-1] + "'")
			return
		}
		s.errln(where + "syntax error: unexpected end of file")
		return
	}
	if strings.Contains(pe.Text, "parameter expansion") || strings.Contains(pe.Text, "invalid parameter name") {
		s.errln(where + "bad substitution")
		return
	}
	token := tokenAt(text, at)
	s.errln(where + "syntax error near unexpected token `" + token + "'")
	line := text[lineStart(text, at):]
	line, _, _ = strings.Cut(line, "\n")
	s.errln(where + "`" + line + "'")
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

// repair rewrites what bash reads and the parser does not, at the mistake it found: arithmetic and
// subscripts that only make sense once expanded are put in double quotes, in which they are expanded and
// then evaluated as text; (( that begins two subshells gets a space.
func (s *shell) repair(text string, from, at int, what string) (string, bool) {
	if strings.Contains(what, "invalid var name") { // export A-B=c is a mistake of export's
		end := at + len(tokenAt(text, at))
		return text[:at] + `"` + text[at:end] + `"` + text[end:], text[at] != '"'
	}
	if strings.Contains(what, "parameter") || strings.Contains(what, "@ expansion operator") {
		return s.repairExpansion(text, from, at)
	}
	at = min(at+2, len(text))
	paren := strings.LastIndex(text[from:at], "((")
	brack := lastSubscript(text[from:min(at+1, len(text))])
	if paren >= 0 && brack > paren {
		if end := closingParen(text, from+paren); end >= at {
			brack = -1 // the subscript is part of an expression
		}
	}
	if paren < 0 && brack < 0 {
		return "", false
	}
	if paren >= brack {
		open := from + paren
		for open > from && text[open-1] == '(' {
			open--
		}
		end := closingParen(text, open)
		if end < 0 {
			return "", false
		}
		inner := closingParen(text, open+1)
		if inner != end-1 {
			return text[:open+1] + " " + text[open+1:], true
		}
		content := text[open+2 : inner]
		if strings.HasPrefix(content, `"`) && strings.HasSuffix(content, `"`) {
			return "", false
		}
		if i := strings.Count(content, ";"); i == 2 && strings.HasSuffix(strings.TrimRight(text[:open], " "), "for") {
			parts := strings.Split(content, ";")
			for i, p := range parts {
				if strings.TrimSpace(p) != "" {
					parts[i] = `"` + strings.ReplaceAll(p, `"`, `\"`) + `"`
				}
			}
			return text[:open+2] + strings.Join(parts, ";") + text[inner:], true
		}
		return text[:open+2] + `"` + strings.ReplaceAll(content, `"`, `\"`) + `"` + text[inner:], true
	}
	open := from + brack
	end := bracketClose(text, open)
	if end < 0 {
		return "", false
	}
	content := text[open+1 : end]
	if content == "" || strings.HasPrefix(content, `"`) || strings.Contains(content, `"`) {
		return "", false
	}
	return text[:open+1] + `"` + content + `"` + text[end:], true
}

// badName begins the names that stand for expansions which do not parse: bash finds that out when it
// expands them.
const badName = "__bad_substitution_"

func (s *shell) repairExpansion(text string, from, at int) (string, bool) {
	open := strings.LastIndex(text[from:min(at+2, len(text))], "${")
	if open < 0 {
		return "", false
	}
	open += from
	end, depth := -1, 0
	for i := open; i < len(text) && end < 0; i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				end = i
			}
		}
	}
	if end < 0 {
		return "", false
	}
	w := s.world
	w.arithMu.Lock()
	defer w.arithMu.Unlock()
	if w.bad == nil {
		w.bad = map[string]string{}
	}
	name := badName + formatInt(int64(len(w.bad)))
	w.bad[name] = text[open : end+1]
	return text[:open] + "${" + name + "}" + text[end+1:], true
}

func (s *shell) badSubst(name string) (string, bool) {
	if !strings.HasPrefix(name, badName) {
		return "", false
	}
	s.world.arithMu.Lock()
	defer s.world.arithMu.Unlock()
	text, ok := s.world.bad[name]
	return text, ok
}

// lastSubscript finds the last [ that begins a subscript: after a name, or in an array literal.
func lastSubscript(text string) int {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == '[' && (isNameByte(text[i-1]) || text[i-1] == '(' || text[i-1] == ' ' || text[i-1] == '\n') {
			return i
		}
	}
	return -1
}

func closingParen(text string, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '\'':
			if end := strings.IndexByte(text[i+1:], '\''); end >= 0 {
				i += end + 1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func bracketClose(text string, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '\n':
			return -1
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

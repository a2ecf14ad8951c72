package shell

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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
		if !r.run(text) {
			return false
		}
	}
	s.line = int(pe.Pos.Line()) + s.lineBase
	r.status = 2
	s.status = 2
	if strings.Contains(pe.Text, "array element values must be words") { // which ends the line, and no more
		r.report(text, at, pe)
		r.status, s.status = 1, 1
		_, behind, more := strings.Cut(text[at:], "\n")
		s.lineBase += strings.Count(text[:len(text)-len(behind)], "\n")
		r.rest = release(behind)
		return more
	}
	r.report(text, at, pe)
	if r.name == "" && s.inTrap == 0 && !s.session {
		s.flow = flowExit
	}
	return false
}

// notInBash is the mistake in what the parser takes and bash does not: f() command, and keywords that begin nothing.
func notInBash(st *syntax.Stmt) error {
	if c, isCall := st.Cmd.(*syntax.CallExpr); isCall && len(c.Args) > 0 && len(c.Assigns) == 0 {
		if word := c.Args[0].Lit(); word == "in" || word == "else" {
			return syntax.ParseError{Pos: c.Pos(), Text: word + " begins no command"}
		}
		return nil
	}
	if block, isBlock := st.Cmd.(*syntax.Block); isBlock {
		for _, inner := range block.Stmts {
			if err := notInBash(inner); err != nil {
				return err
			}
		}
		return nil
	}
	f, isFunc := st.Cmd.(*syntax.FuncDecl)
	if !isFunc {
		return nil
	}
	switch f.Body.Cmd.(type) {
	case nil, *syntax.CallExpr, *syntax.DeclClause, *syntax.LetClause, *syntax.FuncDecl, *syntax.TimeClause, *syntax.CoprocClause:
		return syntax.ParseError{Pos: f.Body.Pos(), Text: "a function's body must be a compound command"}
	}
	return nil
}

// report words a mistake as bash does.
func (r *reader) report(text string, at int, pe syntax.ParseError) {
	s := r.s
	say := func(line int, format string, args ...any) {
		s.line = line
		where := s.where()
		if r.name != "" {
			where = strings.TrimSuffix(where, fmt.Sprintf("line %d: ", line)) + r.name + fmt.Sprintf(": line %d: ", line)
		}
		if r.name == "" && s.commandString {
			where = s.arg0 + ": -c: " + strings.TrimPrefix(where, s.arg0+": ")
		}
		s.errln(where + fmt.Sprintf(format, args...))
	}
	line := s.line
	// The end is on the line behind the last one.
	behind := strings.Count(strings.TrimSuffix(text, "\n"), "\n") + s.lineBase + 2
	if i := strings.Index(pe.Text, "closing quote `"); i >= 0 {
		say(line, "unexpected EOF while looking for matching `%s'", pe.Text[i+len("closing quote `"):len(pe.Text)-1])
		return
	}
	if matching := unclosed(text, at, pe.Text); matching != "" {
		if strings.HasPrefix(text[at:], "$(") && !strings.HasPrefix(text[at:], "$((") {
			line = behind
		}
		if strings.Contains(pe.Text, "without matching `(`") { // of x=( …
			r.status, s.status = 1, 1
		}
		say(line, "unexpected EOF while looking for matching `%s'", matching)
		return
	}
	if what, is := testMistake(text, at, pe); is {
		if what != "" {
			say(line, "%s", what)
		}
		r.status, s.status = 0, 0 // as bash 5.2 ends then
		return
	}
	if strings.Contains(pe.Text, "parameter expansion") || strings.Contains(pe.Text, "invalid parameter name") {
		say(line, "bad substitution")
		return
	}
	where, token := len(text), ""
	if !pe.Incomplete || strings.HasSuffix(pe.Text, "by a word") || strings.HasSuffix(pe.Text, "by a name") || strings.HasPrefix(pe.Text, "`foo(` ") {
		where, token = unexpectedToken(text, at, pe.Text)
	}
	if where >= len(text) && token == "" {
		say(behind, "syntax error: unexpected end of file")
		return
	}
	line = s.lineBase + 1 + strings.Count(text[:where], "\n")
	say(line, "syntax error near unexpected token `%s'", release(token))
	if lines := strings.Split(r.text, "\n"); line-r.base >= 1 && line-r.base <= len(lines) {
		say(line, "`%s'", lines[line-r.base-1])
	}
}

// testMistake words what is wrong within [[ ]], if the mistake is there.
func testMistake(text string, at int, pe syntax.ParseError) (what string, is bool) {
	open := strings.LastIndex(text[:min(at+2, len(text))], "[[")
	if open < 0 {
		return "", false
	}
	words := strings.Fields(lineOf(text, open)[open-lineStart(text, open):])
	switch closing := slices.Index(words, "]]"); {
	case strings.Contains(pe.Text, "not a valid test operator") && !strings.Contains(text[open:at], "]]"):
		if len(strings.Fields(text[open+2:at])) != 1 {
			return "syntax error in conditional expression", true
		}
		if token := tokenAt(text, at); strings.ContainsAny(token[:1], ";|&)") || token == "newline" {
			return fmt.Sprintf("unexpected token `%s', conditional binary operator expected", token), true
		}
		return "conditional binary operator expected", true
	case strings.Contains(pe.Text, "reached LitWord without matching `(`"):
		return "unexpected token `]]', expected `)'", true
	case closing < 0 && strings.Contains(pe.Text, "without matching `[[`"):
		return "unexpected token `newline', conditional binary operator expected", true
	case closing < 0:
	case closing == 1 || words[closing-1] == "!" || words[closing-1] == "&&" || words[closing-1] == "||":
		return "", true // bash says nothing
	case closing == 2 && len(words[1]) == 2 && words[1][0] == '-':
		return "unexpected argument `]]' to conditional unary operator", true
	case slices.Contains(testOperators, words[closing-1]):
		return "unexpected argument `]]' to conditional binary operator", true
	}
	return "", false
}

// testOperators are the operators of [[ ]] with two operands.
var testOperators = []string{"=", "==", "!=", "=~", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"}

func lineOf(text string, at int) string {
	line, _, _ := strings.Cut(text[lineStart(text, at):], "\n")
	return line
}

// unclosed is what would have closed the expansion or the list that the parser found open at the end; "" if it was none.
func unclosed(text string, at int, mistake string) string {
	switch {
	case !strings.Contains(mistake, "reached EOF"):
		return ""
	case strings.Contains(mistake, "without matching `$(`"), strings.Contains(mistake, "without matching `$((`"),
		strings.Contains(mistake, "without matching `((`"):
		return ")"
	case strings.Contains(mistake, "without matching `${`"):
		return "}"
	case strings.Contains(mistake, "without matching `(`") && at > 0 && text[at] == '(' && text[at-1] == '=':
		return ")"
	case strings.Contains(mistake, "closing quote \"`\""):
		return "`"
	}
	return ""
}

// unexpectedToken is the token at which bash stops. The parser's mistakes are at the beginning of what is not complete: then
// it is the token behind that.
func unexpectedToken(text string, at int, mistake string) (where int, token string) {
	begun, what, isBegun := strings.Cut(strings.TrimPrefix(mistake, "`"), "` must be followed by ")
	if !isBegun || !strings.HasPrefix(mistake, "`") {
		if strings.Contains(mistake, "reached EOF") || at >= len(text) {
			return len(text), ""
		}
		return at, tokenAt(text, at)
	}
	lines := true // whether it may go on in the next line
	switch begun {
	case "foo()":
		at += strings.Index(text[at:], ")") + 1
		if strings.HasPrefix(text[at-1:], ")") && strings.HasPrefix(text[lineStart(text, at):], "function ") && !strings.Contains(lineOf(text, at), "(") {
			at = lineStart(text, at) + len(lineOf(text, at))
		}
	case "foo(":
		at, lines = at+strings.Index(text[at:], "(")+1, false
	case "for foo [in words]":
		if end := strings.IndexAny(text[at:], ";\n"); end >= 0 {
			at += end + 1
		} else {
			at = len(text)
		}
	default:
		if !strings.HasPrefix(text[at:], begun) {
			if strings.HasPrefix(begun, "case ") {
				at += len("case")
				break
			}
			return at, tokenAt(text, at)
		}
		at += len(begun)
		if strings.HasPrefix(begun, "case ") {
			break
		}
		lines = what != "a word" && what != "a name"
	}
	for at < len(text) {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '\n' && lines:
			at++
			continue
		case c == '#':
			at += strings.IndexByte(text[at:]+"\n", '\n')
			continue
		}
		return at, tokenAt(text, at)
	}
	if !lines {
		return len(text) - 1, "newline"
	}
	return len(text), ""
}

// tokenAt is the token at an offset, for a message.
func tokenAt(text string, at int) string {
	rest := strings.TrimLeft(text[at:], " \t")
	if rest == "" || rest[0] == '\n' {
		return "newline"
	}
	for _, op := range []string{"<<<", "&&", "||", ";;&", ";;", ";&", "<<", ">>", "<(", ">(", "|&", "&>", "<&", ">&"} {
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

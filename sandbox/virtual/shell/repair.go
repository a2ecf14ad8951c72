package shell

import "strings"

// repair rewrites what bash reads and the parser does not, at the mistake it found: arithmetic and
// subscripts that only make sense once expanded are put in double quotes, in which they are expanded and
// then evaluated as text; (( that begins two subshells gets a space.
func (s *shell) repair(text string, from, at int, what string) (string, bool) {
	if strings.Contains(what, "invalid var name") { // export A-B=c is a mistake of export's
		end := at + len(tokenAt(text, at))
		return text[:at] + `"` + text[at:end] + `"` + text[end:], text[at] != '"'
	}
	switch {
	case strings.Contains(what, "parameter"), strings.Contains(what, "@ expansion operator"), strings.Contains(what, "cannot be followed by a word"),
		strings.Contains(what, "without matching `[`"),
		strings.Contains(what, "without matching `${`") && strings.HasPrefix(text[at:], "${ "):
		if fixed, ok := s.repairExpansion(text, from, at); ok {
			return fixed, true
		}
	case strings.Contains(what, "must be followed by an expression"), strings.Contains(what, "unsigned expressions"):
		if fixed, ok := s.repairEmpty(text, from, at); ok {
			return fixed, true
		}
	case strings.Contains(what, "cannot negate a command"), strings.Contains(what, "`!` cannot form a statement"):
		return repairNegation(text, at)
	case strings.Contains(what, "`function foo(` must be followed"):
		if open := strings.IndexByte(text[at:], '('); open >= 0 {
			return text[:at+open] + "() " + text[at+open:], true
		}
	case strings.Contains(what, "unclosed here-document"):
		end := strings.TrimSuffix(what[strings.Index(what, "`")+1:], "`")
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		begun := s.lineBase + 1 + strings.Count(text[:at], "\n")
		s.line = s.lineBase + strings.Count(text, "\n")
		s.warnf("warning: here-document at line %d delimited by end-of-file (wanted `%s')", begun, release(end))
		return text + end + "\n", true
	}
	if fixed, ok := repairLet(text, from, at); ok {
		return fixed, true
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
	if strings.HasPrefix(text[end:], "]+=") && open > 0 && !isNameByte(text[open-1]) {
		return text[:end+1] + `="` + appendMark + `"` + text[end+3:], true
	}
	if content == "" || strings.HasPrefix(content, `"`) || strings.Contains(content, `"`) {
		return "", false
	}
	return text[:open+1] + `"` + content + `"` + text[end:], true
}

// appendMark begins the value of [i]+=value in the list of an array, which the parser does not take.
const appendMark = "\x01append "

// repairNegation takes pairs of ! away, and gives one that is alone something to negate.
func repairNegation(text string, at int) (string, bool) {
	rest := text[at+1:]
	trimmed := strings.TrimLeft(rest, " \t")
	blank := text[:at] + strings.Repeat(" ", 1+len(rest)-len(trimmed))
	if strings.HasPrefix(trimmed, "!") {
		if rest = trimmed[1:]; rest == "" || strings.IndexByte(" \t\n;&|)", rest[0]) >= 0 {
			if body := strings.TrimLeft(rest, " \t"); body == "" || strings.IndexByte("\n;&|)", body[0]) >= 0 {
				rest = ":" + rest
			}
			return blank + " " + rest, true
		}
	}
	if trimmed == "" || strings.IndexByte("\n;&|)", trimmed[0]) >= 0 {
		return text[:at] + "! :" + rest, true
	}
	return "", false
}

func closingBrace(text string, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// lastSubscript finds the last [ that begins a subscript: after a name, or in an array literal.
func lastSubscript(text string) int {
	for i := len(text) - 1; i > 0; i-- {
		if text[i] == '[' && text[i-1] != '[' && !strings.HasPrefix(text[i:], "[[") && (isNameByte(text[i-1]) || text[i-1] == '(' || text[i-1] == ' ' || text[i-1] == '\n') {
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

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
	w.bad[name] = release(text[open : end+1])
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

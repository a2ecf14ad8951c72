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

// badName begins the names that stand for expansions which do not parse: bash finds that out when it
// expands them.
const badName = "__bad_substitution_"

// repairEmpty puts what is left out, or makes no sense, in the operands of ${x:a:b}, in $(( )) and in subscripts in quotes.
func (s *shell) repairEmpty(text string, from, at int) (string, bool) {
	if paren := strings.LastIndex(text[from:min(at+3, len(text))], "$(("); paren >= 0 {
		open := from + paren
		if end := closingParen(text, open+1); end > at && closingParen(text, open+2) == end-1 {
			content := text[open+3 : end-1]
			if strings.TrimSpace(content) == "" {
				content = "0"
			}
			if strings.HasPrefix(strings.TrimSpace(content), "#") {
				content = `"` + content + `"`
			}
			if content != text[open+3:end-1] {
				return text[:open+3] + content + text[end-1:], true
			}
		}
	}
	if strings.HasPrefix(text[at:], "[") && strings.TrimLeft(text[at+1:], " ")[:1] == "]" {
		if open := strings.LastIndex(text[from:at], "${"); open >= 0 && !strings.Contains(text[from+open:at], "}") {
			return s.repairExpansion(text, from, at)
		}
		key := noSubscript
		if text[at+1] == ' ' {
			key = ""
		}
		return text[:at+1] + `"` + key + `"` + text[at+1:], true
	}
	open := strings.LastIndex(text[from:min(at+1, len(text))], "${")
	if open < 0 {
		return "", false
	}
	open += from
	end := closingBrace(text, open)
	colon := strings.IndexByte(text[open:], ':') + open
	if end <= at || colon < open || colon > end || text[colon+1] == '"' {
		return "", false
	}
	offset, length, hasLength := cutTernary(text[colon+1 : end])
	if offset == "" && !hasLength {
		return s.repairExpansion(text, from, at)
	}
	quote := func(x string) string {
		if strings.TrimSpace(x) == "" {
			return "0"
		}
		return `"` + strings.ReplaceAll(x, `"`, `\"`) + `"`
	}
	if offset = quote(offset); hasLength {
		offset += ":" + quote(length)
	}
	return text[:colon+1] + offset + text[end:], true
}

// noSubscript is the subscript of x[]=, in which there is none.
const noSubscript = "\x01no subscript"

// appendMark begins the value of [i]+=value in the list of an array, which the parser does not take.
const appendMark = "\x01append "

// cutTernary cuts at the first colon that is not of a ?:.
func cutTernary(v string) (before, after string, found bool) {
	open := 0
	for i := range len(v) {
		switch v[i] {
		case '?', '(':
			open++
		case ')':
			open--
		case ':':
			if open == 0 {
				return v[:i], v[i+1:], true
			}
			open--
		}
	}
	return v, "", false
}

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

// repairLet makes let, whose arguments the parser reads as expressions, a command with words.
func repairLet(text string, from, at int) (string, bool) {
	line := max(from, lineStart(text, at))
	end := min(at+3, len(text))
	i := strings.LastIndex(text[line:end], "let")
	if i < 0 {
		return "", false
	}
	i += line
	before := strings.TrimRight(text[line:i], " \t")
	word := before[strings.LastIndexAny(before, " \t;&|({")+1:]
	begins := before == "" || strings.IndexByte(";&|({", before[len(before)-1]) >= 0 || isKeyword(word)
	behind := text[i+3:]
	if !begins || behind != "" && strings.IndexByte(" \t\n;&|)", behind[0]) < 0 || at > i && strings.ContainsAny(text[i:at], ";&|\n") {
		return "", false
	}
	stop := i + 3
	for depth := 0; stop < len(text); stop++ { // arguments in parentheses are quoted, to be words
		c := text[stop]
		if c == '(' {
			depth++
		}
		if c == ')' && depth > 0 {
			depth--
		} else if depth == 0 && strings.IndexByte(";&|\n)", c) >= 0 {
			break
		}
	}
	return letWords(text, i, stop), true
}

// letWords is text with the let at i as a command, whose arguments end at stop.
func letWords(text string, i, stop int) string {
	var b strings.Builder
	b.WriteString(text[:i] + `\let`)
	args := text[i+3 : stop]
	for args != "" {
		rest := strings.TrimLeft(args, " \t")
		b.WriteString(args[:len(args)-len(rest)])
		end, depth := 0, 0
		for end < len(rest) && (depth > 0 || rest[end] != ' ' && rest[end] != '\t') {
			switch rest[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
			end++
		}
		if word := rest[:end]; strings.Contains(word, "(") && !strings.ContainsAny(word, `"'`) {
			b.WriteString(`"` + word + `"`)
		} else {
			b.WriteString(word)
		}
		args = rest[end:]
	}
	return b.String() + text[stop:]
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

func (s *shell) repairExpansion(text string, from, at int) (string, bool) {
	open := strings.LastIndex(text[from:min(at+2, len(text))], "${")
	if open < 0 {
		return "", false
	}
	open += from
	end := closingBrace(text, open)
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

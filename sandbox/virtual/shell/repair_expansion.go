package shell

import "strings"

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
	if strings.HasPrefix(text[at:], "[") && strings.HasPrefix(strings.TrimLeft(text[at+1:], " "), "]") {
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

// badName begins the names that stand for expansions which do not parse: bash finds that out when it
// expands them.
const badName = "__bad_substitution_"

package shell

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// prescan bounds a script's size and nesting before the parser, which recurses, sees it. It reads quotes,
// comments and here-documents well enough not to count what stands in them.
func prescan(text string, l limits.Limits) *limits.Exceeded {
	if int64(len(text)) > l.Script {
		return &limits.Exceeded{Name: "script", Limit: limits.Size(l.Script)}
	}
	p := prescanner{text: text, limit: int(l.Nesting), command: true}
	if !p.scan() {
		return &limits.Exceeded{Name: "nesting", Limit: formatInt(l.Nesting)}
	}
	return nil
}

// openMark is something open: ( { [ " ` or k for a keyword.
type openMark struct {
	kind  byte
	arith bool
	extra int // elif branches, or operators in an expression
}

type prescanner struct {
	text    string
	limit   int
	open    []openMark
	extra   int
	command bool // a command may begin here
	chain   int  // prefixes like time and !, pipes: what nests without brackets
	docs    []hereMark
}

type hereMark struct {
	end    string
	dash   bool
	quoted bool
}

const arithOperators = 20 // times the nesting limit: operators in one expression

func (p *prescanner) push(kind byte, arith bool) bool {
	p.open = append(p.open, openMark{kind: kind, arith: arith})
	return len(p.open)+p.extra <= p.limit
}

func (p *prescanner) top() byte {
	if len(p.open) == 0 {
		return 0
	}
	return p.open[len(p.open)-1].kind
}

// pop closes the innermost mark if it is of this kind.
func (p *prescanner) pop(kind byte) {
	if n := len(p.open); n > 0 && p.open[n-1].kind == kind {
		if kind == 'k' {
			p.extra -= p.open[n-1].extra
		}
		p.open = p.open[:n-1]
	}
}

func (p *prescanner) scan() bool {
	t := p.text
	for i := 0; i < len(t); i++ {
		c := t[i]
		quoted := p.top() == '"'
		switch {
		case c == '\\':
			i++
			p.command = false
		case c == '"':
			if quoted {
				p.pop('"')
			} else if !p.push('"', false) {
				return false
			}
			p.command = false
		case c == '`':
			if p.top() == '`' {
				p.pop('`')
			} else if !p.push('`', false) {
				return false
			}
			p.command = true
		case c == '$' && i+1 < len(t) && (t[i+1] == '(' || t[i+1] == '{' || t[i+1] == '['):
			i++
			if !p.push(t[i], strings.HasPrefix(t[i:], "((") || t[i] == '[') {
				return false
			}
			p.command = t[i] == '('
			if t[i] == '{' {
				for i+1 < len(t) && (t[i+1] == '#' || t[i+1] == '!') {
					i++
				}
			}
		case quoted && c != ')' && c != '}':
		case c == '\'':
			if end := strings.IndexByte(t[i+1:], '\''); end >= 0 && p.top() != '"' {
				i += end + 1
			}
			p.command = false
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n;|&(", t[i-1]) >= 0) && p.top() != '{' && !p.arith():
			if end := strings.IndexByte(t[i:], '\n'); end >= 0 {
				i += end - 1
			} else {
				return true
			}
		case c == '\n':
			for p.top() == '[' {
				p.pop('[')
			}
			p.command = true
			p.chain = 0
			if len(p.docs) > 0 {
				var ok bool
				if i, ok = p.skipDocs(i + 1); !ok {
					return false
				}
				i--
			}
		case c == '(' || c == '{' && !isWordByteAfter(t, i) || c == '[':
			if c == '(' && i+1 < len(t) && t[i+1] == ')' {
				if p.chain++; p.chain > p.limit {
					return false
				}
				i++
				p.command = true
				continue
			}
			if !p.push(c, strings.HasPrefix(t[i:], "((") || c == '[' || p.arith()) {
				return false
			}
			p.command = c != '['
		case c == ')':
			p.pop('(')
			p.command = true
		case c == '}':
			p.pop('{')
		case c == ']':
			p.pop('[')
			p.command = false
		case c == '<' && strings.HasPrefix(t[i:], "<<") && !p.arith():
			i = p.hereDoc(i)
		case c == '|':
			if p.chain++; p.chain > p.limit {
				return false
			}
			p.command = true
		case c == ';' || c == '&':
			p.command = true
			p.chain = 0
		case c == ' ' || c == '\t':
		case p.arith() || p.top() == '[':
			if strings.IndexByte("!~+-?=*:", c) >= 0 {
				m := &p.open[len(p.open)-1]
				if m.extra++; m.extra > p.limit*arithOperators {
					return false
				}
			}
		default:
			end := i
			for end < len(t) && strings.IndexByte(" \t\n;|&()<>\"'`$\\", t[end]) < 0 && t[end] != '[' {
				end++
			}
			if end == i {
				p.command = false
				continue
			}
			if p.command && !p.word(t[i:end]) {
				return false
			}
			if strings.IndexByte("!~+-", c) >= 0 && !p.command && end-i > p.limit*arithOperators {
				return false
			}
			i = end - 1
		}
	}
	return true
}

func isWordByteAfter(t string, i int) bool { return i+1 < len(t) && t[i+1] == '}' }

func (p *prescanner) arith() bool { return len(p.open) > 0 && p.open[len(p.open)-1].arith }

// word reads a word where a command may begin.
func (p *prescanner) word(w string) bool {
	switch w {
	case "if", "while", "until", "for", "case", "select":
		if !p.push('k', false) {
			return false
		}
		p.command = w == "if" || w == "while" || w == "until"
	case "elif":
		if n := len(p.open); n > 0 && p.open[n-1].kind == 'k' {
			p.open[n-1].extra++
			p.extra++
		}
	case "then", "do", "else", "{", "}":
	case "fi", "done", "esac":
		p.pop('k')
	case "time", "coproc", "!", "-p":
		p.chain++
	case "let":
		p.command = false
	default:
		if !strings.Contains(w, "=") {
			p.command = false
		}
	}
	return len(p.open)+p.extra <= p.limit && p.chain <= p.limit
}

// hereDoc notes a here-document at << and returns where its delimiter ends.
func (p *prescanner) hereDoc(i int) int {
	t := p.text
	if strings.HasPrefix(t[i:], "<<<") {
		return i + 2
	}
	i += 2
	m := hereMark{}
	if i < len(t) && t[i] == '-' {
		m.dash = true
		i++
	}
	for i < len(t) && (t[i] == ' ' || t[i] == '\t') {
		i++
	}
	from := i
	for i < len(t) && strings.IndexByte(" \t\n;|&()<>", t[i]) < 0 {
		if q := t[i]; q == '\'' || q == '"' {
			if end := strings.IndexByte(t[i+1:], q); end >= 0 {
				i += end + 1
			}
		}
		i++
	}
	i = min(i, len(t))
	word := t[from:i]
	m.end = strings.NewReplacer("'", "", `"`, "", `\`, "").Replace(word)
	m.quoted = m.end != word
	p.docs = append(p.docs, m)
	return i - 1
}

// skipDocs passes over the bodies that begin at i.
func (p *prescanner) skipDocs(i int) (int, bool) {
	docs := p.docs
	p.docs = nil
	for _, m := range docs {
		from := i
		for i < len(p.text) {
			line, _, _ := strings.Cut(p.text[i:], "\n")
			i = min(i+len(line)+1, len(p.text))
			if m.dash {
				line = strings.TrimLeft(line, "\t")
			}
			if line == m.end {
				break
			}
		}
		if !m.quoted {
			inner := prescanner{text: p.text[from:i], limit: p.limit - len(p.open), open: []openMark{{kind: '"'}}}
			if strings.Contains(inner.text, "$") || strings.Contains(inner.text, "`") {
				inner.text = strings.ReplaceAll(inner.text, `"`, " ")
				if !inner.scan() {
					return i, false
				}
			}
		}
	}
	return i, true
}

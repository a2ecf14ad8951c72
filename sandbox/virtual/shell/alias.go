package shell

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// expandAliases replaces aliases in text, as bash's lexer does: the first word of a command, and the next
// one after an alias whose value ends in a blank.
func (s *shell) expandAliases(text string) string {
	a := aliaser{s: s}
	return a.expand(text, nil)
}

type aliaser struct {
	s    *shell
	made int // bytes that aliases made so far: a script's limit is theirs too
}

// expand does it for text; active are the aliases that text came from.
func (a *aliaser) expand(text string, active []string) string {
	var b strings.Builder
	command, forced := true, false
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t':
			b.WriteByte(c)
			i++
		case c == '\\' && i+1 < len(text):
			b.WriteString(text[i : i+2])
			if text[i+1] != '\n' {
				command, forced = false, false
			}
			i += 2
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n;", text[i-1]) >= 0):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				end = len(text) - i
			}
			b.WriteString(text[i : i+end])
			i += end
		case strings.IndexByte("\n;|&(", c) >= 0:
			b.WriteByte(c)
			i++
			command, forced = true, false
		case c == ')' || c == '<' || c == '>':
			b.WriteByte(c)
			i++
		default:
			end := wordEnd(text, i)
			w := text[i:end]
			i = end
			value, isAlias := a.s.aliases[w]
			if (command || forced) && isAlias && !contains(active, w) {
				a.s.work(len(value) + 1)
				if a.made += len(value); int64(a.made) > a.s.budget.Limits.Script {
					_ = a.s.budget.Strike(&limits.Exceeded{Name: "script", Limit: limits.Size(a.s.budget.Limits.Script)})
					a.s.dead()
				}
				b.WriteString(a.expand(value, append(active[:len(active):len(active)], w)))
				forced = strings.HasSuffix(value, " ") || strings.HasSuffix(value, "\t")
				command = endsInCommandPosition(value)
				continue
			}
			b.WriteString(a.substitutions(w, active))
			forced = false
			command = command && keepsCommandPosition(w)
		}
	}
	return b.String()
}

// substitutions expands the aliases in the command substitutions of a word.
func (a *aliaser) substitutions(w string, active []string) string {
	i := strings.Index(w, "$(")
	if i < 0 || strings.HasPrefix(w[i:], "$((") || strings.IndexByte(w[:i], '\'') >= 0 {
		return w
	}
	end := closingParen(w, i+1)
	if end < 0 {
		return w
	}
	return w[:i+2] + a.expand(w[i+2:end], active) + a.substitutions(w[end:], active)
}

func endsInCommandPosition(value string) bool {
	v := strings.TrimRight(value, " \t")
	return v != "" && strings.IndexByte(";|&({\n!", v[len(v)-1]) >= 0
}

func contains(list []string, w string) bool {
	for _, v := range list {
		if v == w {
			return true
		}
	}
	return false
}

func keepsCommandPosition(w string) bool {
	switch w {
	case "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "}", "fi", "done", "esac":
		return true
	}
	name, _, ok := strings.Cut(w, "=")
	return ok && validName(strings.TrimSuffix(name, "+"))
}

// wordEnd is where the word at i ends, quotes and substitutions included.
func wordEnd(t string, i int) int {
	from := i
	for i < len(t) {
		switch c := t[i]; c {
		case '\\':
			i += 2
		case '\'':
			end := strings.IndexByte(t[i+1:], '\'')
			if end < 0 {
				return len(t)
			}
			i += end + 2
		case '"', '`':
			i++
			for i < len(t) && t[i] != c {
				if t[i] == '\\' {
					i++
				}
				i++
			}
			i++
		case '$':
			if i+1 < len(t) && t[i+1] == '(' {
				if end := closingParen(t, i+1); end > 0 {
					i = end
				}
			}
			i++
		case ' ', '\t', '\n', ';', '|', '&', '(', ')', '<', '>':
			return max(i, from+1)
		default:
			i++
		}
	}
	return min(max(i, from+1), len(t))
}

package shell

import "strings"

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

package shell

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// programPrintf is /bin/printf, which has no options and words its messages in another way than the builtin.
func programPrintf(s *shell, args []string) int {
	rest := args[1:]
	if len(rest) == 1 && (rest[0] == "--help" || rest[0] == "--version") {
		text := "Usage: " + args[0] + " FORMAT [ARGUMENT]...\nPrint ARGUMENT(s) according to FORMAT.\n"
		if rest[0] == "--version" {
			text = "printf (flue, compatible with GNU)\n"
		}
		if !s.writeNamed("printf", []byte(text)) {
			return 1
		}
		return 0
	}
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		s.errln(args[0] + ": missing operand\nTry '" + args[0] + " --help' for more information.")
		return 1
	}
	p := printer{s: s, args: rest[1:], program: args[0]}
	p.run(rest[0])
	defer s.hold(-p.held)
	if len(p.out) > 0 && !s.writeNamed("printf", p.out) {
		return 1
	}
	if !p.stop && p.used == 0 && len(p.args) > 0 {
		s.errln(args[0] + ": warning: ignoring excess arguments, starting with " + quoteArgument(p.args[0]))
	}
	return p.status
}

// universal refuses the \u and \U of characters that C writes as themselves.
func (p *printer) universal(escape string) bool {
	if len(escape) < 3 || escape[1] != 'u' && escape[1] != 'U' {
		return true
	}
	n, _ := strconv.ParseUint(escape[2:], 16, 32)
	if n >= 0xa0 && (n < 0xd800 || n > 0xdfff) || n == '$' || n == '@' || n == '`' {
		return true
	}
	p.programFail(true, "invalid universal character name %s", escape[:2]+strings.Repeat("0", map[byte]int{'u': 4, 'U': 8}[escape[1]]-len(escape[2:]))+escape[2:])
	return false
}

// quoteArgument shows an argument in a message.
func quoteArgument(v string) string { return "'" + strings.ReplaceAll(v, `\`, `\\`) + "'" }

// programFail reports a mistake as the program does, and ends it there if fatal is set.
func (p *printer) programFail(fatal bool, format string, args ...any) {
	p.s.errln(p.program + ": " + fmt.Sprintf(format, args...))
	p.status = 1
	p.stop = p.stop || fatal
}

// programKnows says whether the program has a conversion, of which text is all that is before its letter.
func programKnows(text string, letter byte) bool {
	allowed := "" // of "#0'", the flags that the letter may have
	switch letter {
	case 'b', 'q':
		return text == "%"
	case 'c':
		return !strings.ContainsAny(text, "#0'.")
	case 's':
	case 'd', 'i', 'u':
		allowed = "0'"
	case 'o', 'x', 'X', 'e', 'E', 'a', 'A':
		allowed = "#0"
	case 'f', 'F', 'g', 'G':
		allowed = "#0'"
	default:
		return false
	}
	flags := text[:len(text)-len(strings.TrimLeft(text, "%-+ #0'"))]
	return strings.Trim(flags, "%-+ "+allowed) == ""
}

// quoteProgram quotes for the program's %q: with single quotes, and only where a shell needs them.
func quoteProgram(v string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("%+,-./:@]_", r) || r > 0x7f && r != utf8.RuneError
	}
	special := func(r rune) bool { return !plain(r) }
	control := func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }
	switch {
	case v != "" && strings.IndexFunc(v, special) < 0, v != "" && strings.IndexByte("#~", v[0]) < 0 && strings.IndexFunc(strings.Trim(v, "#~"), special) < 0:
		return v
	case strings.Contains(v, "'") && !strings.ContainsAny(v, "\"$`\\!") && strings.IndexFunc(v, control) < 0:
		return `"` + v + `"`
	}
	var b strings.Builder
	escaped := false // within $'…'
	b.WriteByte('\'')
	for i, size := 0, 0; i < len(v); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(v[i:])
		switch {
		case control(r):
			if !escaped {
				b.WriteString("'$'")
			}
			b.WriteString(controlEscape(v[i : i+size]))
			escaped = true
			continue
		case escaped:
			b.WriteString("''")
			escaped = false
		}
		if r == '\'' {
			b.WriteString(`'\''`)
		} else {
			b.WriteString(v[i : i+size])
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// controlEscape is how $'…' has bytes that cannot be shown.
func controlEscape(s string) string {
	if at := strings.Index("\a\b\f\n\r\t\v", s); at >= 0 && len(s) == 1 {
		return `\` + "abfnrtv"[at:at+1]
	}
	text := ""
	for i := range len(s) {
		text += fmt.Sprintf(`\%03o`, s[i])
	}
	return text
}

// incomplete says whether an escape has too few digits: \u needs four of them and \U eight.
func incomplete(escape string) bool {
	if len(escape) < 2 {
		return false
	}
	digits := map[byte]int{'x': 1, 'u': 4, 'U': 8}[escape[1]]
	return digits > 0 && len(escape) < 2+digits
}

package awk

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func (l *lexer) number() {
	rest := l.src[l.pos:]
	n := 0
	if len(rest) > 2 && rest[0] == '0' && rest[1]|0x20 == 'x' {
		for n = 2; n < len(rest) && strings.IndexByte("0123456789abcdefABCDEF", rest[n]) >= 0; {
			n++
		}
	}
	if n <= 2 || l.standard {
		n = floatLength(rest)
	}
	l.text, l.tok = rest[:n], tokNumber
	l.pos += n
	switch {
	case !l.standard && baseOf(l.text) != 10:
		l.num = l.reader.anyBase(l.text)
	case l.reader.bignum:
		if x, ok := l.reader.readExact(l.text); ok {
			l.num = l.reader.valueOf(x)
			return
		}
		fallthrough
	default:
		f, _ := strconv.ParseFloat(l.text, 64)
		l.num = num(f)
	}
}

// quoted reads a string up to its end and resolves its escapes.
func (l *lexer) quoted() string {
	var b strings.Builder
	for {
		if l.pos >= len(l.src) || l.src[l.pos] == '\n' {
			l.failHere("unterminated string")
		}
		c := l.src[l.pos]
		l.pos++
		if c == '"' {
			return b.String()
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		if l.pos >= len(l.src) {
			l.fail("backslash at end of string")
		}
		if l.src[l.pos] == '\n' {
			if l.reader.linting.on {
				l.lint("backslash string continuation is not portable")
			}
			l.pos++
			l.line++
			continue
		}
		if l.posix && l.src[l.pos] == 'x' {
			continue
		}
		l.pos += unescape(&b, l.src[l.pos:], l.escapeWarning)
	}
}

// unescape writes what the escape s, which begins behind the backslash, stands for, and says its length. A backslash
// that means nothing is dropped, with a warning.
func unescape(b *strings.Builder, s string, warn func(format string, args ...any)) int {
	switch c := s[0]; c {
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'a':
		b.WriteByte('\a')
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'v':
		b.WriteByte('\v')
	case '\\', '"':
		b.WriteByte(c)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n, v := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		b.WriteByte(byte(v))
		return n
	case 'x':
		n := 1
		for n <= 2 && n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
			n++
		}
		if n == 1 {
			b.WriteByte(c)
			return 1
		}
		v, _ := strconv.ParseUint(s[1:n], 16, 32)
		b.WriteByte(byte(v))
		return n
	default:
		_, size := utf8.DecodeRuneInString(s)
		warn("escape sequence `\\%s' treated as plain `%s'", s[:size], s[:size])
		b.WriteString(s[:size])
		return size
	}
	return 1
}

// regex reads the rest of a regular expression, whose "/" was the last token, perhaps with "=" behind it.
func (l *lexer) regex() string {
	l.pos = l.start + 1
	var b strings.Builder
	inSet, setStart := false, 0
	for {
		if l.pos >= len(l.src) || l.src[l.pos] == '\n' {
			l.failAt(l.start+1, "unterminated regexp")
		}
		c := l.src[l.pos]
		l.pos++
		switch {
		case c == '\\' && l.pos < len(l.src) && l.src[l.pos] != '\n':
			if l.src[l.pos] != '/' {
				b.WriteByte('\\')
			}
			b.WriteByte(l.src[l.pos])
			l.pos++
			continue
		case c == '/' && !inSet:
			return b.String()
		case c == '[' && !inSet:
			inSet, setStart = true, l.pos
			if l.pos < len(l.src) && l.src[l.pos] == '^' {
				setStart++
			}
			inSet = true
		case c == '[' && l.pos < len(l.src) && l.src[l.pos] == ':':
			if end := strings.Index(l.src[l.pos:], ":]"); end > 0 {
				b.WriteString(l.src[l.pos-1 : l.pos+end+2])
				l.pos += end + 2
				continue
			}
		case c == ']' && l.pos-1 > setStart:
			inSet = false
		}
		b.WriteByte(c)
	}
}

// floatLength is how much of the begin of s is a decimal number without a sign.
func floatLength(s string) int {
	i, digits := 0, 0
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && s[j] >= '0' && s[j] <= '9' {
			for i = j; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			}
		}
	}
	return i
}

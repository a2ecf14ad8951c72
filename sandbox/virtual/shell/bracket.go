package shell

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bracket matches a bracket expression at the beginning of p; ok is false when it is not closed.
func bracket(p string, r rune) (matched bool, rest string, ok bool) {
	i := 1
	negate := false
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		negate = true
		i++
	}
	for first := true; ; first = false {
		if i >= len(p) {
			return false, "", false
		}
		if p[i] == ']' && !first {
			return matched != negate, p[i+1:], true
		}
		if p[i] == '[' && i+1 < len(p) && (p[i+1] == ':' || p[i+1] == '=' || p[i+1] == '.') {
			kind := p[i+1]
			if end := strings.Index(p[i+2:], string(kind)+"]"); end >= 0 {
				name := p[i+2 : i+2+end]
				i += end + 4
				if kind == ':' {
					matched = matched || inClass(name, r)
				} else if only, n := utf8.DecodeRuneInString(name); n == len(name) {
					matched = matched || only == r
				}
				continue
			}
		}
		lo, n := patternRune(p[i:])
		i += n
		hi := lo
		if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
			hi, n = patternRune(p[i+1:])
			i += 1 + n
		}
		matched = matched || lo <= r && r <= hi
	}
}

// patternRune decodes a character of a bracket expression, escaped or not.
func patternRune(p string) (rune, int) {
	skip := 0
	if p[0] == '\\' && len(p) > 1 {
		skip = 1
	}
	r, n := utf8.DecodeRuneInString(p[skip:])
	if r == utf8.RuneError && n == 1 {
		r = rune(p[skip])
	}
	return r, skip + n
}

func inClass(name string, r rune) bool {
	switch name {
	case "alpha":
		return unicode.IsLetter(r)
	case "digit":
		return r >= '0' && r <= '9'
	case "alnum":
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	case "upper":
		return unicode.IsUpper(r)
	case "lower":
		return unicode.IsLower(r)
	case "space":
		return unicode.IsSpace(r)
	case "blank":
		return r == ' ' || r == '\t'
	case "punct":
		return r < 128 && r > 32 && r != 127 && !isNameByte(byte(r)) || r == '_' || r >= 128 && unicode.IsPunct(r)
	case "print":
		return unicode.IsPrint(r)
	case "graph":
		return unicode.IsGraphic(r) && !unicode.IsSpace(r)
	case "cntrl":
		return unicode.IsControl(r)
	case "xdigit":
		return r < 128 && strings.IndexByte("0123456789abcdefABCDEF", byte(r)) >= 0
	case "word":
		return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
	case "ascii":
		return r < 128
	}
	return false
}

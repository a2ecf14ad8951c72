package awk

import (
	"strings"
	"unicode/utf8"
)

// runes is how many characters s has.
func (in *interp) runes(s string) int {
	if !in.utf8 {
		return len(s)
	}
	return utf8.RuneCountInString(s)
}

// offset is where the character n (from 0) of s begins, len(s) if it has fewer.
func (in *interp) offset(s string, n int) int {
	if !in.utf8 || n <= 0 {
		return min(max(n, 0), len(s))
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// runeAt decodes the character at i, which is a byte outside UTF-8.
func (in *interp) runeAt(s string, i int) (size int) {
	if !in.utf8 || s[i] < utf8.RuneSelf {
		return 1
	}
	_, size = utf8.DecodeRuneInString(s[i:])
	return size
}

func (in *interp) lower(s string) string {
	if in.utf8 {
		return strings.ToLower(s)
	}
	return mapASCII(s, 'A', 'Z', 'a'-'A')
}

func (in *interp) upper(s string) string {
	if in.utf8 {
		return strings.ToUpper(s)
	}
	return mapASCII(s, 'a', 'z', 256-('a'-'A'))
}

// mapASCII adds by to the bytes from first to last.
func mapASCII(s string, first, last, by byte) string {
	b := []byte(s)
	for i, c := range b {
		if c >= first && c <= last {
			b[i] = c + by
		}
	}
	return string(b)
}

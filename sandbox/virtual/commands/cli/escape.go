package cli

import (
	"fmt"
	"strings"
)

// The letters behind a backslash, and the characters that they stand for in C.
const (
	escapeLetters = "abfnrtv"
	escapedChars  = "\a\b\f\n\r\t\v"
)

// Unescape is the character that a letter stands for behind a backslash; false if it is no such letter.
func Unescape(letter byte) (c byte, ok bool) {
	i := strings.IndexByte(escapeLetters, letter)
	if i < 0 {
		return 0, false
	}
	return escapedChars[i], true
}

// Escape writes a control character or a stray byte as C does: \n, \033.
func Escape(c byte) string {
	if i := strings.IndexByte(escapedChars, c); i >= 0 {
		return `\` + escapeLetters[i:i+1]
	}
	return fmt.Sprintf(`\%03o`, c)
}

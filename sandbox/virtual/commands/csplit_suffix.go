package commands

import (
	"fmt"
	"strings"
)

// csplitFormat checks a printf format, which must have one directive, and writes it as Go has it.
func csplitFormat(text string) (format, problem string) {
	var b strings.Builder
	directives := 0
	for i := 0; i < len(text); i++ {
		b.WriteByte(text[i])
		if text[i] != '%' {
			continue
		}
		if i++; i < len(text) && text[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if directives++; directives > 1 {
			return "", "too many % conversion specifications in suffix"
		}
		alternative := false
		for ; i < len(text) && strings.IndexByte("-0'#", text[i]) >= 0; i++ {
			alternative = alternative || text[i] == '#'
			if text[i] != '\'' {
				b.WriteByte(text[i])
			}
		}
		for digits := 0; i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == '.'); i++ {
			if digits++; digits > 4 {
				return "", "invalid conversion specifier in suffix: " + text[i:i+1]
			}
			b.WriteByte(text[i])
		}
		switch {
		case i == len(text):
			return "", "missing conversion specifier in suffix"
		case strings.IndexByte("di", text[i]) >= 0 && alternative:
			return "", "invalid flags in conversion specification: %#" + text[i:i+1]
		case strings.IndexByte("diu", text[i]) >= 0:
			b.WriteByte('d')
		case strings.IndexByte("oxX", text[i]) >= 0:
			b.WriteByte(text[i])
		case text[i] < ' ' || text[i] > '~':
			return "", fmt.Sprintf("invalid conversion specifier in suffix: \\%.3o", text[i])
		default:
			return "", "invalid conversion specifier in suffix: " + text[i:i+1]
		}
	}
	if directives == 0 {
		return "", "missing % conversion specification in suffix"
	}
	return b.String(), ""
}

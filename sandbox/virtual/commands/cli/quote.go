package cli

import (
	"strings"
	"unicode/utf8"
)

// Quote writes a name in quotes that a shell reads back, as GNU's messages do: 'name', "it's", 'a'$'\n”b'.
func Quote(name string) string {
	plain := true
	for i := 0; plain && i < len(name); i++ {
		plain = name[i] >= ' ' && name[i] < 0x7f && name[i] != '\''
	}
	if plain {
		return "'" + name + "'"
	}
	clean := utf8.ValidString(name) && strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
	if clean && !strings.Contains(name, "'") {
		return "'" + name + "'"
	}
	if clean && !strings.ContainsAny(name, "\"$`\\!") {
		return `"` + name + `"`
	}
	var b strings.Builder
	b.WriteByte('\'')
	escaped := false // within $'…'
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		odd := r < ' ' || r == 0x7f || r == utf8.RuneError && size == 1
		if odd != escaped {
			b.WriteString(map[bool]string{true: `'$'`, false: `''`}[odd])
			escaped = odd
		}
		switch {
		case odd:
			b.WriteString(Escape(name[i]))
		case r == '\'':
			b.WriteString(`'\''`)
		default:
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	b.WriteByte('\'')
	return b.String()
}

// QuoteText writes an option's value or another text that is no file's name in quotes, as GNU's messages do: with the escapes of C.
func QuoteText(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r < ' ' || r == 0x7f || r == utf8.RuneError && size == 1:
			b.WriteString(Escape(text[i]))
		case r == '\\':
			b.WriteString(`\` + text[i:i+1])
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	b.WriteByte('\'')
	return b.String()
}

// QuoteNeeded is Quote where a shell would need it or a message be unclear, and the bare name otherwise.
func QuoteNeeded(name string) string {
	if name == "" || name[0] == '~' || name[0] == '#' {
		return Quote(name)
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c <= ' ' || c == 0x7f || c >= 0x80 && !utf8.ValidString(name) || strings.IndexByte("!\"$&'()*;<=>?[\\^`|:", c) >= 0 {
			return Quote(name)
		}
	}
	return name
}

package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

// forms are a secret as programs print it. Those shorter than MinLength are left out.
func forms(secret string) []string {
	list := []string{secret}
	if trimmed := strings.TrimSpace(secret); trimmed != secret {
		list = append(list, trimmed) // files end with a newline, programs print without
	}
	for _, s := range list {
		lower := hex.EncodeToString([]byte(s))
		list = append(list, lower, strings.ToUpper(lower))
		list = append(list, inBase64(s)...)
		list = append(list, inURL(s)...)
		list = append(list, inJSON(s)...)
	}
	kept := list[:0]
	for _, form := range list {
		if len(form) >= MinLength {
			kept = append(kept, form)
		}
	}
	return kept
}

// inBase64 is what a secret always becomes inside a longer base64 text: in each of the three places it can have in a
// group of three bytes, without the characters that depend on its neighbours; and where nothing or a line's end follows,
// to the end, so that not even a few bits of the last byte are left.
func inBase64(s string) []string {
	var list []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			begin := (before*8 + 5) / 6
			text := encoding.EncodeToString([]byte("\x00\x00"[:before] + s))
			list = append(list, text[begin:(before+len(s))*8/6], text[begin:])
			line := encoding.EncodeToString([]byte("\x00\x00"[:before] + s + "\n"))
			list = append(list, line[begin:])
		}
	}
	return list
}

// inURL is a secret in the ways that URLs escape it: as a query, a path, by encodeURIComponent, with either case of
// digits, and with every byte escaped.
func inURL(s string) []string {
	component := escape(s, func(c byte) bool { return unreserved(c) || strings.IndexByte("!'()*", c) >= 0 })
	strict := escape(s, unreserved)
	list := []string{url.QueryEscape(s), url.PathEscape(s), component, strict, escape(s, func(byte) bool { return false })}
	for _, form := range list {
		list = append(list, lowerEscapes(form))
	}
	return list
}

func unreserved(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("-_.~", c) >= 0
}

func escape(s string, plain func(byte) bool) string {
	var b strings.Builder
	for i := range len(s) {
		if plain(s[i]) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

// lowerEscapes writes %AB as %ab.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}

// inJSON is a secret inside a JSON string, as encoders write it: with or without <, >, & and / escaped, and in ASCII.
func inJSON(s string) []string {
	var list []string
	var plain strings.Builder
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err == nil {
		text := strings.TrimSuffix(plain.String(), "\n")
		list = append(list, text[1:len(text)-1])
	}
	if data, err := json.Marshal(s); err == nil {
		list = append(list, string(data[1:len(data)-1]))
	}
	for _, form := range list {
		list = append(list, strings.ReplaceAll(form, "/", `\/`), ascii(form))
	}
	return list
}

// ascii writes every other character as \uXXXX.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

package shell

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// needsANSI says that text has characters which only $'…' can show.
func needsANSI(v string) bool {
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRuneInString(v[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' || r == 0x7f || r >= 0x80 && !unicode.IsPrint(r) {
			return true
		}
		i += n
	}
	return false
}

// quoteANSI writes $'…'.
func quoteANSI(v string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRuneInString(v[i:])
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\%03o`, v[i])
		case r < ' ' || r == 0x7f:
			if at := strings.IndexRune("\a\b\t\n\v\f\r\x1b", r); at >= 0 {
				b.WriteByte('\\')
				b.WriteByte("abtnvfrE"[at])
			} else {
				fmt.Fprintf(&b, `\%03o`, r)
			}
		case r >= 0x80 && !unicode.IsPrint(r):
			for j := range n {
				fmt.Fprintf(&b, `\%03o`, v[i+j])
			}
		default:
			b.WriteString(v[i : i+n])
		}
		i += n
	}
	b.WriteByte('\'')
	return b.String()
}

// quoteSingle is ${x@Q}: single quotes, always.
func quoteSingle(v string) string {
	if needsANSI(v) {
		return quoteANSI(v)
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

// quoteDeclare is how declare -p shows a value: double quotes.
func quoteDeclare(v string) string {
	if needsANSI(v) {
		return quoteANSI(v)
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(v); i++ {
		if strings.IndexByte("\"$`\\", v[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(v[i])
	}
	b.WriteByte('"')
	return b.String()
}

// quoteKey is how declare -p shows the key of an associative array.
func quoteKey(k string) string {
	if needsANSI(k) {
		return quoteANSI(k)
	}
	if k == "" || strings.ContainsAny(k, " \t\n\"'\\$`*?[]()|&;<>!{}~@#") {
		return quoteDeclare(k)
	}
	return k
}

// isShellSafe says that a word needs no quotes.
func isShellSafe(v string) bool {
	if v == "" {
		return false
	}
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case isNameByte(c) || c >= 0x80 || strings.IndexByte("%+-./:=@", c) >= 0:
		case (c == '#' || c == '~') && i > 0 && v[i-1] != ':' && v[i-1] != '=':
		case c == ']' && i == 0 && len(v) == 1:
		default:
			return false
		}
	}
	return true
}

// quoteTrace is how set and xtrace show a word: single quotes where they are needed.
func quoteTrace(v string) string {
	switch {
	case isShellSafe(v):
		return v
	case needsANSI(v):
		return quoteANSI(v)
	}
	return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'"
}

func quoteTraceAll(list []string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = quoteXtrace(v)
	}
	return out
}

// quoteBackslash is printf's %q.
func quoteBackslash(v string) string {
	if v == "" {
		return "''"
	}
	if needsANSI(v) {
		return quoteANSI(v)
	}
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		c := v[i]
		if strings.IndexByte(" \t\n'\"\\|&;()<>!{}*[]?^$`,", c) >= 0 || (c == '#' || c == '~') && i == 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// ansiC decodes backslash escapes: $'…', echo -e, printf and %b. With zero, octal needs a leading 0 as
// in echo -e and %b, quotes are kept as they are, and \c ends the output, which stop tells.
func ansiC(v string, zero bool) (text string, stop bool) {
	if strings.IndexByte(v, '\\') < 0 {
		return v, false
	}
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' || i+1 == len(v) {
			b = append(b, v[i])
			continue
		}
		i++
		c := v[i]
		switch c {
		case 'a':
			b = append(b, '\a')
		case 'b':
			b = append(b, '\b')
		case 'e', 'E':
			b = append(b, 0x1b)
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'v':
			b = append(b, '\v')
		case '\\':
			b = append(b, '\\')
		case '\'', '"', '?':
			if zero {
				b = append(b, '\\')
			}
			b = append(b, c)
		case 'c':
			if zero {
				return string(b), true
			}
			if i+1 < len(v) {
				i++
				b = append(b, v[i]&0x1f)
			} else {
				b = append(b, '\\', 'c')
			}
		case 'x':
			n, size := digits(v[i+1:], 16, 2)
			if size == 0 {
				if !zero && strings.HasPrefix(v[i+1:], "{") {
					if m, sz := digits(v[i+2:], 16, 8); sz > 0 {
						b = append(b, byte(m))
						i += sz + 1
						if strings.HasPrefix(v[i+1:], "}") {
							i++
						}
						continue
					}
				}
				b = append(b, '\\', 'x')
				continue
			}
			b = append(b, byte(n))
			i += size
		case 'u', 'U':
			width := 4
			if c == 'U' {
				width = 8
			}
			n, size := digits(v[i+1:], 16, width)
			if size == 0 {
				b = append(b, '\\', c)
				continue
			}
			b = utf8.AppendRune(b, rune(n))
			i += size
		case '0', '1', '2', '3', '4', '5', '6', '7':
			from, width := i, 3
			if zero {
				if c != '0' {
					b = append(b, '\\', c)
					continue
				}
				from = i + 1
			}
			n, size := digits(v[from:], 8, width)
			b = append(b, byte(n))
			i = from + size - 1
		default:
			b = append(b, '\\', c)
		}
	}
	if !zero { // $'…' ends at a NUL
		if i := strings.IndexByte(string(b), 0); i >= 0 {
			b = b[:i]
		}
	}
	return string(b), false
}

func digits(v string, base, width int) (n uint64, size int) {
	for size < width && size < len(v) {
		if _, err := strconv.ParseUint(v[size:size+1], base, 8); err != nil {
			break
		}
		size++
	}
	n, _ = strconv.ParseUint(v[:size], base, 64)
	return n, size
}

func formatInt(n int64) string {
	if n >= 0 && n < int64(len(smallInts)) {
		return smallInts[n]
	}
	return strconv.FormatInt(n, 10)
}

// smallInts saves an allocation for the numbers that loops count.
var smallInts = func() (list [256]string) {
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	return list
}()

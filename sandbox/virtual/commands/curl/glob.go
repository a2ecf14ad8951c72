package curl

import (
	"fmt"
	"strconv"
	"strings"
)

// glob is a URL with sets and ranges in it: {a,b} and [1-9], [001-100:10], [a-z].
type glob struct {
	fixed []string // before, between and after the parts
	parts []part
}

// part is a set, or a range of numbers or letters.
type part struct {
	set               []string
	first, last, step int64
	width             int
	letters           bool
}

func (p part) count() int64 {
	if p.set != nil {
		return int64(len(p.set))
	}
	return (p.last-p.first)/p.step + 1
}

func (p part) at(i int64) string {
	n := p.first + i*p.step
	switch {
	case p.set != nil:
		return p.set[i]
	case p.letters:
		return string(rune(n))
	}
	return fmt.Sprintf("%0*d", p.width, n)
}

// each calls do with every URL and what its parts are, until do returns false.
func (g glob) each(do func(url string, parts []string) bool) {
	at := make([]int64, len(g.parts))
	for {
		url, parts := g.fixed[0], make([]string, len(at))
		for i, p := range g.parts {
			parts[i] = p.at(at[i])
			url += parts[i] + g.fixed[i+1]
		}
		if !do(url, parts) {
			return
		}
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < g.parts[i].count() {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// globError is a malformed URL and where.
func globError(url, what string, at int) error {
	return fmt.Errorf("%s in URL position %d:\n%s\n%*s", what, at+1, url, at+1, "^")
}

// parseGlob reads sets and ranges. Brackets around an IPv6 address are none.
func parseGlob(url string) (glob, error) {
	g := glob{}
	var text strings.Builder
	for i := 0; i < len(url); i++ {
		switch c := url[i]; {
		case c == '\\' && i+1 < len(url) && strings.IndexByte(`{}[]`, url[i+1]) >= 0:
			i++
			text.WriteByte(url[i])
			continue
		case c == '{':
			end := strings.IndexByte(url[i:], '}')
			if end < 0 {
				return g, globError(url, "unmatched brace", i)
			}
			inner := url[i+1 : i+end]
			if strings.ContainsAny(inner, "{[]") {
				return g, globError(url, "nested brace", i+1+strings.IndexAny(inner, "{[]"))
			}
			if inner == "" {
				return g, globError(url, "empty string within braces", i+1)
			}
			g.fixed, g.parts = append(g.fixed, text.String()), append(g.parts, part{set: strings.Split(inner, ",")})
			text.Reset()
			i += end
			continue
		case c == '}' || c == ']':
			return g, globError(url, "unmatched close brace/bracket", i)
		case c == '[':
			end := strings.IndexByte(url[i:], ']')
			if end > 0 && strings.Count(url[i:i+end], ":") > 1 {
				text.WriteString(url[i : i+end+1])
				i += end
				continue
			}
			if end < 0 {
				return g, globError(url, "bad range", i+1)
			}
			p, ok := parseRange(url[i+1 : i+end])
			if !ok {
				return g, globError(url, "bad range", i+end+1)
			}
			g.fixed, g.parts = append(g.fixed, text.String()), append(g.parts, p)
			text.Reset()
			i += end
			continue
		default:
			text.WriteByte(c)
		}
	}
	g.fixed = append(g.fixed, text.String())
	return g, nil
}

func parseRange(text string) (part, bool) {
	text, by, stepped := strings.Cut(text, ":")
	p := part{step: 1}
	if stepped {
		n, err := strconv.ParseInt(by, 10, 32)
		if err != nil || n <= 0 {
			return p, false
		}
		p.step = n
	}
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		return p, false
	}
	isLetter := func(s string) bool { return len(s) == 1 && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z') }
	if isLetter(first) && isLetter(last) {
		p.first, p.last, p.letters = int64(first[0]), int64(last[0]), true
		return p, p.first <= p.last
	}
	a, err1 := strconv.ParseInt(first, 10, 64)
	b, err2 := strconv.ParseInt(last, 10, 64)
	if strings.HasPrefix(first, "0") {
		p.width = len(first)
	}
	p.first, p.last = a, b
	return p, err1 == nil && err2 == nil && a >= 0 && a <= b && b < 1<<62
}

package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// What brace expansion holds, in bytes: for a token, and for a word of a range.
const braceTokenSize, braceWordSize = 24, 200

func hasBrace(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); ok && strings.IndexByte(lit.Value, '{') >= 0 {
			return true
		}
	}
	return false
}

// braceToken is a piece of a word for brace expansion: { , } stand alone, the rest is carried along.
type braceToken struct {
	kind byte // '{' ',' '}' or 0
	part syntax.WordPart
}

// braces expands {a,b} and {1..3} in a word and returns the words that it makes.
func (s *shell) braces(parts []syntax.WordPart) [][]syntax.WordPart {
	var toks []braceToken
	lit := func(v string) {
		if v != "" {
			toks = append(toks, braceToken{part: &syntax.Lit{Value: v}})
		}
	}
	for _, p := range parts {
		l, ok := p.(*syntax.Lit)
		if !ok {
			toks = append(toks, braceToken{part: p})
			continue
		}
		from := 0
		for i := 0; i < len(l.Value); i++ {
			switch c := l.Value[i]; c {
			case '\\':
				i++
			case '{', ',', '}':
				lit(l.Value[from:i])
				toks = append(toks, braceToken{kind: c, part: &syntax.Lit{Value: string(c)}})
				from = i + 1
			}
		}
		lit(l.Value[from:])
	}
	var out [][]syntax.WordPart
	for _, list := range s.expandBraces(toks) {
		word := make([]syntax.WordPart, 0, len(list))
		for _, t := range list {
			if l, ok := t.part.(*syntax.Lit); ok && len(word) > 0 {
				if prev, ok := word[len(word)-1].(*syntax.Lit); ok {
					word[len(word)-1] = &syntax.Lit{Value: prev.Value + l.Value}
					continue
				}
			}
			word = append(word, t.part)
		}
		if len(word) > 0 {
			out = append(out, word)
		}
	}
	return out
}

// expandBraces finds the first brace expression, and combines what stands before, in and after it.
func (s *shell) expandBraces(toks []braceToken) [][]braceToken {
	for i, t := range toks {
		if t.kind != '{' {
			continue
		}
		s.work(len(toks) - i)
		end, commas := matchBrace(toks, i)
		if end < 0 {
			continue
		}
		var middle [][]braceToken
		if len(commas) > 0 {
			from := i + 1
			for _, c := range append(commas, end) {
				middle = append(middle, s.expandBraces(toks[from:c])...)
				from = c + 1
			}
		} else if seq, ok := s.braceRange(toks[i+1 : end]); ok {
			for _, v := range seq {
				middle = append(middle, []braceToken{{part: &syntax.Lit{Value: v}}})
			}
		} else {
			continue
		}
		rest := s.expandBraces(toks[end+1:])
		held := 0
		var out [][]braceToken // grown as the budget allows: the product can be larger than any memory
		for _, m := range middle {
			for _, r := range rest {
				s.work(i + len(m) + len(r) + 8)
				word := append(append(append(make([]braceToken, 0, i+len(m)+len(r)), toks[:i]...), m...), r...)
				size := braceTokenSize * (len(word) + 2)
				s.hold(size)
				held += size
				out = append(out, word)
			}
		}
		s.hold(-held)
		return out
	}
	return [][]braceToken{toks}
}

// matchBrace finds the } of a { and the commas between them.
func matchBrace(toks []braceToken, open int) (end int, commas []int) {
	depth := 0
	for i := open; i < len(toks); i++ {
		switch toks[i].kind {
		case '{':
			depth++
		case ',':
			if depth == 1 {
				commas = append(commas, i)
			}
		case '}':
			if depth--; depth == 0 {
				if i == open+1 {
					return -1, nil // {} is literal
				}
				return i, commas
			}
		}
	}
	return -1, nil
}

// braceRange is {1..9}, {a..e}, {01..10..2}.
func (s *shell) braceRange(toks []braceToken) ([]string, bool) {
	var b strings.Builder
	for _, t := range toks {
		l, ok := t.part.(*syntax.Lit)
		if !ok || t.kind != 0 {
			return nil, false
		}
		b.WriteString(l.Value)
	}
	f := strings.Split(b.String(), "..")
	if len(f) != 2 && len(f) != 3 {
		return nil, false
	}
	step := int64(1)
	if len(f) == 3 {
		n, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			return nil, false
		}
		step = max(n, -n)
		if step == 0 {
			step = 1
		}
	}
	if len(f[0]) == 1 && len(f[1]) == 1 && isLetter(f[0][0]) && isLetter(f[1][0]) {
		var out []string
		from, to := int(f[0][0]), int(f[1][0])
		for c := from; from <= to && c <= to || from > to && c >= to; {
			v := string(rune(c))
			if c == '\\' {
				v = `\\`
			}
			out = append(out, v)
			if from <= to {
				c += int(step)
			} else {
				c -= int(step)
			}
		}
		return out, true
	}
	from, err1 := strconv.ParseInt(f[0], 10, 64)
	to, err2 := strconv.ParseInt(f[1], 10, 64)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	width := 0
	if padded(f[0]) || padded(f[1]) {
		width = max(len(f[0]), len(f[1]))
	}
	var out []string
	held := 0
	defer func() { s.hold(-held) }()
	for n := from; ; {
		v := strconv.FormatInt(n, 10)
		if len(v) < width {
			if n < 0 {
				v = "-" + strings.Repeat("0", width-len(v)) + v[1:]
			} else {
				v = strings.Repeat("0", width-len(v)) + v
			}
		}
		s.hold(braceWordSize)
		held += braceWordSize
		s.work(1)
		out = append(out, v)
		if from <= to {
			if to-n < step || to-n < 0 {
				break
			}
			n += step
		} else {
			if n-to < step || n-to < 0 {
				break
			}
			n -= step
		}
	}
	return out, true
}

func padded(v string) bool {
	v = strings.TrimLeft(v, "+-")
	return len(v) > 1 && v[0] == '0'
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

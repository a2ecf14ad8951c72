package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (b *builder) extGlob(p *syntax.ExtGlob, q quoteMode) {
	text := p.Op.String() + p.Pattern.Value + ")"
	if q != quoteNone {
		b.quoted(text)
		return
	}
	if !strings.ContainsAny(p.Pattern.Value, "$`'\"\\") {
		b.bare(text)
		b.glob = true
		return
	}
	// The parser keeps the pattern as text: read it as a word, its separators in disguise.
	word := parseWord(disguise.Replace(p.Pattern.Value))
	if word == nil {
		b.bare(text)
		b.glob = true
		return
	}
	inner := builder{s: b.s, masked: true}
	inner.parts(word.Parts, quoteNone)
	b.bare(p.Op.String())
	for i, c := range inner.text {
		plain := string([]byte{reveal(c)})
		if inner.mask[i] {
			b.quoted(plain)
		} else {
			b.bare(plain)
		}
	}
	b.bare(")")
	b.glob = true
}

var disguise = strings.NewReplacer("|", "\x01", "(", "\x02", ")", "\x03", " ", "\x04", "&", "\x05", ";", "\x06", "<", "\x0e", ">", "\x0f")

func reveal(c byte) byte {
	switch c {
	case 1:
		return '|'
	case 2:
		return '('
	case 3:
		return ')'
	case 4:
		return ' '
	case 5:
		return '&'
	case 6:
		return ';'
	case 14:
		return '<'
	case 15:
		return '>'
	}
	return c
}

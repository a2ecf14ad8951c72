package awk

import "strings"

// growing are the texts to which something was appended last, with room behind them: a text that a program gathers piece by
// piece, as in s = s $0, is not copied each time.
type growing struct {
	texts [4]strings.Builder
	next  int // the one that makes place for another
}

// growingAt is how long a text is, in bytes, that is worth it.
const growingAt = 1 << 10

// concat is a text with others behind it.
func (g *growing) concat(in *interp, first string, others []string) string {
	b := g.find(first)
	if b == nil {
		in.large(2 * len(first))
		b = &g.texts[g.next]
		g.next = (g.next + 1) % len(g.texts)
		b.Reset()
		b.Grow(2 * len(first))
		b.WriteString(first)
	}
	for _, s := range others {
		in.large(len(s))
		b.WriteString(s)
	}
	if b.Len() >= 1<<16 {
		in.hold(b.Len())
		in.hold(-b.Len())
	}
	return b.String()
}

// find is the builder that made a text, if nothing was appended since. Comparing takes no time where that is so.
func (g *growing) find(text string) *strings.Builder {
	for i := range g.texts {
		if b := &g.texts[i]; b.Len() == len(text) && b.String() == text {
			return b
		}
	}
	return nil
}

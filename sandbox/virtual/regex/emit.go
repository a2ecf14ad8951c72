package regex

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// emitter writes a tree in the syntax of Go's regexp, or of regexp2 when lookaround is set.
type emitter struct {
	flags      Flags
	bytes      bool
	lookaround bool
	b          strings.Builder
	failed     bool // the tree needs look-arounds
}

func (e *emitter) write(n *node) (source string, ok bool) {
	if e.flags&IgnoreCase != 0 {
		e.b.WriteString("(?i)")
	}
	e.node(n, nil, nil)
	return e.b.String(), !e.failed
}

// node writes n; before and after are its neighbours in a sequence, nil where unknown.
func (e *emitter) node(n, before, after *node) {
	switch n.kind {
	case empty:
		e.b.WriteString("(?:)")
	case char:
		e.rune(n.r)
	case anyChar:
		e.b.WriteString("(?s:.)")
	case set:
		e.set(n.set)
	case group:
		e.b.WriteByte('(')
		e.node(n.sub[0], before, after)
		e.b.WriteByte(')')
	case sequence:
		for i, s := range n.sub {
			b, a := before, after
			if i > 0 {
				b = n.sub[i-1]
			}
			if i+1 < len(n.sub) {
				a = n.sub[i+1]
			}
			e.node(s, b, a)
		}
	case alternation:
		e.b.WriteString("(?:")
		for i, s := range n.sub {
			if i > 0 {
				e.b.WriteByte('|')
			}
			e.node(s, before, after)
		}
		e.b.WriteByte(')')
	case repeat:
		e.repeat(n)
	case backref:
		fmt.Fprintf(&e.b, `(?:\%d)`, n.n)
	case lineStart:
		e.either(e.flags&Multiline != 0, "(?m:^)", `\A`)
	case lineEnd:
		e.either(e.flags&Multiline != 0, "(?m:$)", `\z`)
	case textStart:
		e.b.WriteString(`\A`)
	case textEnd:
		e.b.WriteString(`\z`)
	case wordEdge:
		e.b.WriteString(`\b`)
	case notWordEdge:
		e.b.WriteString(`\B`)
	case wordStart:
		all, _ := edge(after, false)
		_, none := edge(before, true)
		e.edge(all || none, `\b(?=\w)`)
	case wordEnd:
		all, _ := edge(before, true)
		_, none := edge(after, false)
		e.edge(all || none, `\b(?<=\w)`)
	}
}

func (e *emitter) either(first bool, a, b string) {
	if !first {
		a = b
	}
	e.b.WriteString(a)
}

// edge writes \b where a neighbour makes it as good as \< or \>, which Go's regexp does not have.
func (e *emitter) edge(certain bool, lookaround string) {
	switch {
	case e.lookaround:
		e.b.WriteString(lookaround)
	case certain:
		e.b.WriteString(`\b`)
	default:
		e.failed = true
	}
}

// edge says whether the first (or last) character that n matches is surely a word character, or surely none.
func edge(n *node, last bool) (all, none bool) {
	if n == nil {
		return false, false
	}
	switch n.kind {
	case char:
		return isWord(n.r), !isWord(n.r)
	case set:
		return n.set.words()
	case group:
		return edge(n.sub[0], last)
	case repeat:
		if n.min > 0 {
			return edge(n.sub[0], last)
		}
	case sequence:
		if len(n.sub) > 0 && last {
			return edge(n.sub[len(n.sub)-1], last)
		} else if len(n.sub) > 0 {
			return edge(n.sub[0], last)
		}
	case alternation:
		all, none = true, true
		for _, s := range n.sub {
			a, b := edge(s, last)
			all, none = all && a, none && b
		}
		return all, none
	}
	return false, false
}

func (e *emitter) rune(r rune) {
	switch {
	case r < utf8.RuneSelf && strings.ContainsRune(`\.+*?()|[]{}^$#-&~ `, r):
		e.b.WriteByte('\\')
		e.b.WriteRune(r)
	case r < ' ' || r == 0x7f:
		fmt.Fprintf(&e.b, `\x%02x`, r)
	default:
		e.b.WriteRune(r)
	}
}

func (e *emitter) set(s *charSet) {
	e.b.WriteByte('[')
	if s.negated {
		e.b.WriteByte('^')
	}
	for i := 0; i < len(s.ranges); i += 2 {
		e.rune(s.ranges[i])
		if s.ranges[i+1] > s.ranges[i] {
			e.b.WriteByte('-')
			e.rune(s.ranges[i+1])
		}
		if e.flags&IgnoreCase != 0 && !e.bytes && (s.ranges[i] <= 'i' && 'i' <= s.ranges[i+1] || s.ranges[i] <= 'I' && 'I' <= s.ranges[i+1]) {
			e.rune('ı') // whose capital is I
		}
	}
	for _, name := range s.names {
		e.either(e.bytes, classes[name][1], classes[name][0])
	}
	e.b.WriteByte(']')
}

// goRepeat is the largest count that Go's regexp takes.
const goRepeat = 1000

func (e *emitter) repeat(n *node) {
	low, high := n.min, n.max
	if low <= goRepeat && high <= goRepeat {
		e.times(n.sub[0], low, high)
		return
	}
	for ; low > goRepeat; low, high = low-goRepeat, high-goRepeat {
		e.times(n.sub[0], goRepeat, goRepeat)
		if n.max < 0 {
			high = goRepeat - 1
		}
	}
	if n.max < 0 {
		e.times(n.sub[0], low, -1)
		return
	}
	e.times(n.sub[0], low, low)
	for high -= low; high > 0; high -= goRepeat {
		e.times(n.sub[0], 0, min(high, goRepeat))
	}
}

func (e *emitter) times(n *node, low, high int) {
	e.b.WriteString("(?:(?:")
	e.node(n, nil, nil)
	e.b.WriteByte(')')
	switch {
	case low == 0 && high < 0:
		e.b.WriteByte('*')
	case low == 1 && high < 0:
		e.b.WriteByte('+')
	case low == 0 && high == 1:
		e.b.WriteByte('?')
	default:
		e.b.WriteByte('{')
		e.b.WriteString(strconv.Itoa(low))
		if high != low {
			e.b.WriteByte(',')
		}
		if high >= 0 && high != low {
			e.b.WriteString(strconv.Itoa(high))
		}
		e.b.WriteByte('}')
	}
	e.b.WriteByte(')')
}

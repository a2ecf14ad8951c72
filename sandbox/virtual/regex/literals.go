package regex

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// literals finds any of many texts in one pass: the automaton of Aho and Corasick, "Efficient String Matching: An Aid to
// Bibliographic Search" (1975). A node is what is common to the beginnings of some of the texts; 0 is the empty one. They
// are in the order of their depth, so that the children of one are side by side: those of n are child[n] to child[n+1].
type literals struct {
	label []byte   // of a node: its last byte
	child []uint32 // the first one
	depth []uint32
	fail  []uint32      // the longest end of the node's text that is a node, too
	out   []uint32      // the longest end of it, or all of it, that is one of the texts; 0: none is
	table [][256]uint32 // of the first nodes, where most of a text is passed: what follows each by each byte

	flags Flags
	bytes bool
	fold  [256]byte // what a byte counts as
	at    [2]int
}

// maxTable is how many nodes have a table, of 1 KiB each.
const maxTable = 512

// maxLiterals is how many bytes texts to be found may have: their automaton takes 17 times as much.
const maxLiterals = 4 << 20

// newLiterals makes the automaton of texts; nil where it is not the way: an empty text is everywhere, and characters beyond
// ASCII have other cases that are as long as they please.
func newLiterals(texts []string, flags Flags, single bool) *literals {
	l := &literals{flags: flags, bytes: single}
	for c := range l.fold {
		l.fold[c] = byte(c)
	}
	sorted := slices.Clone(texts)
	if flags&IgnoreCase != 0 {
		for c := byte('A'); c <= 'Z'; c++ {
			l.fold[c] = c | 0x20
		}
		for i, text := range sorted {
			if !isASCII([]byte(text)) {
				return nil
			}
			sorted[i] = strings.ToLower(text)
		}
	}
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	if sorted[0] == "" {
		return nil
	}
	l.build(sorted)
	return l
}

// build makes the nodes of texts, which are sorted, and none of them is empty.
func (l *literals) build(texts []string) {
	type span struct{ from, to int } // of the texts that begin with a node
	spans := []span{{0, len(texts)}}
	l.label, l.depth, l.fail, l.out = []byte{0}, []uint32{0}, []uint32{0}, []uint32{0}
	for n := 0; n < len(spans); n++ {
		l.child = append(l.child, uint32(len(spans)))
		s, depth := spans[n], int(l.depth[n])
		if s.from < s.to && len(texts[s.from]) == depth { // the shortest is the first
			l.out[n] = uint32(n)
			s.from++
		}
		for s.from < s.to {
			c, to := texts[s.from][depth], s.from+1
			for to < s.to && texts[to][depth] == c {
				to++
			}
			l.add(uint32(n), c)
			spans = append(spans, span{s.from, to})
			s.from = to
		}
	}
	l.child = append(l.child, uint32(len(spans)))
	tables := min(len(spans), maxTable)
	for n := range len(spans) { // those before have theirs
		fail := l.fail[n]
		if l.out[n] == 0 {
			l.out[n] = l.out[fail]
		}
		if n < tables {
			l.table = append(l.table, [256]uint32{})
			l.table[n] = l.table[fail]
		}
		for kid := l.child[n]; kid < l.child[n+1]; kid++ {
			c := l.label[kid]
			if n > 0 {
				l.fail[kid] = l.next(fail, c)
			}
			if n < tables {
				l.table[n][c] = kid
			}
		}
	}
}

func (l *literals) add(parent uint32, c byte) {
	l.label = append(l.label, c)
	l.depth = append(l.depth, l.depth[parent]+1)
	l.fail, l.out = append(l.fail, 0), append(l.out, 0)
}

// step is the child of a node by a byte, 0 if it has none.
func (l *literals) step(node uint32, c byte) uint32 {
	from, to := l.child[node], l.child[node+1]
	if i := bytes.IndexByte(l.label[from:to], c); i >= 0 {
		return from + uint32(i)
	}
	return 0
}

// next is the longest node that ends a node's text and a byte.
func (l *literals) next(node uint32, c byte) uint32 {
	for int(node) >= len(l.table) {
		if kid := l.step(node, c); kid != 0 {
			return kid
		}
		node = l.fail[node]
	}
	return l.table[node][c]
}

// knows says whether the automaton tells what is in a text.
func (l *literals) knows(text []byte) bool {
	return l.flags&IgnoreCase == 0 || l.bytes || isASCII(text)
}

// match says whether one of the texts is in text.
func (l *literals) match(text []byte) bool {
	if l.flags&(Words|Lines) != 0 {
		return l.find(text, 0) != nil
	}
	node := uint32(0)
	for _, c := range text {
		if node = l.next(node, l.fold[c]); l.out[node] != 0 {
			return true
		}
	}
	return false
}

// find is where the longest one of the first texts in text is, at or after from; nil if there is none.
func (l *literals) find(text []byte, from int) []int {
	if l.flags&Lines != 0 {
		return l.whole(text, from)
	}
	start, end := -1, -1
	node := uint32(0)
	for i := from; i < len(text); i++ {
		node = l.next(node, l.fold[text[i]])
		if end >= 0 && i+1-int(l.depth[node]) > start {
			break // what comes begins later
		}
		for found := l.out[node]; found != 0; found = l.out[l.fail[found]] {
			if s := i + 1 - int(l.depth[found]); l.flags&Words == 0 || l.apart(text, s, i+1) {
				if end < 0 || s <= start {
					start, end = s, i+1
				}
				break // the others are shorter
			}
		}
	}
	if end < 0 {
		return nil
	}
	l.at = [2]int{start, end}
	return l.at[:]
}

// whole is the match of a text that is as a whole one of the texts.
func (l *literals) whole(text []byte, from int) []int {
	node := uint32(0)
	for _, c := range text {
		if node = l.step(node, l.fold[c]); node == 0 {
			return nil
		}
	}
	if from > 0 || l.out[node] != node || node == 0 {
		return nil
	}
	l.at = [2]int{0, len(text)}
	return l.at[:]
}

// apart says that no character of a word is right before or behind a part of a text.
func (l *literals) apart(text []byte, start, end int) bool {
	if l.bytes {
		return !(start > 0 && isWordByte(text[start-1])) && !(end < len(text) && isWordByte(text[end]))
	}
	before, _ := utf8.DecodeLastRune(text[:start])
	behind, _ := utf8.DecodeRune(text[end:])
	return !isWord(before) && !isWord(behind)
}

func isWordByte(c byte) bool { return c < utf8.RuneSelf && isWord(rune(c)) }

package spec

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// scalarOffset is the byte of the source at which the byte offset of a scalar's value is written.
func (d *Document) scalarOffset(n *yaml.Node, offset int) int {
	start := d.nodeStart(n)
	a := newAligner(d.Source, start, n)
	for a.value < min(max(offset, 0), len(n.Value)) || a.pending() {
		if !a.step() {
			return start
		}
	}
	return a.source
}

// scalarEnd is the byte after a flow scalar, its quote included.
func (d *Document) scalarEnd(n *yaml.Node) int {
	end := d.scalarOffset(n, len(n.Value))
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		if i := bytes.IndexAny(d.Source[end:], `"'`); i >= 0 {
			end += i + 1
		}
	}
	return end
}

// aligner walks a scalar's value and its source side by side. The value is known already, so it does not parse: it only
// has to see which bytes of the source stand for the next ones of the value.
type aligner struct {
	text   string // the value
	src    []byte
	value  int // the next byte of the value
	source int // where it is written
	indent int // of a block scalar
	style  yaml.Style
}

func newAligner(src []byte, start int, n *yaml.Node) *aligner {
	a := &aligner{text: n.Value, src: src, source: start, style: n.Style}
	switch {
	case a.is(yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle):
		a.source++
	case a.is(yaml.LiteralStyle | yaml.FoldedStyle):
		a.openBlock()
	}
	return a
}

func (a *aligner) is(style yaml.Style) bool { return a.style&style != 0 }

// openBlock goes past the header of a block scalar and finds its indentation: that of the first line with content, less
// the spaces that the value has there.
func (a *aligner) openBlock() {
	header, _, _ := bytes.Cut(a.src[a.source:], []byte("\n"))
	a.source = min(a.source+len(header)+1, len(a.src))
	a.indent = max(firstIndent(string(a.src[a.source:]))-firstIndent(a.text), 0)
	a.skipIndent()
}

// firstIndent is the number of spaces before the first thing that is no blank.
func firstIndent(text string) int {
	blank := len(text) - len(strings.TrimLeft(text, " \r\n"))
	return blank - (strings.LastIndexByte(text[:blank], '\n') + 1)
}

func (a *aligner) skipIndent() {
	for i := 0; i < a.indent && a.source < len(a.src) && a.src[a.source] == ' '; i++ {
		a.source++
	}
}

// pending says whether the source stands at something that gives no byte of the value and has to be passed first.
func (a *aligner) pending() bool {
	return a.is(yaml.DoubleQuotedStyle) && a.source+1 < len(a.src) && a.src[a.source] == '\\' &&
		(a.src[a.source+1] == '\n' || a.src[a.source+1] == '\r')
}

// step passes the next bytes of both; false if they do not fit, as after an exotic line break.
func (a *aligner) step() bool {
	if a.source >= len(a.src) {
		return false
	}
	switch {
	case a.is(yaml.LiteralStyle | yaml.FoldedStyle):
		return a.blockStep()
	case a.pending():
		a.source += 1 + bytes.IndexByte(a.src[a.source+1:], '\n') + 1
		for a.source < len(a.src) && (a.src[a.source] == ' ' || a.src[a.source] == '\t') {
			a.source++
		}
		return true
	case a.is(yaml.DoubleQuotedStyle) && a.src[a.source] == '\\':
		return a.escape()
	}
	if breaks, end := a.fold(); breaks > 0 {
		a.source = end
		if breaks == 1 {
			a.value++
		} else {
			a.value += breaks - 1
		}
		return a.value <= len(a.text)
	}
	if a.value >= len(a.text) || a.src[a.source] != a.text[a.value] {
		return false
	}
	if a.is(yaml.SingleQuotedStyle) && a.src[a.source] == '\'' {
		a.source++
	}
	a.source++
	a.value++
	return true
}

// escape passes a backslash escape of a double-quoted scalar.
func (a *aligner) escape() bool {
	if a.source+1 >= len(a.src) || a.value >= len(a.text) {
		return false
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[a.src[a.source+1]]
	a.source += 2 + digits
	_, size := utf8.DecodeRuneInString(a.text[a.value:])
	a.value += size
	return a.source <= len(a.src)
}

// fold looks for line breaks with the blanks around them, which plain and quoted scalars fold into one space, or into
// one line break less.
func (a *aligner) fold() (breaks, end int) {
	end = a.source
	for i := a.source; i < len(a.src); i++ {
		switch a.src[i] {
		case '\n':
			breaks++
			end = i + 1
		case ' ', '\t', '\r':
			if breaks > 0 {
				end = i + 1
			}
		default:
			return breaks, end
		}
	}
	return breaks, end
}

func (a *aligner) blockStep() bool {
	if a.src[a.source] == '\r' && a.source+1 < len(a.src) && a.src[a.source+1] == '\n' {
		a.source++
	}
	if a.src[a.source] != '\n' {
		if a.value >= len(a.text) || a.src[a.source] != a.text[a.value] {
			return false
		}
		a.source++
		a.value++
		return true
	}
	if a.value >= len(a.text) {
		return false
	}
	if a.is(yaml.FoldedStyle) && a.text[a.value] == '\n' && a.breaksAhead() > a.newlinesAhead() {
		a.nextLine() // the first of several breaks gives nothing
	}
	if c := a.text[a.value]; c != '\n' && (c != ' ' || !a.is(yaml.FoldedStyle)) {
		return false
	}
	a.nextLine()
	a.value++
	return true
}

func (a *aligner) nextLine() {
	if a.source < len(a.src) && a.src[a.source] == '\r' {
		a.source++
	}
	a.source++
	a.skipIndent()
}

func (a *aligner) newlinesAhead() int {
	rest := a.text[a.value:]
	return len(rest) - len(strings.TrimLeft(rest, "\n"))
}

// breaksAhead counts line breaks of the source up to the next line with content.
func (a *aligner) breaksAhead() int {
	ahead := *a
	breaks := 0
	for ahead.source < len(ahead.src) && (ahead.src[ahead.source] == '\n' || ahead.src[ahead.source] == '\r') {
		if ahead.src[ahead.source] == '\r' && (ahead.source+1 >= len(ahead.src) || ahead.src[ahead.source+1] != '\n') {
			break
		}
		ahead.nextLine()
		breaks++
	}
	return breaks
}

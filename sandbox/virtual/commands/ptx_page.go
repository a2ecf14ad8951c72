package commands

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
)

// ptxPage lays entries out: half of a line for what is before the word, half for the word and what is behind it.
type ptxPage struct {
	*ptxIndex
	width     int // of a line, without a reference to its left
	half      int
	before    int // the most that stands before the word
	after     int // and behind it
	reference int // the widest reference
}

// ptxRow is one entry's parts. What does not fit before the word may stand at the end of the line, as its head, and what does not fit behind
// it at the begin, as its tail; each has a mark where something is missing still.
type ptxRow struct {
	before, after, tail, head []byte
	cutBefore, cutAfter       bool
	cutTail, cutHead          bool
	reference                 []byte
	indent                    int // columns that before counts for: less than nothing where only white space is there
}

func newPtxPage(ix *ptxIndex) *ptxPage {
	p := &ptxPage{ptxIndex: ix, width: ix.ptxOptions.width, reference: ix.widest}
	if ix.auto {
		p.reference = 0
		for _, f := range ix.files {
			p.reference = max(p.reference, len(f.name)+len(strconv.Itoa(f.lines+1)))
		}
		p.reference++
	}
	if (ix.auto || ix.inText) && !ix.right {
		p.width = max(p.width-p.reference-ix.gap, 0)
	}
	p.half = p.width / 2
	p.before, p.after = p.half-ix.gap, p.half-2*len(ix.truncation)
	if ix.traditional {
		p.after--
	} else {
		p.before = max(p.before-2*len(ix.truncation), 0)
	}
	return p
}

// layout decides what of an entry's sentence is shown, in whole words.
func (p *ptxPage) layout(e ptxEntry) (row ptxRow) {
	text, marks := p.files[e.file].text, p.truncation != ""

	// The word, and what follows it.
	end, limit := e.end, e.start+p.after
	at := end
	for at < e.right && at <= limit {
		end = at
		at = p.skip(text[:e.right], at)
	}
	if at <= limit {
		end = at
	}
	row.cutAfter = marks && end < e.right
	end = trimEnd(text, e.start, end)
	row.after = text[e.start:end]

	// What comes before it: from a place that is far enough, word by word, until it fits.
	from := e.left
	if reach := p.half + p.longest; e.start-e.left > reach {
		from = p.skip(text[:e.start], e.start-reach)
	}
	start, stop := from, trimEnd(text, from, e.start)
	for start+p.before < stop {
		start = p.skip(text[:stop], start)
	}
	row.cutBefore = marks && trimEnd(text, 0, start) > e.left
	start = trimStart(text, start, len(text))
	row.before, row.indent = slice(text, start, stop), stop-start

	if room := p.before - (stop - start) - p.gap; room > 0 {
		from := trimStart(text, end, len(text))
		to, at := from, from
		for at < e.right && at < from+room {
			to = at
			at = p.skip(text[:e.right], at)
		}
		if at < from+room {
			to = at
		}
		if to > from {
			row.cutAfter, row.cutTail = false, marks && to < e.right
		}
		row.tail = slice(text, from, trimEnd(text, from, to))
	}
	if room := p.after - (end - e.start) - p.gap; room > 0 {
		to := trimEnd(text, 0, start)
		for from+room < to {
			from = p.skip(text[:to], from)
		}
		if to > from {
			row.cutBefore, row.cutHead = false, marks && from > e.left
		}
		row.head = slice(text, trimStart(text, from, to), to)
	}

	switch {
	case p.auto:
		row.reference = fmt.Appendf(nil, "%s:%d", p.files[e.file].name, e.line)
	case p.inText:
		row.reference = text[e.reference:max(e.reference, fieldEnd(text[:max(e.right, e.reference)], e.reference))]
	}
	return row
}

// slice is text from start to end, or nothing where these have crossed.
func slice(text []byte, start, end int) []byte {
	if start >= end {
		return nil
	}
	return text[start:end]
}

// trimEnd moves end back over white space, not before start.
func trimEnd(text []byte, start, end int) int {
	for end > start && strings.IndexByte(cSpaces, text[end-1]) >= 0 {
		end--
	}
	return end
}

// trimStart moves start over white space, not behind end.
func trimStart(text []byte, start, end int) int {
	for start < end && strings.IndexByte(cSpaces, text[start]) >= 0 {
		start++
	}
	return start
}

func (p *ptxPage) write(out *bufio.Writer, row ptxRow) {
	switch p.format {
	case ptxPlain:
		p.writePlain(out, row)
	case ptxRoff:
		p.writeRoff(out, row)
	case ptxTeX:
		p.writeTeX(out, row)
	}
	out.WriteByte('\n')
}

// field writes one part, in which white space is a blank each, and what means something to the format is quoted.
func (p *ptxPage) field(out *bufio.Writer, text []byte) {
	for _, c := range text {
		switch {
		case strings.IndexByte(cSpaces, c) >= 0:
			out.WriteByte(' ')
		case p.format == ptxRoff && c == '"':
			out.WriteString(`""`)
		case p.format == ptxTeX && strings.IndexByte("$%&#_", c) >= 0:
			out.WriteByte('\\')
			out.WriteByte(c)
		case p.format == ptxTeX && (c == '{' || c == '}'):
			out.WriteString(`$\` + string(rune(c)) + "$")
		case p.format == ptxTeX && c == '\\':
			out.WriteString(`\backslash{}`)
		default:
			out.WriteByte(c)
		}
	}
}

// mark is what stands at the end of a part of which something was cut.
func (p *ptxPage) mark(cut bool) string {
	if cut {
		return p.truncation
	}
	return ""
}

func (p *ptxPage) writePlain(out *bufio.Writer, row ptxRow) {
	spaces := func(n int) { out.WriteString(strings.Repeat(" ", max(n, 0))) }
	references := p.auto || p.inText
	if !p.right {
		p.field(out, row.reference)
		padding := p.reference + p.gap - len(row.reference)
		if p.auto {
			out.WriteByte(':')
			padding--
		}
		spaces(padding)
	}
	space := p.half - p.gap - row.indent - len(p.mark(row.cutBefore))
	if len(row.tail) > 0 {
		p.field(out, row.tail)
		out.WriteString(p.mark(row.cutTail))
		space -= len(row.tail) + len(p.mark(row.cutTail))
	}
	spaces(space)
	out.WriteString(p.mark(row.cutBefore))
	p.field(out, row.before)
	spaces(p.gap)
	p.field(out, row.after)
	out.WriteString(p.mark(row.cutAfter))
	space = p.half - len(row.after) - len(p.mark(row.cutAfter))
	switch {
	case len(row.head) > 0:
		spaces(space - len(row.head) - len(p.mark(row.cutHead)))
		out.WriteString(p.mark(row.cutHead))
		p.field(out, row.head)
	case references && p.right:
		spaces(space)
	}
	if references && p.right {
		spaces(p.gap)
		p.field(out, row.reference)
	}
}

func (p *ptxPage) writeRoff(out *bufio.Writer, row ptxRow) {
	out.WriteString("." + p.macro)
	part := func(before string, text []byte, after string) {
		out.WriteString(` "` + before)
		p.field(out, text)
		out.WriteString(after + `"`)
	}
	part("", row.tail, p.mark(row.cutTail))
	part(p.mark(row.cutBefore), row.before, "")
	part("", row.after, p.mark(row.cutAfter))
	part(p.mark(row.cutHead), row.head, "")
	if p.auto || p.inText {
		part("", row.reference, "")
	}
}

func (p *ptxPage) writeTeX(out *bufio.Writer, row ptxRow) {
	out.WriteString(`\` + p.macro + " ")
	key := min(p.skip(row.after, 0), len(row.after))
	parts := [][]byte{row.tail, row.before, row.after[:key], row.after[key:], row.head}
	if p.auto || p.inText {
		parts = append(parts, row.reference)
	}
	for _, text := range parts {
		out.WriteByte('{')
		p.field(out, text)
		out.WriteByte('}')
	}
}

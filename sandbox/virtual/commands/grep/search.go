package grep

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// input is the search of one file.
type input struct {
	*grep
	name    string
	line    int64 // number of the current line, from 1
	offset  int64 // of the current line
	matches int
	binary  bool

	printed  int64 // number of the last line that was printed
	trailing int   // context lines that are still to be printed
	leading  []contextLine
}

type contextLine struct {
	text         []byte
	line, offset int64
}

// close gives back what reading held.
func (g *grep) close() {
	if g.lines != nil {
		g.lines.Close()
	}
}

// search goes through one input.
func (g *grep) search(name string, r io.Reader) {
	if g.lines == nil {
		g.lines = cli.NewLines(g.ctx, g.inv.Budget, r, g.delim)
	} else {
		g.lines.Reset(r)
	}
	in := &input{grep: g, name: name}
	if g.out.tab {
		g.out.width = offsetWidth(r)
	}
	err := in.run()
	if errors.Is(err, cli.ErrStop) {
		g.stopped = true
		return
	}
	if g.re != nil && g.re.Err() != nil {
		g.fail(name, g.re.Err())
	}
	if err != nil && err != io.EOF {
		g.fail(name, err)
	}
	if in.matches > 0 {
		g.selected = true
		if g.quiet {
			g.stopped = true
			return
		}
	}
	g.report(name, in.matches)
}

func (in *input) run() error {
	in.out.fileCount++
	byLine := in.invert || in.max == 0 || in.grouped || in.re == nil || len(in.re.Required()) == 0
	for {
		block, err := in.lines.Block()
		if err != nil {
			return err
		}
		if in.suspicious(block) {
			if in.grep.binary == 'w' {
				in.matches = 0
				return nil
			}
			in.binary = in.grep.binary == 'b'
		}
		if in.binary && in.delim != 0 {
			for i, c := range block { // lines of what is no text end at a NUL too
				if c == 0 {
					block[i] = in.delim
				}
			}
		}
		whole := block
		var done bool
		if byLine {
			done, err = in.eachLine(&block)
		} else {
			done, err = in.eachCandidate(&block)
		}
		if err != nil || done {
			if err == nil && in.max >= 0 {
				in.lines.Unread(len(block))
				in.lines.GiveBack()
			}
			return err
		}
		in.offset += int64(len(whole))
	}
}

// suspicious says whether a block looks binary.
func (in *input) suspicious(block []byte) bool {
	if in.binary || in.grep.binary == 't' {
		return false
	}
	if in.delim == 0 {
		return bytes.IndexByte(block, 0x80) >= 0 && !utf8.Valid(block)
	}
	return bytes.IndexByte(block, 0) >= 0
}

// eachCandidate looks only at lines with the text that every match contains. block becomes what it has not read.
func (in *input) eachCandidate(block *[]byte) (done bool, err error) {
	must, exact := newLiteral(in.re.Required()), in.re.IsLiteral()
	text := *block
	counted, line := 0, in.line // lines before counted are in line
	for at := 0; at < len(text); {
		i := must.index(text[at:])
		if i < 0 {
			break
		}
		begin := bytes.LastIndexByte(text[:at+i], in.delim) + 1
		end, next := len(text), len(text)
		if e := bytes.IndexByte(text[at+i:], in.delim); e >= 0 {
			end, next = at+i+e, at+i+e+1
		}
		at = next
		if !exact && !in.re.Match(text[begin:end]) {
			continue
		}
		if in.numbers {
			line += int64(bytes.Count(text[counted:begin], []byte{in.delim}))
			counted = begin
		}
		if done, err = in.selectLine(text[begin:end], line+1, in.offset+int64(begin)); done || err != nil {
			*block = text[next:]
			return done, err
		}
	}
	if in.numbers {
		in.line = line + int64(bytes.Count(text[counted:], []byte{in.delim}))
	}
	return false, nil
}

// eachLine looks at every line, and prints context. block becomes what it has not read.
func (in *input) eachLine(block *[]byte) (done bool, err error) {
	text := *block
	for at := 0; at < len(text); {
		end, next := len(text), len(text)
		if e := bytes.IndexByte(text[at:], in.delim); e >= 0 {
			end, next = at+e, at+e+1
		}
		line, offset := text[at:end], in.offset+int64(at)
		at = next
		in.line++
		enough := in.max >= 0 && in.matches >= in.max // what follows is context
		if enough || (in.re != nil && in.re.Match(line)) == in.invert {
			if in.trailing > 0 {
				in.trailing--
				if err := in.print(line, in.line, offset, '-'); err != nil {
					return true, err
				}
			} else {
				in.remember(line, offset)
			}
			if in.matches == in.max && in.trailing == 0 {
				*block = text[at:]
				return true, nil
			}
			continue
		}
		if done, err = in.selectLine(line, in.line, offset); done || err != nil {
			*block = text[at:]
			return done, err
		}
	}
	return false, nil
}

// remember keeps a line that may become leading context.
func (in *input) remember(line []byte, offset int64) {
	if in.before == 0 || in.lists() || in.only {
		return
	}
	var keep contextLine
	if len(in.leading) == in.before {
		keep = in.leading[0]
		in.leading = append(in.leading[:0], in.leading[1:]...)
	}
	in.leading = append(in.leading, contextLine{append(keep.text[:0], line...), in.line, offset})
}

// selectLine counts and prints a line that is selected, with the context before it.
func (in *input) selectLine(line []byte, number, offset int64) (done bool, err error) {
	in.matches++
	in.selected = true
	last := in.matches == in.max
	switch {
	case in.quiet || in.list || in.listOthers:
		return true, nil
	case in.count:
		return last, nil
	case in.binary || in.grep.binary != 't' && in.utf8 && !utf8.Valid(line):
		if in.grep.binary == 'w' {
			in.matches = 0
			return true, nil
		}
		if err := in.out.Flush(); err != nil {
			return true, cli.ErrStop
		}
		in.inv.Errorf("%s: binary file matches", in.name)
		return true, nil
	}
	if in.grouped {
		first := number
		if len(in.leading) > 0 {
			first = in.leading[0].line
		}
		if in.out.group != nil && in.out.printed && (in.out.lastFile != in.out.fileCount || first > in.printed+1) {
			in.out.colored("se", *in.out.group)
			in.out.WriteByte('\n')
		}
		in.out.printed, in.out.lastFile = true, in.out.fileCount
		for _, l := range in.leading {
			if err := in.print(l.text, l.line, l.offset, '-'); err != nil {
				return true, err
			}
		}
		in.leading = in.leading[:0]
		in.trailing = in.after
	}
	err = in.print(line, number, offset, ':')
	return err != nil || last && in.trailing == 0, err
}

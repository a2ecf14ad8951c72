package commands

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var fmtSpec = cli.Spec{
	Usage: `[-WIDTH] [OPTION]... [FILE]...
Reformat each paragraph in the FILE(s), writing to standard output.

  -c, --crown-margin     preserve indentation of first two lines
  -p, --prefix=STRING    reformat only lines beginning with STRING
  -s, --split-only       split long lines, but do not refill
  -t, --tagged-paragraph indentation of first line different from second
  -u, --uniform-spacing  one space between words, two after sentences
  -w, --width=WIDTH      maximum line width (default of 75 columns)
  -g, --goal=WIDTH       goal width (default of 93% of width)
`,
	Short: "#cp:stuw:g:",
	Long:  "crown-margin=c prefix:=p split-only=s tagged-paragraph=t uniform-spacing=u width:=w goal:=g",
}

func fmtCommand(ctx context.Context, inv *shell.Invocation) int {
	p, status := fmtSpec.Parse(inv)
	if p == nil {
		return status
	}
	f := &filler{ctx: ctx, inv: inv, width: 75}
	widthGiven, goalGiven := "", ""
	for i, o := range p.Options {
		switch o.Key {
		case "c":
			f.crown = true
		case "p":
			trimmed := strings.TrimLeft(o.Value, " ")
			f.lead, f.full = len(o.Value)-len(trimmed), len(trimmed)
			f.prefix = strings.TrimRight(trimmed, " ")
		case "s":
			f.splitOnly = true
		case "t":
			f.tagged = true
		case "u":
			f.uniform = true
		case "#":
			if i > 0 {
				return fmtSpec.Misuse(inv, "invalid option -- %c; -WIDTH is recognized only when it is the first\noption; use -w N instead", o.Value[0])
			}
			widthGiven = o.Value
		case "w":
			widthGiven = o.Value
		case "g":
			goalGiven = o.Value
		}
	}
	var problem string
	if widthGiven != "" {
		if f.width, problem = fillWidth(widthGiven, 2500); problem != "" {
			inv.Errorf("%s", problem)
			return 1
		}
	}
	switch f.goal = f.width * 187 / 200; {
	case goalGiven == "":
	case widthGiven == "":
		f.goal, problem = fillWidth(goalGiven, 75)
		f.width = f.goal + 10
	default:
		f.goal, problem = fillWidth(goalGiven, f.width)
	}
	if problem != "" {
		inv.Errorf("%s", problem)
		return 1
	}
	f.out = inv.Buffered(inv.Stdout)
	status = cli.EachWorded(inv, p.Operands, func(name string, opened bool, err error) {
		if opened {
			inv.Errorf("read error: %v", err)
		} else {
			inv.Errorf("cannot open %s for reading: %v", cli.Quote(name), err)
		}
	}, f.file)
	if f.out.Flush() != nil {
		return 1
	}
	return status
}

// fillWidth reads a width of at most most columns, and says what is wrong with it.
func fillWidth(text string, most int) (int, string) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < 0:
		return 0, "invalid width: " + cli.QuoteText(text)
	case n > most:
		return 0, "invalid width: " + cli.QuoteText(text) + ": Numerical result out of range"
	}
	return n, ""
}

// filler gathers paragraphs and breaks them into lines.
type filler struct {
	ctx                               context.Context
	inv                               *shell.Invocation
	out                               *bufio.Writer
	width, goal                       int
	crown, tagged, splitOnly, uniform bool
	prefix                            string
	lead, full                        int // blanks before the prefix as it was given, and its length with those behind it

	lines *cli.Lines
	line  fillLine // the next one
	tabs  bool     // a tab was seen, so blanks may be written as tabs

	words         []fillWord
	prefixIndent  int // where the prefix of the paragraph begins
	first, second int // columns where its first line and the others begin
	lastLength    int // of the line written last, 0 at the start of a paragraph
}

// file fills the paragraphs of one file.
func (f *filler) file(_ string, r io.Reader) error {
	f.lines = cli.NewLines(f.ctx, f.inv.Budget, r, '\n')
	defer f.lines.Close()
	f.tabs, f.second, f.prefixIndent = false, 0, 0
	if err := f.next(); err != nil {
		return err
	}
	for !f.line.end {
		if f.line.text == "" || f.line.prefixIndent < f.lead || f.line.column < f.line.prefixIndent+f.full {
			f.copy()
		} else {
			if err := f.paragraph(); err != nil {
				return err
			}
			f.breakLines()
			f.put(len(f.words))
		}
		if f.line.end {
			break
		}
		if _, err := f.out.Write(nil); err != nil {
			return cli.ErrStop
		}
	}
	return nil
}

// next reads a line and where its text begins.
func (f *filler) next() error {
	line, ended, err := f.lines.Next()
	if err == io.EOF {
		f.line = fillLine{end: true}
		return nil
	}
	if err != nil {
		return err
	}
	l := fillLine{text: string(line), ended: ended}
	l.column = f.blanks(&l.text, 0)
	if f.prefix == "" {
		l.prefixIndent = min(f.lead, l.column)
	} else {
		l.prefixIndent = l.column
		matched := 0
		for matched < len(f.prefix) && matched < len(l.text) && l.text[matched] == f.prefix[matched] {
			matched++
		}
		l.text = l.text[matched:]
		if l.column += matched; matched == len(f.prefix) {
			l.column = f.blanks(&l.text, l.column)
		}
	}
	f.line = l
	return nil
}

// blanks takes spaces and tabs off text, which stands at column, and returns the column behind them.
func (f *filler) blanks(text *string, column int) int {
	s := *text
	for ; s != "" && (s[0] == ' ' || s[0] == '\t'); s = s[1:] {
		column++
		if s[0] == '\t' {
			f.tabs = true
			column = (column + 7) / 8 * 8
		}
	}
	*text = s
	return column
}

// copy writes a line that belongs to no paragraph.
func (f *filler) copy() {
	l := f.line
	ended := l.ended
	if l.column > l.prefixIndent || l.text != "" {
		column := f.space(0, l.prefixIndent)
		shown := f.prefix[:min(len(f.prefix), max(l.column-column, 0))]
		f.out.WriteString(shown)
		if l.text != "" {
			f.space(column+len(shown), l.column-column-len(shown))
		} else if !l.ended && l.column >= l.prefixIndent+len(f.prefix) {
			ended = true
		}
	}
	f.out.WriteString(l.text)
	if ended {
		f.out.WriteByte('\n')
	}
	if err := f.next(); err != nil {
		f.line = fillLine{end: true}
	}
}

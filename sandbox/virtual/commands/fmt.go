package commands

import (
	"bufio"
	"context"
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
	f := &filler{width: 75, goal: -1}
	for _, o := range p.Options {
		switch o.Key {
		case "c":
			f.crown = true
		case "p":
			f.prefix = strings.TrimLeft(o.Value, " ")
		case "s":
			f.splitOnly = true
		case "t":
			f.crown = true
		case "u":
			f.uniform = true
		case "w", "#", "g":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 || n > 2500 {
				inv.Errorf("invalid width: %s", cli.Quote(o.Value))
				return 1
			}
			if o.Key == "g" {
				f.goal = n
			} else {
				f.width = n
			}
		}
	}
	if f.goal < 0 {
		f.goal = f.width * 187 / 200
	}
	f.out = inv.Buffered(inv.Stdout)
	status = eachLine(ctx, inv, p.Operands, '\n', f.out, func(line []byte, _ bool) { f.line(string(line)) })
	f.flush()
	if f.out.Flush() != nil {
		return 1
	}
	return status
}

// filler gathers paragraphs and breaks them into lines.
type filler struct {
	out                       *bufio.Writer
	width, goal               int
	crown, splitOnly, uniform bool
	prefix                    string

	words         []fillWord
	lines         int
	first, second string // indentation of the first line and of the others
}

func (f *filler) line(line string) {
	body := line
	if f.prefix != "" {
		trimmed := strings.TrimLeft(line, " \t")
		if !strings.HasPrefix(trimmed, f.prefix) {
			f.flush()
			f.out.WriteString(line + "\n")
			return
		}
		body = strings.TrimPrefix(trimmed, f.prefix)
	}
	indent := body[:len(body)-len(strings.TrimLeft(body, " \t"))]
	if f.prefix != "" {
		indent = line[:strings.Index(line, f.prefix)+len(f.prefix)] + indent
	}
	if strings.TrimSpace(body) == "" {
		f.flush()
		f.out.WriteString(strings.TrimRight(f.prefix, " ") + "\n")
		return
	}
	if f.lines > 0 && (f.splitOnly || !(f.crown && f.lines == 1) && indent != f.second) {
		f.flush()
	}
	if f.lines == 0 {
		f.first, f.second = indent, indent
	} else if f.crown && f.lines == 1 {
		f.second = indent
	}
	f.lines++
	f.add(body)
	if len(f.words) >= maxWords {
		f.flush()
	}
}

// maxWords bounds what is gathered of a paragraph.
const maxWords = 1000

// fillWord is a word with the spaces behind it.
type fillWord struct {
	text                        string
	space                       int
	paren, period, punct, final bool // how it begins and ends; final: it ends a sentence
	length, lineLength          int
	cost, next                  int // of the best way to break from here on, and where its line ends
}

// The costs are those of GNU fmt: a break is dear where a line is short of the goal or much unlike the next one, and
// where a sentence has its first or last word alone; it is cheap at the end of a sentence.
func (f *filler) breakCost(i int) int {
	cost := 70 * 70
	if i > 0 {
		switch prev := f.words[i-1]; {
		case prev.period && prev.final:
			cost -= 50 * 50
		case prev.period:
			cost += 600 * 600
		case prev.punct:
			cost -= 40 * 40
		case i > 1 && f.words[i-2].final:
			cost += 200 * 200 / (prev.length + 2)
		}
	}
	if w := f.words[i]; w.paren {
		cost -= 40 * 40
	} else if w.final {
		cost += 150 * 150 / (w.length + 2)
	}
	return cost
}

func (f *filler) lineCost(next, length int) int {
	if next == len(f.words) {
		return 0
	}
	n := f.goal - length
	cost := 100 * n * n
	if w := f.words[next]; w.next != len(f.words) {
		n = (length - w.lineLength) / 2
		cost += 100 * n * n / 2
	}
	return cost + f.words[next].cost
}

// flush writes the paragraph with the breaks that cost least.
func (f *filler) flush() {
	n := len(f.words)
	for i := n - 1; i >= 0; i-- {
		w := &f.words[i]
		length := columnWidth(f.second)
		if i == 0 {
			length = columnWidth(f.first)
		}
		length += w.length
		best := 1 << 60
		for next := i + 1; ; next++ {
			if c := f.lineCost(next, length); c < best {
				best, w.next, w.lineLength = c, next, length
			}
			if next == n {
				break
			}
			if length += f.words[next-1].space + f.words[next].length; length >= f.width {
				break
			}
		}
		w.cost = best + f.breakCost(i)
	}
	for i := 0; i < n; i = f.words[i].next {
		if i == 0 {
			f.out.WriteString(f.first)
		} else {
			f.out.WriteString(f.second)
		}
		for j := i; j < f.words[i].next; j++ {
			f.out.WriteString(f.words[j].text)
			if j+1 < f.words[i].next {
				f.out.WriteString(strings.Repeat(" ", f.words[j].space))
			}
		}
		f.out.WriteByte('\n')
	}
	f.words, f.lines = nil, 0
}

// add appends the words of a line.
func (f *filler) add(body string) {
	for body = strings.TrimLeft(body, " \t"); body != ""; {
		end := strings.IndexAny(body, " \t")
		if end < 0 {
			end = len(body)
		}
		w := fillWord{text: body[:end], length: columnWidth(body[:end])}
		rest := strings.TrimLeft(body[end:], " \t")
		w.space = len(body) - end - len(rest)
		bare := strings.TrimRight(w.text, ")]'\"")
		w.paren = strings.IndexByte("([\"'`", w.text[0]) >= 0
		w.punct = strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", w.text[len(w.text)-1]) >= 0
		w.period = bare != "" && strings.IndexByte(".?!", bare[len(bare)-1]) >= 0
		w.final = w.period && (rest == "" || w.space > 1)
		if rest == "" || f.uniform {
			w.space = 1
			if w.final {
				w.space = 2
			}
		}
		f.words = append(f.words, w)
		body = rest
	}
}

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
	f.out = bufio.NewWriterSize(inv.Stdout, cli.BlockSize)
	status = eachLine(ctx, inv, p.Operands, '\n', f.out, func(line []byte, _ bool) { f.line(string(line)) })
	f.flush()
	if f.out.Flush() != nil {
		return 1
	}
	return status
}

// filler gathers paragraphs and breaks them into lines.
type filler struct {
	out              *bufio.Writer
	width, goal      int
	crown, splitOnly bool
	prefix           string

	words         []string
	sentence      []bool // a word ended its line, or two spaces followed it
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
	words := strings.Fields(body)
	if len(words) == 0 {
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
	for i, w := range words {
		f.words = append(f.words, w)
		f.sentence = append(f.sentence, i == len(words)-1 || strings.Contains(body, w+"  "))
	}
}

// flush writes the paragraph so that the sum of the squares of what lines lack to the goal is least.
func (f *filler) flush() {
	n := len(f.words)
	if n == 0 {
		return
	}
	gap := func(i int) int { // behind word i
		w := strings.TrimRight(f.words[i], ")]'\"")
		if w != "" && strings.IndexByte(".?!", w[len(w)-1]) >= 0 && f.sentence[i] {
			return 2
		}
		return 1
	}
	cost, next := make([]int, n+1), make([]int, n+1)
	for i := n - 1; i >= 0; i-- {
		indent := f.second
		if i == 0 {
			indent = f.first
		}
		length := columnWidth(indent)
		cost[i] = 1 << 60
		for j := i; j < n; j++ {
			length += columnWidth(f.words[j])
			if j > i && length > f.width {
				break
			}
			c := cost[j+1]
			if j+1 < n {
				short := f.goal - length
				c += 100 * short * short
			}
			if c < cost[i] {
				cost[i], next[i] = c, j+1
			}
			length += gap(j)
		}
	}
	for i := 0; i < n; i = next[i] {
		if i == 0 {
			f.out.WriteString(f.first)
		} else {
			f.out.WriteString(f.second)
		}
		for j := i; j < next[i]; j++ {
			f.out.WriteString(f.words[j])
			if j+1 < next[i] {
				f.out.WriteString(strings.Repeat(" ", gap(j)))
			}
		}
		f.out.WriteByte('\n')
	}
	f.words, f.sentence, f.lines = nil, nil, 0
}

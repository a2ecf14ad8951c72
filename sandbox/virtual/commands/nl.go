package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var nlSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Write each FILE to standard output, with line numbers added.

  -b, --body-numbering=STYLE      number body lines: a all, t nonempty (default), n none, pBRE lines that match
  -d, --section-delimiter=CC      use CC for logical page delimiters
  -f, --footer-numbering=STYLE    number footer lines
  -h, --header-numbering=STYLE    number header lines
  -i, --line-increment=NUMBER     line number increment at each line
  -l, --join-blank-lines=NUMBER   group of NUMBER empty lines counted as one
  -n, --number-format=FORMAT      ln, rn or rz
  -p, --no-renumber               do not reset line numbers for each section
  -s, --number-separator=STRING   add STRING after the line number
  -v, --starting-line-number=NUMBER  first line number for each section
  -w, --number-width=NUMBER       use NUMBER columns for line numbers
`,
	Short: "b:d:f:h:i:l:n:ps:v:w:",
	Long: "body-numbering:=b section-delimiter:=d footer-numbering:=f header-numbering:=h line-increment:=i " +
		"join-blank-lines:=l number-format:=n no-renumber=p number-separator:=s starting-line-number:=v number-width:=w",
}

// nlStyle says which lines get a number.
type nlStyle struct {
	kind byte // 'a', 't', 'n' or 'p'
	re   *regex.Regexp
}

// lineNumberer is one call of nl.
type lineNumberer struct {
	inv           *shell.Invocation
	out           *bufio.Writer
	styles        map[byte]nlStyle // of the sections 'h', 'b' and 'f'
	delim         string           // what begins sections
	format        string           // "ln", "rn" or "rz"
	separator     string
	start, step   int
	width, blanks int
	goesOn        bool // numbers do not begin again in a section

	section  byte
	next     int
	empty    int  // blank lines since the last that was numbered
	last     bool // next is too large to be a number
	overflow bool
	misused  bool // an option's value is none
}

func nl(ctx context.Context, inv *shell.Invocation) int {
	p, status := nlSpec.Parse(inv)
	if p == nil {
		return status
	}
	n := &lineNumberer{inv: inv, out: inv.Buffered(inv.Stdout), styles: map[byte]nlStyle{'b': {kind: 't'}, 'h': {kind: 'n'}, 'f': {kind: 'n'}},
		delim: `\:`, format: "rn", separator: "\t", start: 1, step: 1, width: 6, blanks: 1, section: 'b'}
	for _, o := range p.Options {
		if status := n.option(o); status != 0 {
			return status
		}
	}
	if n.misused {
		return nlSpec.Hinted(inv)
	}
	n.next = n.start
	status = eachLine(ctx, inv, p.Operands, '\n', n.out, func(line []byte, _ bool) { n.line(line) })
	if n.overflow {
		inv.Errorf("line number overflow")
		return 1
	}
	return status
}

// option takes an option. A status other than 0 ends nl.
func (n *lineNumberer) option(o cli.Option) (status int) {
	number := 0
	if strings.Contains("ilvw", o.Key) {
		low, high := int64(math.MinInt64), int64(math.MaxInt64)
		switch o.Key {
		case "l":
			low = 1
		case "w":
			low, high = 1, math.MaxInt32
		}
		v, err := cli.Whole(o.Value, "", low, high)
		what := map[string]string{"i": "line number increment", "l": "line number of blank lines", "v": "starting line number", "w": "line number field width"}[o.Key]
		if err != nil {
			n.inv.Errorf("invalid %s: %s%v", what, cli.QuoteText(o.Value), err)
			return 1
		}
		if number = int(v); o.Key == "w" {
			number = min(number, 1<<20)
		}
	}
	switch o.Key {
	case "b", "h", "f":
		style := nlStyle{}
		switch {
		case strings.IndexByte("atn", (o.Value + " ")[0]) >= 0: // what follows the letter does not count
			style.kind = o.Value[0]
		case strings.HasPrefix(o.Value, "p"):
			re, err := regex.Compile(o.Value[1:], regex.BRE, 0)
			if err != nil {
				n.inv.Errorf("%v", err)
				return 1
			}
			style = nlStyle{'p', re}
		default:
			n.inv.Errorf("invalid %s numbering style: %s", map[string]string{"b": "body", "h": "header", "f": "footer"}[o.Key], cli.QuoteText(o.Value))
			n.misused = true
		}
		n.styles[o.Key[0]] = style
	case "d":
		if n.delim = o.Value; len(n.delim) == 1 {
			n.delim += ":"
		}
	case "i":
		n.step = number
	case "l":
		n.blanks = number
	case "n":
		if n.format = o.Value; n.format != "ln" && n.format != "rn" && n.format != "rz" {
			n.inv.Errorf("invalid line numbering format: %s", cli.QuoteText(n.format))
			n.misused = true
		}
	case "p":
		n.goesOn = true
	case "s":
		n.separator = o.Value
	case "v":
		n.start = number
	case "w":
		n.width = number
	}
	return 0
}

// line writes a line, with its number if it gets one.
func (n *lineNumberer) line(line []byte) {
	if n.overflow {
		return
	}
	if n.delim != "" && len(line) > 0 && len(line)%len(n.delim) == 0 && len(line) <= 3*len(n.delim) &&
		string(line) == strings.Repeat(n.delim, len(line)/len(n.delim)) {
		n.section = "fbh"[len(line)/len(n.delim)-1]
		if !n.goesOn {
			n.next = n.start
		}
		n.out.WriteByte('\n')
		return
	}
	if n.numbers(line) {
		if n.overflow = n.last; n.overflow {
			return
		}
		switch n.format {
		case "ln":
			fmt.Fprintf(n.out, "%-*d", n.width, n.next)
		case "rz":
			fmt.Fprintf(n.out, "%0*d", n.width, n.next)
		default:
			fmt.Fprintf(n.out, "%*d", n.width, n.next)
		}
		n.out.WriteString(n.separator)
		if next := n.next + n.step; n.step > 0 == (next > n.next) || n.step == 0 {
			n.next = next
		} else {
			n.last = true
		}
	} else {
		n.out.WriteString(strings.Repeat(" ", n.width+len(n.separator)))
	}
	n.out.Write(line)
	n.out.WriteByte('\n')
}

// numbers says whether a line gets a number.
func (n *lineNumberer) numbers(line []byte) (numbered bool) {
	switch style := n.styles[n.section]; style.kind {
	case 'a':
		if numbered = true; len(bytes.TrimSpace(line)) == 0 && n.blanks > 1 {
			n.empty++
			numbered = n.empty == n.blanks
		}
		if len(line) > 0 || numbered {
			n.empty = 0
		}
	case 't':
		numbered = len(line) > 0
	case 'p':
		numbered = style.re.Match(line)
	}
	return numbered
}

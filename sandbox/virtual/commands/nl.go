package commands

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
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

func nl(ctx context.Context, inv *shell.Invocation) int {
	p, status := nlSpec.Parse(inv)
	if p == nil {
		return status
	}
	styles := map[byte]nlStyle{'b': {kind: 't'}, 'h': {kind: 'n'}, 'f': {kind: 'n'}}
	delim, format, sep := `\:`, "rn", "\t"
	start, step, width, blanks, renumber := 1, 1, 6, 1, true
	for _, o := range p.Options {
		number := 0
		if strings.Contains("ilvw", o.Key) {
			n, err := strconv.Atoi(o.Value)
			what := map[string]string{"i": "line number increment", "l": "line number of blank lines", "v": "starting line number", "w": "line number field width"}[o.Key]
			if err != nil || o.Key != "v" && o.Key != "i" && n <= 0 {
				inv.Errorf("invalid %s: %s", what, cli.Quote(o.Value))
				return 1
			}
			number = min(n, 1<<20)
			if o.Key == "v" || o.Key == "i" {
				number = n
			}
		}
		switch o.Key {
		case "b", "h", "f":
			s := nlStyle{}
			switch {
			case o.Value == "a" || o.Value == "t" || o.Value == "n":
				s.kind = o.Value[0]
			case strings.HasPrefix(o.Value, "p"):
				re, err := regex.Compile(o.Value[1:], regex.BRE, 0)
				if err != nil {
					inv.Errorf("%v", err)
					return 1
				}
				s = nlStyle{'p', re}
			default:
				what := map[string]string{"b": "body", "h": "header", "f": "footer"}[o.Key]
				return nlSpec.Misuse(inv, "invalid %s numbering style: %s", what, cli.Quote(o.Value))
			}
			styles[o.Key[0]] = s
		case "d":
			if delim = o.Value; len(delim) == 1 {
				delim += ":"
			}
		case "i":
			step = number
		case "l":
			blanks = number
		case "n":
			if format = o.Value; format != "ln" && format != "rn" && format != "rz" {
				return nlSpec.Misuse(inv, "invalid line numbering format: %s", cli.Quote(format))
			}
		case "p":
			renumber = false
		case "s":
			sep = o.Value
		case "v":
			start = number
		case "w":
			width = number
		}
	}
	out := inv.Buffered(inv.Stdout)
	section, n, empty, overflow := byte('b'), start, 0, false
	status = eachLine(ctx, inv, p.Operands, '\n', out, func(line []byte, _ bool) {
		if overflow {
			return
		}
		if delim != "" && len(line) > 0 && len(line)%len(delim) == 0 && len(line) <= 3*len(delim) &&
			string(line) == strings.Repeat(delim, len(line)/len(delim)) {
			section = "fbh"[len(line)/len(delim)-1]
			if renumber {
				n = start
			}
			out.WriteByte('\n')
			return
		}
		numbered := false
		switch s := styles[section]; s.kind {
		case 'a':
			if numbered = true; len(bytes.TrimSpace(line)) == 0 && blanks > 1 {
				empty++
				numbered = empty == blanks
			}
			if len(line) > 0 || numbered {
				empty = 0
			}
		case 't':
			numbered = len(line) > 0
		case 'p':
			numbered = s.re.Match(line)
		}
		if numbered {
			switch format {
			case "ln":
				fmt.Fprintf(out, "%-*d", width, n)
			case "rz":
				fmt.Fprintf(out, "%0*d", width, n)
			default:
				fmt.Fprintf(out, "%*d", width, n)
			}
			out.WriteString(sep)
			if next := n + step; step > 0 == (next > n) || step == 0 {
				n = next
			} else {
				overflow = true
			}
		} else {
			out.WriteString(strings.Repeat(" ", width+len(sep)))
		}
		out.Write(line)
		out.WriteByte('\n')
	})
	if overflow {
		inv.Errorf("line number overflow")
		return 1
	}
	return status
}

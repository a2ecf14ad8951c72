package commands

import (
	"bufio"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var joinSpec = cli.Spec{
	Usage: `[OPTION]... FILE1 FILE2
For each pair of input lines with identical join fields, write a line to standard output.

  -a FILENUM             also print unpairable lines from file FILENUM, 1 or 2
  -e STRING              replace missing input fields with STRING
  -i, --ignore-case      ignore differences in case when comparing fields
  -j FIELD               equivalent to '-1 FIELD -2 FIELD'
  -o FORMAT              obey FORMAT: FILENUM.FIELD or 0, separated by commas or blanks; or auto
  -t CHAR                use CHAR as input and output field separator
  -v FILENUM             like -a FILENUM, but suppress joined output lines
  -1 FIELD, -2 FIELD     join on this FIELD of file 1, of file 2
      --check-order, --nocheck-order  check that the input is sorted, or do not
      --header           treat the first line in each file as field headers
  -z, --zero-terminated  line delimiter is NUL, not newline
`,
	Short: "a:e:ij:o:t:v:1:2:z",
	Long:  "ignore-case=i check-order nocheck-order header zero-terminated=z",
}

// joiner is what the options of join say.
type joiner struct {
	inv        *shell.Invocation
	out        *bufio.Writer
	fields     [2]int
	unpaired   [2]bool
	noPairs    bool
	ignoreCase bool
	empty      string
	sep        int // -1 for blanks
	format     [][2]int
	auto       bool
	end        byte
	given      [2]bool  // the fields
	formats    []string // of -o
	header     bool
	check      string // "check-order", "nocheck-order", or "" to complain only once a line found no other
}

// joinLine is a line with its fields.
type joinLine struct {
	fields [][]byte
	key    []byte
}

func join(ctx context.Context, inv *shell.Invocation) int {
	call := *inv
	call.Args = modernJoin(inv.Args)
	p, status := joinSpec.Parse(&call)
	if p == nil {
		return status
	}
	j := &joiner{inv: inv, sep: -1, end: '\n'}
	for _, o := range p.Options {
		if !j.option(o) {
			return 1
		}
	}
	operands := p.Operands
	for len(j.formats) > 0 && len(operands) > 2 { // an old way to write -o
		j.formats, operands = append(j.formats, operands[0]), operands[1:]
	}
	for _, list := range j.formats {
		if problem := j.addFormat(list); problem != "" {
			inv.Errorf("%s", problem)
			return 1
		}
	}
	switch {
	case len(operands) == 0:
		return joinSpec.Misuse(inv, "missing operand")
	case len(operands) == 1:
		return joinSpec.Misuse(inv, "missing operand after %s", cli.QuoteText(operands[0]))
	case len(operands) > 2:
		return joinSpec.Misuse(inv, "extra operand %s", cli.QuoteText(operands[2]))
	}
	if operands[0] == "-" && operands[1] == "-" {
		inv.Errorf("both files cannot be standard input")
		return 1
	}
	sources, err := openSources(ctx, inv, operands, j.end)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeSources(sources)
	j.out = inv.Buffered(inv.Stdout)
	m := &merge{joiner: j, sources: sources}
	switch err := m.run(); {
	case err != nil:
		status = 1
	case m.warned != [2]bool{}:
		inv.Errorf("input is not in sorted order")
		status = 1
	}
	if j.out.Flush() != nil {
		return 1
	}
	return max(status, sourcesStatus(inv, sources))
}

// option takes an option; false after a complaint.
func (j *joiner) option(o cli.Option) bool {
	number := 0
	if strings.Contains("1 2 j a v", o.Key) {
		n, err := strconv.Atoi(o.Value)
		file := o.Key == "a" || o.Key == "v"
		if err != nil || n < 1 || file && n > 2 {
			j.inv.Errorf("invalid field number: %s", cli.QuoteText(o.Value))
			return false
		}
		number = n - 1
	}
	switch o.Key {
	case "a":
		j.unpaired[number] = true
	case "v":
		j.unpaired[number], j.noPairs = true, true
	case "1", "2", "j":
		for side := range 2 {
			if o.Key != "j" && o.Key != strconv.Itoa(side+1) {
				continue
			}
			if j.given[side] && j.fields[side] != number {
				j.inv.Errorf("incompatible join fields %d, %d", j.fields[side]+1, number+1)
				return false
			}
			j.fields[side], j.given[side] = number, true
		}
	case "e":
		if j.empty != "" && j.empty != o.Value {
			j.inv.Errorf("conflicting empty-field replacement strings")
			return false
		}
		j.empty = o.Value
	case "i":
		j.ignoreCase = true
	case "o":
		j.formats = append(j.formats, o.Value)
	case "t":
		before := j.sep
		switch {
		case o.Value == "":
			j.sep = '\n'
		case o.Value == `\0`:
			j.sep = 0
		case len(o.Value) > 1:
			j.inv.Errorf("multi-character tab %s", cli.QuoteText(o.Value))
			return false
		default:
			j.sep = int(o.Value[0])
		}
		if before >= 0 && before != j.sep {
			j.inv.Errorf("incompatible tabs")
			return false
		}
	case "header":
		j.header = true
	case "check-order", "nocheck-order":
		j.check = o.Key
	case "z":
		j.end = 0
	}
	return true
}

// addFormat reads a list of -o.
func (j *joiner) addFormat(list string) (problem string) {
	if list == "auto" {
		j.auto = true
		return ""
	}
	for _, f := range strings.Split(strings.NewReplacer(",", " ", "\t", " ").Replace(list), " ") {
		switch {
		case f == "0":
			j.format = append(j.format, [2]int{0, 0})
			continue
		case f == "" || strings.IndexByte("012", f[0]) < 0:
			return "invalid file number in field spec: " + cli.QuoteText(f)
		case len(f) < 2 || f[1] != '.' || f[0] == '0':
			return "invalid field specifier: " + cli.QuoteText(f)
		}
		n, err := strconv.Atoi(f[2:])
		if err != nil && !errors.Is(err, strconv.ErrRange) || n < 1 {
			return "invalid field number: " + cli.QuoteText(f[2:])
		}
		j.format = append(j.format, [2]int{int(f[0] - '0'), n})
	}
	return ""
}

// modernJoin turns "-j1 FIELD" and "-j2 FIELD" into -1 and -2, where there are too many operands without.
func modernJoin(args []string) []string {
	for i, a := range args {
		if a == "--" || (a != "-j1" && a != "-j2") || i+1 == len(args) {
			continue
		}
		operands := 0
		for _, other := range args[i+1:] {
			if other == "-" || !strings.HasPrefix(other, "-") {
				operands++
			}
		}
		if operands > 2 {
			return append(append(append([]string{}, args[:i]...), "-"+a[2:]), args[i+1:]...)
		}
	}
	return args
}

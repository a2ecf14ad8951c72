package commands

import (
	"bufio"
	"bytes"
	"context"
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

type joiner struct {
	out        *bufio.Writer
	fields     [2]int
	unpaired   [2]bool
	noPairs    bool
	ignoreCase bool
	empty      string
	sep        int // -1 for blanks
	format     [][2]int
	auto       bool
	autoFields [2]int
	end        byte
}

// joinLine is a line with its fields.
type joinLine struct {
	fields [][]byte
	key    []byte
}

func join(ctx context.Context, inv *shell.Invocation) int {
	p, status := joinSpec.Parse(inv)
	if p == nil {
		return status
	}
	j := &joiner{sep: -1, end: '\n'}
	header, check := false, ""
	given := [2]bool{} // the fields
	formats := ""
	for _, o := range p.Options {
		number := 0
		if strings.Contains("1 2 j a v", o.Key) {
			n, err := strconv.Atoi(o.Value)
			file := o.Key == "a" || o.Key == "v"
			if err != nil || n < 1 || file && n > 2 {
				if file {
					inv.Errorf("invalid file number: %s", cli.Quote(o.Value))
				} else {
					inv.Errorf("invalid field number: %s", cli.Quote(o.Value))
				}
				return 1
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
				if given[side] && j.fields[side] != number {
					inv.Errorf("incompatible join fields %d, %d", j.fields[side]+1, number+1)
					return 1
				}
				j.fields[side], given[side] = number, true
			}
		case "e":
			j.empty = o.Value
		case "i":
			j.ignoreCase = true
		case "o":
			formats += " " + o.Value
		case "t":
			switch {
			case o.Value == "":
				j.sep = '\n'
			case o.Value == `\0`:
				j.sep = 0
			case len(o.Value) > 1:
				inv.Errorf("multi-character tab %s", cli.Quote(o.Value))
				return 1
			default:
				j.sep = int(o.Value[0])
			}
		case "header":
			header = true
		case "check-order", "nocheck-order":
			check = o.Key
		case "z":
			j.end = 0
		}
	}
	for _, f := range strings.FieldsFunc(formats, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if f == "auto" {
			j.auto = true
			continue
		}
		file, field, _ := strings.Cut(f, ".")
		a, err1 := strconv.Atoi(file)
		b, err2 := strconv.Atoi(field)
		if f == "0" {
			j.format = append(j.format, [2]int{0, 0})
		} else if err1 != nil || err2 != nil || a < 1 || a > 2 || b < 1 {
			if err1 != nil || a < 1 || a > 2 {
				inv.Errorf("invalid file number in field spec: %s", cli.Quote(f))
			} else {
				inv.Errorf("invalid field number: %s", cli.Quote(field))
			}
			return 1
		} else {
			j.format = append(j.format, [2]int{a, b})
		}
	}
	switch {
	case len(p.Operands) == 0:
		return joinSpec.Misuse(inv, "missing operand")
	case len(p.Operands) == 1:
		return joinSpec.Misuse(inv, "missing operand after %s", cli.Quote(p.Operands[0]))
	case len(p.Operands) > 2:
		return joinSpec.Misuse(inv, "extra operand %s", cli.Quote(p.Operands[2]))
	}
	sources, err := openSources(ctx, inv, p.Operands, j.end)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeSources(sources)
	j.out = inv.Buffered(inv.Stdout)
	status = j.run(inv, sources, header, check)
	if j.out.Flush() != nil {
		return 1
	}
	return max(status, sourcesStatus(inv, sources))
}

func (j *joiner) split(line []byte, side int) *joinLine {
	l := &joinLine{}
	if j.sep >= 0 && j.sep != '\n' {
		l.fields = bytes.Split(bytes.Clone(line), []byte{byte(j.sep)})
	} else if j.sep == '\n' {
		l.fields = [][]byte{bytes.Clone(line)}
	} else {
		l.fields = bytes.FieldsFunc(bytes.Clone(line), func(r rune) bool { return r == ' ' || r == '\t' })
	}
	if n := j.fields[side]; n < len(l.fields) {
		l.key = l.fields[n]
	}
	return l
}

func (j *joiner) compare(a, b *joinLine) int {
	if j.ignoreCase {
		return bytes.Compare(bytes.ToLower(a.key), bytes.ToLower(b.key))
	}
	return bytes.Compare(a.key, b.key)
}

// run joins: lines with the same key are gathered from file 2, so that each of file 1 meets all of them.
func (j *joiner) run(inv *shell.Invocation, sources []*source, header bool, check string) (status int) {
	var current [2]*joinLine
	warned := [2]bool{}
	numbers := [2]int{}
	advance := func(side int) {
		s := sources[side]
		s.next()
		if s.done {
			current[side] = nil
			return
		}
		numbers[side]++
		l := j.split(s.line, side)
		if old := current[side]; old != nil && check != "nocheck-order" && !warned[side] && j.compare(old, l) > 0 {
			warned[side] = true
			j.out.Flush()
			inv.Errorf("%s:%d: is not sorted: %s", s.name, numbers[side], s.line)
			status = 1
		}
		current[side] = l
	}
	advance(0)
	advance(1)
	if j.auto {
		for side, l := range current {
			if l != nil {
				j.autoFields[side] = len(l.fields)
			}
		}
		j.format = [][2]int{{0, 0}}
		for side, n := range j.autoFields {
			for k := range n {
				if k != j.fields[side] {
					j.format = append(j.format, [2]int{side + 1, k + 1})
				}
			}
		}
	}
	if header {
		if current[0] != nil || current[1] != nil {
			j.print(current[0], current[1])
		}
		for side := range current {
			current[side], numbers[side] = nil, 1
			advance(side)
		}
	}
	for current[0] != nil || current[1] != nil {
		if inv.Budget.Work(1) != nil {
			return 1
		}
		c := 0
		switch {
		case current[1] == nil:
			c = -1
		case current[0] == nil:
			c = 1
		default:
			c = j.compare(current[0], current[1])
		}
		switch {
		case c < 0:
			if j.unpaired[0] {
				j.print(current[0], nil)
			}
			advance(0)
		case c > 0:
			if j.unpaired[1] {
				j.print(nil, current[1])
			}
			advance(1)
		default:
			group := []*joinLine{}
			held := 0
			for first := current[1]; current[1] != nil && j.compare(first, current[1]) == 0; {
				group = append(group, current[1])
				held += len(sources[1].line) + 100
				if inv.Budget.Hold(len(sources[1].line)+100) != nil {
					return 1
				}
				advance(1)
			}
			for first := current[0]; current[0] != nil && j.compare(first, current[0]) == 0; {
				for _, l := range group {
					if !j.noPairs {
						j.print(current[0], l)
					}
				}
				if _, err := j.out.Write(nil); err != nil || inv.Budget.Work(len(group)) != nil {
					return 1
				}
				advance(0)
			}
			inv.Budget.Release(held)
		}
	}
	if status != 0 && check == "" {
		inv.Errorf("input is not in sorted order")
	}
	return status
}

func (j *joiner) print(a, b *joinLine) {
	sep := byte(' ')
	if j.sep >= 0 {
		sep = byte(j.sep)
	}
	first := true
	field := func(text []byte) {
		if !first {
			j.out.WriteByte(sep)
		}
		first = false
		if len(text) == 0 {
			j.out.WriteString(j.empty)
		}
		j.out.Write(text)
	}
	lines := [2]*joinLine{a, b}
	key := func() []byte {
		if a != nil && j.fields[0] < len(a.fields) {
			return a.key
		}
		if b != nil {
			return b.key
		}
		return nil
	}
	if j.format != nil {
		for _, f := range j.format {
			switch {
			case f[0] == 0:
				field(key())
			case lines[f[0]-1] != nil && f[1] <= len(lines[f[0]-1].fields):
				field(lines[f[0]-1].fields[f[1]-1])
			default:
				field(nil)
			}
		}
	} else {
		field(key())
		for side, l := range lines {
			if l == nil {
				continue
			}
			for i, f := range l.fields {
				if i != j.fields[side] {
					field(f)
				}
			}
		}
	}
	j.out.WriteByte(j.end)
}

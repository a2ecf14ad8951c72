package commands

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var uniqSpec = cli.Spec{
	Usage: `[OPTION]... [INPUT [OUTPUT]]
Filter adjacent matching lines from INPUT (or standard input), writing to OUTPUT (or standard output).

  -c, --count            prefix lines by the number of occurrences
  -d, --repeated         only print duplicate lines, one for each group
  -D, --all-repeated[=METHOD]  print all duplicate lines; groups can be delimited: none, prepend, separate
  -f, --skip-fields=N    avoid comparing the first N fields
      --group[=METHOD]   show all items, separating groups: separate, prepend, append, both
  -i, --ignore-case      ignore differences in case when comparing
  -s, --skip-chars=N     avoid comparing the first N characters
  -u, --unique           only print unique lines
  -w, --check-chars=N    compare no more than N characters in lines
  -z, --zero-terminated  line delimiter is NUL, not newline
`,
	Short: "#cdDf:is:uw:z",
	Long: "count=c repeated=d all-repeated:: skip-fields:=f group:: ignore-case=i skip-chars:=s unique=u check-chars:=w " +
		"zero-terminated=z",
}

type uniqueness struct {
	count, repeated, all, unique, ignoreCase bool
	group                                    string // method of --group or -D
	fields, skip, check                      int
	delim                                    byte
	out                                      *bufio.Writer
	groups                                   int // printed
	number                                   []byte
}

func uniq(ctx context.Context, inv *shell.Invocation) int {
	if i := slices.IndexFunc(inv.Args, func(arg string) bool {
		return len(arg) > 1 && arg[0] == '+' && strings.Trim(arg[1:], "0123456789") == ""
	}); i > 0 {
		copied := *inv // an obsolete -s
		copied.Args = slices.Clone(inv.Args)
		copied.Args[i] = "-s" + inv.Args[i][1:]
		inv = &copied
	}
	p, status := uniqSpec.Parse(inv)
	if p == nil {
		return status
	}
	u := &uniqueness{check: -1, delim: '\n'}
	grouping := false
	for _, o := range p.Options {
		n := 0
		if o.Key == "#" {
			o.Key = "f"
		}
		if strings.Contains("fsw", o.Key) {
			var err error
			if n, err = strconv.Atoi(o.Value); (err != nil && !strings.Contains(err.Error(), "range")) || n < 0 {
				inv.Errorf("%s: invalid number of %s", o.Value, map[string]string{"f": "fields to skip", "s": "bytes to skip", "w": "bytes to compare"}[o.Key])
				return 1
			}
		}
		switch o.Key {
		case "c":
			u.count = true
		case "d":
			u.repeated = true
		case "D":
			u.all = true
		case "all-repeated":
			u.all = true
			if o.Has {
				if u.group, status = uniqSpec.Choose(inv, "all-repeated", o.Value, "none", "prepend", "separate"); status != 0 {
					return status
				}
			}
		case "group":
			grouping = true
			u.group = "separate"
			if o.Has {
				if u.group, status = uniqSpec.Choose(inv, "group", o.Value, "prepend", "append", "separate", "both"); status != 0 {
					return status
				}
			}
		case "f":
			u.fields = n
		case "s":
			u.skip = n
		case "w":
			u.check = n
		case "i":
			u.ignoreCase = true
		case "u":
			u.unique = true
		case "z":
			u.delim = 0
		}
	}
	switch {
	case len(p.Operands) > 2:
		return uniqSpec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[2]))
	case grouping && (u.count || u.repeated || u.all || u.unique):
		return uniqSpec.Misuse(inv, "--group is mutually exclusive with -c/-d/-D/-u")
	case u.all && u.count:
		return uniqSpec.Misuse(inv, "printing all duplicated lines and repeat counts is meaningless")
	}
	var w io.Writer = inv.Stdout
	if len(p.Operands) == 2 && p.Operands[1] != "-" {
		f, err := inv.Create(p.Operands[1])
		if err != nil {
			inv.Errorf("%s: %v", p.Operands[1], err)
			return 1
		}
		defer f.Close()
		w = f
		p.Operands = p.Operands[:1]
	}
	u.out = inv.Buffered(w)
	status = cli.EachInput(inv, p.Operands[:min(len(p.Operands), 1)], func(_ string, r io.Reader) error {
		lines := cli.NewLines(ctx, inv.Budget, r, u.delim)
		defer lines.Close()
		if grouping || u.all {
			return u.showGroups(lines, grouping)
		}
		return u.filter(lines)
	})
	if u.out.Flush() != nil {
		return 1
	}
	return status
}

// key is the part of a line that is compared.
func (u *uniqueness) key(line []byte) []byte {
	for range u.fields {
		i := 0
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		if line = line[i:]; len(line) == 0 {
			break
		}
	}
	line = line[min(u.skip, len(line)):]
	if u.check >= 0 {
		line = line[:min(u.check, len(line))]
	}
	return line
}

// same says whether two lines are equal in what is compared.
func (u *uniqueness) same(a, b []byte) bool {
	if u.fields > 0 || u.skip > 0 || u.check >= 0 {
		a, b = u.key(a), u.key(b)
	}
	if u.ignoreCase {
		return bytes.EqualFold(a, b)
	}
	return bytes.Equal(a, b)
}

func (u *uniqueness) line(line []byte) error {
	u.out.Write(line)
	if u.out.WriteByte(u.delim) != nil {
		return cli.ErrStop
	}
	return nil
}

// filter prints the first line of each group that is wanted.
func (u *uniqueness) filter(lines *cli.Lines) error {
	var first []byte
	n := 0
	flush := func() error {
		if n == 0 || u.repeated && n == 1 || u.unique && n > 1 {
			return nil
		}
		if u.count {
			u.number = strconv.AppendInt(u.number[:0], int64(n), 10)
			for range 7 - len(u.number) {
				u.out.WriteByte(' ')
			}
			u.out.Write(append(u.number, ' '))
		}
		return u.line(first)
	}
	for {
		line, _, err := lines.Next()
		if err == io.EOF {
			return flush()
		}
		if err != nil {
			return err
		}
		if n > 0 && u.same(line, first) {
			n++
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		first, n = append(first[:0], line...), 1
	}
}

// showGroups prints all lines, or with -D those of groups of two and more, and empty lines between groups.
func (u *uniqueness) showGroups(lines *cli.Lines, singles bool) error {
	var last []byte
	n := 0
	begin := func() error {
		u.groups++
		if u.group == "prepend" || u.group == "both" || (u.group == "separate" || u.group == "append") && u.groups > 1 {
			return u.line(nil)
		}
		return nil
	}
	for {
		line, _, err := lines.Next()
		if err == io.EOF {
			if u.groups > 0 && (u.group == "append" || u.group == "both") {
				return u.line(nil)
			}
			return nil
		}
		if err != nil {
			return err
		}
		same := n > 0 && u.same(line, last)
		if same {
			n++
		} else {
			n = 1
		}
		if singles && n == 1 || !singles && n == 2 {
			if err := begin(); err != nil {
				return err
			}
		}
		if !singles && n == 2 && !u.unique {
			if err := u.line(last); err != nil {
				return err
			}
		}
		if singles || n > 1 {
			if err := u.line(line); err != nil {
				return err
			}
		}
		if !same || !singles && n == 2 {
			last = append(last[:0], line...)
		}
	}
}

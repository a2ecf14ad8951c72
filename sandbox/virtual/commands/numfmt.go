package commands

import (
	"bufio"
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const numfmtUsage = `[OPTION]... [NUMBER]...
Write numbers in another form; those on standard input if none is given.

  --from=UNIT  --to=UNIT   none, auto, si, iec or iec-i   --from-unit=N  --to-unit=N
  --format=FORMAT  printf's %f  --padding=N  --grouping  --suffix=SUFFIX  --round=up|down|from-zero|towards-zero|nearest
  --field=FIELDS  -d, --delimiter=X  --header[=N]  --invalid=abort|fail|warn|ignore  -z, --zero-terminated
`

// numberFormat is one call of numfmt.
type numberFormat struct {
	inv *shell.Invocation
	out *bufio.Writer

	from, to         string
	fromUnit, toUnit float64
	round            string
	suffix           string
	invalid          string
	padding          int
	autoPad          bool
	delim            string
	fields           []fieldRange
	given            *string // --format
	format           *numberDirective
	status           int
}

func numfmt(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: numfmtUsage, Short: "d:z", Long: "from: from-unit: to: to-unit: round: padding: suffix: grouping delimiter:=d field: header:: format: invalid: zero-terminated=z debug"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	n := &numberFormat{inv: inv, out: bufio.NewWriter(inv.Stdout), from: "none", to: "none", fromUnit: 1, toUnit: 1, round: "from-zero",
		invalid: "abort", fields: []fieldRange{{1, 1}}}
	end, header, grouping, debug := byte('\n'), 0, false, false
	for _, o := range p.Options {
		if status := n.option(spec, o, &header); status != 0 {
			return status
		}
		switch o.Key {
		case "z":
			end = 0
		case "grouping":
			grouping = true
		case "debug":
			debug = true
		}
	}
	if n.given != nil {
		var problem string
		if n.format, problem = parseNumberFormat(*n.given); problem != "" {
			inv.Errorf("%s", problem)
			return 1
		}
	}
	if grouping && n.to != "none" {
		inv.Errorf("grouping cannot be combined with --to")
		return 1
	}
	if grouping && n.format != nil {
		inv.Errorf("--grouping cannot be combined with --format")
		return 1
	}
	if debug && n.from == "none" && n.to == "none" && !grouping && n.padding == 0 && n.format == nil {
		inv.Errorf("no conversion option specified")
	}
	if debug && header > 0 && len(p.Operands) > 0 {
		inv.Errorf("--header ignored with command-line input")
	}
	n.autoPad = n.padding == 0 && n.delim == ""
	for _, text := range p.Operands {
		if !n.line(text) {
			n.out.Flush()
			return n.status
		}
		n.out.WriteByte(end)
	}
	if len(p.Operands) == 0 && !n.input(ctx, end, header) {
		n.out.Flush()
		return n.status
	}
	if n.out.Flush() != nil {
		return 1
	}
	return n.status
}

func (n *numberFormat) input(ctx context.Context, end byte, header int) bool {
	lines := cli.NewLines(ctx, n.inv.Budget, n.inv.Stdin, end)
	defer lines.Close()
	for {
		line, ended, err := lines.Next()
		if err != nil {
			return !errors.Is(err, cli.ErrStop)
		}
		if header > 0 {
			header--
			n.out.Write(line)
		} else if !n.line(string(line)) {
			return false
		}
		if ended {
			n.out.WriteByte(end)
		}
		if _, err := n.out.Write(nil); err != nil {
			return false
		}
	}
}

// line converts the chosen fields of a line; false ends numfmt.
func (n *numberFormat) line(text string) bool {
	if n.inv.Budget.Work(len(text)+1) != nil {
		n.status = 1
		return false
	}
	if n.delim != "" {
		for i, field := range strings.Split(text, n.delim) {
			if i > 0 {
				n.out.WriteString(n.delim)
			}
			if !n.field(i+1, field, "") {
				return false
			}
		}
		return true
	}
	for i, at := 1, 0; ; i++ {
		start := at
		for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n') {
			at++
		}
		word := at
		for at < len(text) && text[at] != ' ' && text[at] != '\t' && text[at] != '\n' {
			at++
		}
		if i > 1 && word == len(text) && word == at {
			n.out.WriteString(text[start:])
			return true
		}
		blanks := text[start:word]
		if i > 1 && blanks != "" {
			n.out.WriteByte(blanks[0])
			blanks = blanks[1:]
		}
		if !n.field(i, text[word:at], blanks) {
			return false
		}
		if at == len(text) {
			return true
		}
	}
}

// field writes one field; blanks before it count for its padding.
func (n *numberFormat) field(i int, text, blanks string) bool {
	chosen := false
	for _, r := range n.fields {
		chosen = chosen || i >= r.from && i <= r.to
	}
	if !chosen {
		n.out.WriteString(blanks + text)
		return true
	}
	result, problem := n.convert(text)
	if problem != "" {
		switch n.invalid {
		case "abort":
			n.out.Flush()
			n.inv.Errorf("%s", problem)
			n.status = 2
			return false
		case "fail", "warn":
			n.out.Flush()
			n.inv.Errorf("%s", problem)
			if n.invalid == "fail" {
				n.status = 2
			}
		}
		n.out.WriteString(blanks + text)
		return true
	}
	width := n.padding
	if n.autoPad && (n.format == nil || n.format.width == 0) && blanks != "" {
		width = len(blanks) + len(text)
	} else if n.padding == 0 && n.format == nil && n.delim != "" {
		result = strings.TrimSpace(result)
	}
	pad := strings.Repeat(" ", max(0, max(width, -width)-utf8.RuneCountInString(result)))
	if width < 0 {
		result += pad
	} else {
		result = pad + result
	}
	n.out.WriteString(result)
	return true
}

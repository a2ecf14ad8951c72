package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
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
	format           *numberDirective
	status           int
}

// fieldRange is a range of field numbers.
type fieldRange struct{ from, to int }

// numberDirective is a parsed --format.
type numberDirective struct {
	before, after string
	zero, left    bool
	width         int
	precision     int // -1: that of the input
}

func numfmt(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: numfmtUsage, Short: "d:z", Long: "from: from-unit: to: to-unit: round: padding: suffix: grouping delimiter:=d field: header:: format: invalid: zero-terminated=z debug"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	n := &numberFormat{inv: inv, out: bufio.NewWriter(inv.Stdout), from: "none", to: "none", fromUnit: 1, toUnit: 1, round: "from-zero",
		invalid: "abort", fields: []fieldRange{{1, 1}}}
	end, header, grouping := byte('\n'), 0, false
	for _, o := range p.Options {
		if status := n.option(spec, o, &header); status != 0 {
			return status
		}
		switch o.Key {
		case "z":
			end = 0
		case "grouping":
			grouping = true
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

func (n *numberFormat) option(spec *cli.Spec, o cli.Option, header *int) int {
	choose := func(words string) (string, int) {
		for _, w := range strings.Fields(words) {
			if w == o.Value || o.Value != "" && strings.HasPrefix(w, o.Value) && w != "iec-i" {
				return w, 0
			}
		}
		var list strings.Builder
		for _, w := range strings.Fields(words) {
			list.WriteString("\n  - '" + w + "'")
		}
		return "", spec.Misuse(n.inv, "invalid argument %s for '--%s'\nValid arguments are:%s", cli.Quote(o.Value), o.Key, list.String())
	}
	unit := func() (float64, int) {
		text := o.Value
		scale := 1.0
		if text != "" {
			digits := strings.TrimSuffix(text, "i")
			base := 1000.0
			if digits != text {
				base = 1024
			}
			if i := strings.IndexByte("KMGTPEZY", digits[max(0, len(digits)-1)]); i >= 0 {
				scale, text = math.Pow(base, float64(i+1)), digits[:len(digits)-1]
				if text == "" {
					text = "1"
				}
			}
		}
		v, err := strconv.ParseUint(text, 10, 63)
		if err != nil || v == 0 {
			n.inv.Errorf("invalid unit size: %s", cli.Quote(o.Value))
			return 0, 1
		}
		return float64(v) * scale, 0
	}
	var status int
	switch o.Key {
	case "from":
		n.from, status = choose("none auto si iec iec-i")
	case "to":
		n.to, status = choose("none si iec iec-i")
	case "round":
		n.round, status = choose("up down from-zero towards-zero nearest")
	case "invalid":
		n.invalid, status = choose("abort fail warn ignore")
	case "from-unit":
		n.fromUnit, status = unit()
	case "to-unit":
		n.toUnit, status = unit()
	case "suffix":
		n.suffix = o.Value
	case "padding":
		v, err := strconv.Atoi(o.Value)
		if err != nil || v == 0 {
			n.inv.Errorf("invalid padding value %s", cli.Quote(o.Value))
			return 1
		}
		n.padding = max(-10000, min(10000, v))
	case "d":
		if utf8.RuneCountInString(o.Value) != 1 {
			n.inv.Errorf("the delimiter must be a single character")
			return 1
		}
		n.delim = o.Value
	case "field":
		return n.parseFields(spec, o.Value)
	case "header":
		*header = 1
		if o.Has {
			v, err := strconv.Atoi(o.Value)
			if err != nil || v <= 0 {
				n.inv.Errorf("invalid header value %s", cli.Quote(o.Value))
				return 1
			}
			*header = v
		}
	case "format":
		f, problem := parseNumberFormat(o.Value)
		if problem != "" {
			n.inv.Errorf("%s", problem)
			return 1
		}
		n.format = f
	}
	return status
}

func (n *numberFormat) parseFields(spec *cli.Spec, text string) int {
	n.fields = nil
	if text == "-" {
		n.fields = []fieldRange{{1, math.MaxInt}}
		return 0
	}
	for _, part := range strings.Split(text, ",") {
		from, to, ranged := strings.Cut(part, "-")
		r := fieldRange{1, math.MaxInt}
		number := func(s string, into *int) int {
			v, err := strconv.Atoi(s)
			if err != nil || v < 0 {
				return spec.Misuse(n.inv, "invalid field value %s", cli.Quote(s))
			}
			if *into = v; v == 0 {
				return spec.Misuse(n.inv, "fields are numbered from 1")
			}
			return 0
		}
		if from != "" {
			if status := number(from, &r.from); status != 0 {
				return status
			}
		} else if !ranged {
			return spec.Misuse(n.inv, "invalid field range")
		}
		if !ranged {
			r.to = r.from
		} else if to != "" {
			if status := number(to, &r.to); status != 0 {
				return status
			}
			if r.to < r.from {
				return spec.Misuse(n.inv, "invalid decreasing range")
			}
		} else if from == "" {
			return spec.Misuse(n.inv, "invalid range with no endpoint: -")
		}
		n.fields = append(n.fields, r)
	}
	return 0
}

func parseNumberFormat(s string) (*numberDirective, string) {
	unescape := func(s string) string { return strings.ReplaceAll(s, "%%", "%") }
	i := 0
	for ; ; i++ {
		if i >= len(s) {
			return nil, fmt.Sprintf("format %s has no %% directive", cli.Quote(s))
		}
		if s[i] == '%' {
			if i+1 < len(s) && s[i+1] == '%' {
				i++
				continue
			}
			break
		}
	}
	f := &numberDirective{before: unescape(s[:i]), precision: -1}
	j := i + 1
	for ; j < len(s) && strings.IndexByte(" '0-", s[j]) >= 0; j++ {
		f.zero = f.zero || s[j] == '0'
		f.left = f.left || s[j] == '-'
	}
	for ; j < len(s) && s[j] >= '0' && s[j] <= '9'; j++ {
		f.width = min(f.width*10+int(s[j]-'0'), 10000)
	}
	if j < len(s) && s[j] == '.' {
		f.precision = 0
		k := j + 1
		for j++; j < len(s) && s[j] >= '0' && s[j] <= '9'; j++ {
			f.precision = min(f.precision*10+int(s[j]-'0'), 1000)
		}
		if j < len(s) && j == k && s[j] != 'f' {
			return nil, fmt.Sprintf("invalid precision in format %s", cli.Quote(s))
		}
	}
	if j >= len(s) {
		return nil, fmt.Sprintf("format %s ends in %%", cli.Quote(s))
	}
	if s[j] != 'f' {
		return nil, fmt.Sprintf("invalid format %s, directive must be %%[0]['][-][N][.][N]f", cli.Quote(s))
	}
	rest := s[j+1:]
	if strings.Contains(strings.ReplaceAll(rest, "%%", ""), "%") {
		return nil, fmt.Sprintf("format %s has too many %% directives", cli.Quote(s))
	}
	f.after = unescape(rest)
	return f, ""
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

// parseScaled reads a number with a suffix of the --from unit.
func (n *numberFormat) parseScaled(text string) (v float64, precision int, problem string) {
	quoted := cli.Quote(text)
	body := strings.TrimLeft(text, " \t")
	if n.suffix != "" {
		body = strings.TrimSuffix(body, n.suffix)
	}
	body = strings.TrimRight(body, " \t")
	end := 0
	if strings.HasPrefix(body, "-") {
		end = 1
	}
	digits := end
	for end < len(body) && body[end] >= '0' && body[end] <= '9' {
		end++
	}
	if end-digits > 27 {
		return 0, 0, "value too large to be converted: " + quoted
	}
	whole := end
	if end < len(body) && body[end] == '.' {
		end++
		for end < len(body) && body[end] >= '0' && body[end] <= '9' {
			end++
		}
		if precision = end - whole - 1; precision == 0 {
			return 0, 0, "invalid number: " + quoted
		}
	}
	if end == digits {
		return 0, 0, "invalid number: " + quoted
	}
	v, _ = strconv.ParseFloat(body[:end], 64)
	rest := strings.TrimLeft(body[end:], " ")
	if rest == "" {
		if n.from == "iec-i" {
			return 0, 0, "missing 'i' suffix in input: " + quoted + " (e.g Ki/Mi/Gi)"
		}
		return v, precision, ""
	}
	power := strings.IndexByte("KMGTPEZY", strings.ToUpper(rest[:1])[0]) + 1
	if power == 0 || rest[0] != 'k' && rest[0] != strings.ToUpper(rest[:1])[0] {
		return 0, 0, "invalid suffix in input: " + quoted
	}
	if n.from == "none" {
		return 0, 0, "rejecting suffix in input: " + quoted + " (consider using --from)"
	}
	rest = rest[1:]
	base := 1000.0
	switch n.from {
	case "iec", "iec-i":
		base = 1024
	}
	if rest, ok := strings.CutPrefix(rest, "i"); ok && (n.from == "auto" || n.from == "iec-i") {
		base = 1024
		if rest != "" {
			return 0, 0, "invalid suffix in input " + quoted + ": " + cli.Quote(rest)
		}
		return v * math.Pow(base, float64(power)), 0, ""
	}
	if n.from == "iec-i" {
		return 0, 0, "missing 'i' suffix in input: " + quoted + " (e.g Ki/Mi/Gi)"
	}
	if rest != "" {
		return 0, 0, "invalid suffix in input " + quoted + ": " + cli.Quote(rest)
	}
	return v * math.Pow(base, float64(power)), 0, ""
}

func (n *numberFormat) rounded(v float64) float64 {
	switch n.round {
	case "up":
		return math.Ceil(v)
	case "down":
		return math.Floor(v)
	case "towards-zero":
		return math.Trunc(v)
	case "nearest":
		return math.Round(v)
	}
	if v < 0 {
		return math.Floor(v)
	}
	return math.Ceil(v)
}

func (n *numberFormat) convert(text string) (result, problem string) {
	v, precision, problem := n.parseScaled(text)
	if problem != "" {
		return "", problem
	}
	if n.fromUnit != 1 || n.toUnit != 1 {
		v = v * n.fromUnit / n.toUnit
	}
	wanted := -1
	if n.format != nil {
		wanted = n.format.precision
	}
	if n.to == "none" {
		if math.Abs(v) >= 1e19 {
			return "", fmt.Sprintf("value too large to be printed: '%s' (consider using --to)", strconv.FormatFloat(v, 'g', 6, 64))
		}
		if wanted >= 0 {
			precision = wanted
		}
		scale := math.Pow(10, float64(precision))
		result = strconv.FormatFloat(n.rounded(v*scale)/scale, 'f', precision, 64)
	} else {
		result = n.scaled(v, wanted)
	}
	result += n.suffix
	if f := n.format; f != nil {
		missing := max(0, f.width-len(result))
		switch {
		case f.left:
			result += strings.Repeat(" ", missing)
		case f.zero:
			sign := ""
			if strings.HasPrefix(result, "-") {
				sign, result = "-", result[1:]
			}
			result = sign + strings.Repeat("0", missing) + result
		default:
			result = strings.Repeat(" ", missing) + result
		}
		result = f.before + result + f.after
	}
	return result, ""
}

// scaled writes v with a suffix of the --to unit: one digit behind the point below ten, unless a precision is wanted.
func (n *numberFormat) scaled(v float64, wanted int) string {
	base := 1024.0
	if n.to == "si" {
		base = 1000
	}
	power := 0
	for math.Abs(v) >= base && power < 10 {
		v /= base
		power++
	}
	scale := 1.0
	switch {
	case wanted >= 0:
		scale = math.Pow(10, float64(min(wanted, 3*power)))
	case math.Abs(v) < 10:
		scale = 10
	}
	v = n.rounded(v*scale) / scale
	if math.Abs(v) >= base && power < 10 {
		v /= base
		power++
	}
	precision := 0
	if v != 0 && math.Abs(v) < 10 && power > 0 {
		precision = 1
	}
	if wanted >= 0 {
		precision = wanted
	}
	text := strconv.FormatFloat(v, 'f', precision, 64)
	if power > 0 {
		text += "KMGTPEZYRQ"[power-1 : power]
		if n.to == "iec-i" {
			text += "i"
		}
	}
	return text
}

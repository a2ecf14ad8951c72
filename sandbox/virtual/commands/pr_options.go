package commands

import (
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// prTabs are a character that stands for spaces, and the distance of its stops.
type prTabs struct {
	on    bool
	char  byte
	width int
}

// prLayout is how pages look.
type prLayout struct {
	first, last         int // pages that are printed; last 0: to the end
	columns             int
	across, merge       bool
	double              bool
	date, header        string
	hasHeader, formFeed bool
	length              int
	bare, noFeeds       bool // -t: no headers and trailers; -T: and no form feeds
	in, out             prTabs
	number              bool
	numberSep           byte
	digits, startAt     int
	hasStart            bool
	margin              int
	separator           string
	join, cut           bool // columns are joined at their ends; lines are cut at their width
	width               int
	hats, octal         bool
	quiet               bool
}

// prOptions reads the command line; nil: it has been answered, with the status.
func prOptions(inv *shell.Invocation) (l *prLayout, operands []string, status int) {
	p, status := prSpec.Parse(inv)
	if p == nil {
		return nil, nil, status
	}
	l = &prLayout{first: 1, columns: 1, length: 66, width: 72, date: "%Y-%m-%d %H:%M", numberSep: '\t', digits: 5, startAt: 1,
		in: prTabs{char: '\t', width: 8}, out: prTabs{char: '\t', width: 8}}
	fail := func(format string, args ...any) (*prLayout, []string, int) {
		inv.Errorf(format, args...)
		return nil, nil, 1
	}
	var oldS, oldW, newS, hasColumns bool
	digits := ""
	for _, o := range p.Options {
		problem := ""
		if o.Key != "#" {
			digits = ""
		}
		switch o.Key {
		case "#":
			digits += o.Value // -1 -2 is -12, as in the original
			l.columns, problem = prNumber(digits, 1, "invalid number of columns")
			hasColumns = true
		case "+":
			if l.first, l.last = prPages(o.Value); l.first == 0 {
				return fail("invalid --pages argument %s", "'"+o.Value+"'")
			}
		case "a":
			l.across = true
		case "c":
			l.hats = true
		case "d":
			l.double = true
		case "D":
			l.date = o.Value
		case "e":
			l.in.on = true
			problem = prCharNumber(inv, o, &l.in.char, &l.in.width)
		case "f", "F":
			l.formFeed = true
		case "h":
			l.header, l.hasHeader = o.Value, true
		case "i":
			l.out.on = true
			problem = prCharNumber(inv, o, &l.out.char, &l.out.width)
		case "J":
			l.join = true
		case "l":
			l.length, problem = prNumber(o.Value, 1, "'-l PAGE_LENGTH' invalid number of lines")
		case "m":
			l.merge = true
		case "n":
			l.number = true
			problem = prCharNumber(inv, o, &l.numberSep, &l.digits)
		case "N":
			l.startAt, problem = prNumber(o.Value, -1<<31, "'-N NUMBER' invalid starting line number")
			l.hasStart = true
		case "o":
			l.margin, problem = prNumber(o.Value, 0, "'-o MARGIN' invalid line offset")
		case "r":
			l.quiet = true
		case "s":
			oldS = true
			if !newS {
				l.separator = "\t"
				if o.Value != "" {
					l.separator = o.Value[:1]
				}
			}
		case "S":
			newS, oldS = true, false
			l.separator = o.Value
		case "t":
			l.bare, l.noFeeds = true, false
		case "T":
			l.bare, l.noFeeds = true, true
		case "v":
			l.octal = true
		case "w":
			var width int
			width, problem = prNumber(o.Value, 1, "'-w PAGE_WIDTH' invalid number of characters")
			if oldW = true; !l.cut {
				l.width = width
			}
		case "W":
			l.cut, oldW = true, false
			l.width, problem = prNumber(o.Value, 1, "'-W PAGE_WIDTH' invalid number of characters")
		}
		switch {
		case problem == "misuse":
			return nil, nil, 1
		case problem != "":
			return fail("%s", problem)
		}
	}
	for _, operand := range p.Operands {
		if l.first == 1 && l.last == 0 && strings.HasPrefix(operand, "+") {
			first, last := prPages(operand[1:])
			if first != 0 {
				l.first, l.last = first, last
				continue
			}
			if c := operand[1:]; c == "" || strings.Trim(c, "0123456789:") != "" {
				return fail("invalid + argument %s", "'"+operand[1:]+"'")
			}
		}
		operands = append(operands, operand)
	}
	switch {
	case l.merge && hasColumns:
		return fail("cannot specify number of columns when printing in parallel")
	case l.merge && l.across:
		return fail("cannot specify both printing across and printing in parallel")
	}
	l.settle(oldS, oldW, newS, hasColumns, len(operands))
	if room := l.columnWidth(); room < 1 {
		return fail("page width too narrow")
	}
	return l, operands, 0
}

// settle works out what the options mean together. -s and -w are the old ones of POSIX, -S and -W GNU's.
func (l *prLayout) settle(oldS, oldW, newS, hasColumns bool, files int) {
	many := l.merge || hasColumns
	separated := newS
	switch {
	case oldW && !many:
		l.cut = false
	case oldW:
		l.cut = true
		separated = separated || oldS
	case oldS && many && !newS:
		l.join = l.join || !l.cut
		separated = true
	}
	if l.length <= prHeader+prTrailer {
		l.bare, l.noFeeds = true, false
	}
	columns := l.columns
	if l.merge {
		columns = max(files, 1)
	}
	if columns > 1 {
		switch {
		case !separated && l.join:
			l.separator = "\t"
		case !separated:
			l.separator = " "
		case !l.join && l.separator == "\t":
			l.separator = " "
		}
		l.cut, l.in.on, l.out.on = true, true, true
	}
	if l.join {
		l.cut = false
	}
}

// columnWidth is how many characters a column has.
func (l *prLayout) columnWidth() int {
	if !l.cut {
		return 1 << 30
	}
	columns := max(l.columns, 1)
	room := l.width - (columns-1)*len(l.separator)
	if l.merge && l.number {
		room -= l.numberWidth()
	}
	return room / columns
}

// numberWidth is how many characters a line's number takes with its separator.
func (l *prLayout) numberWidth() int {
	if l.numberSep == '\t' {
		return l.digits + l.in.width - l.digits%l.in.width
	}
	return l.digits + 1
}

// prNumber reads a number that is at least so much; problem says what is wrong with it.
func prNumber(text string, least int, what string) (n int, problem string) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return 0, what + ": " + cli.Quote(text)
	case n < least || n > 1<<31-1:
		return 0, what + ": " + cli.Quote(text) + ": Numerical result out of range"
	}
	return n, ""
}

// prPages reads FIRST[:LAST]; 0: it is none.
func prPages(text string) (first, last int) {
	from, to, has := strings.Cut(text, ":")
	first, err := strconv.Atoi(from)
	if err != nil || first < 1 {
		return 0, 0
	}
	if has {
		if last, err = strconv.Atoi(to); err != nil || last < first {
			return 0, 0
		}
	}
	return first, last
}

// prCharNumber reads the argument [CHAR[NUMBER]] of -e, -i and -n.
func prCharNumber(inv *shell.Invocation, o cli.Option, char *byte, number *int) (problem string) {
	rest := o.Value
	if rest != "" && (rest[0] < '0' || rest[0] > '9') {
		*char, rest = rest[0], rest[1:]
	}
	if rest == "" {
		return ""
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 1 {
		prSpec.Misuse(inv, "'-%s' extra characters or invalid number in the argument: %s", o.Key, cli.QuoteText(rest))
		return "misuse"
	}
	*number = min(n, 1<<16)
	return ""
}

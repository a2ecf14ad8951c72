package sed

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// part is one -e or -f.
type part struct {
	text string
	file string // "" for -e
}

type addressKind int

const (
	always addressKind = iota
	onLine             // n
	onStep             // n~step
	onLast             // $
	onRegex
	onZero     // 0, before a regex
	afterLines // +n, as the second address
	onMultiple // ~n, as the second address
)

type address struct {
	kind    addressKind
	n, step int
	re      *regex.Regexp // nil for the last one used
}

// command is one command of the script, in the flat list that the machine runs.
type command struct {
	from, to address
	ranged   bool
	negated  bool
	active   bool // the machine is within the range
	closed   bool // a range that begins at a line number is over
	end      int  // the line the active range ends at, where it is known
	name     byte
	text     []byte // a i c: the text; b t T :: the label; r R w W: the file; e: the script
	n        int    // of q Q l L; -1 when not given
	jump     int    // b t T: where to go; {: past its }
	s        *substitution
	y        map[rune]rune
}

// program is a parsed script.
type program struct {
	commands []command
	quiet    bool // it began with #n
}

type parser struct {
	opt    *options
	text   string
	pos    int
	starts []int // where each part begins in text
	parts  []part
	prog   program
	open   []int // commands { that are open
}

// parse reads the parts, which are as lines of one script.
func parse(parts []part, opt *options) (*program, error) {
	p := &parser{opt: opt, parts: parts}
	for i, part := range parts {
		if i > 0 {
			p.text += "\n"
		}
		p.starts = append(p.starts, len(p.text))
		p.text += part.text
	}
	if strings.HasPrefix(p.text, "#n") {
		p.prog.quiet = true
	}
	for {
		p.skip(" \t\n\r\v\f;")
		if p.pos == len(p.text) {
			break
		}
		if err := p.command(); err != nil {
			return nil, err
		}
	}
	if len(p.open) > 0 {
		p.pos = p.starts[len(p.starts)-1]
		return nil, p.fail("unmatched `{'")
	}
	return &p.prog, p.resolve()
}

// fail words an error as GNU sed does, with where it was found.
func (p *parser) fail(format string, args ...any) error {
	i := len(p.starts) - 1
	for i > 0 && p.starts[i] > p.pos {
		i--
	}
	message := fmt.Sprintf(format, args...)
	if f := p.parts[i].file; f != "" {
		return fmt.Errorf("file %s line %d: %s", f, 1+strings.Count(p.text[p.starts[i]:min(p.pos, len(p.text))], "\n"), message)
	}
	n := 0
	for k := range i + 1 {
		if p.parts[k].file == "" {
			n++
		}
	}
	return fmt.Errorf("-e expression #%d, char %d: %s", n, p.pos-p.starts[i], message)
}

func (p *parser) skip(set string) {
	for p.pos < len(p.text) && strings.IndexByte(set, p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// next takes the next byte; 0 at the end, which only counts then.
func (p *parser) next() byte {
	if p.pos == len(p.text) {
		return 0
	}
	p.pos++
	return p.text[p.pos-1]
}

func (p *parser) peek() byte {
	if p.pos == len(p.text) {
		return 0
	}
	return p.text[p.pos]
}

func (p *parser) number() int {
	n := 0
	for ; p.peek() >= '0' && p.peek() <= '9'; p.pos++ {
		n = min(n*10+int(p.text[p.pos]-'0'), 1<<53)
	}
	return n
}

func (p *parser) command() error {
	c := command{n: -1}
	found, err := p.address(&c.from, false)
	if err != nil {
		return err
	}
	if found {
		p.skip(" \t")
		if p.peek() == ',' {
			p.pos++
			p.skip(" \t")
			if c.ranged, err = p.address(&c.to, true); err != nil {
				return err
			}
			if !c.ranged {
				p.next()
				return p.fail("unexpected `,'")
			}
		}
	}
	p.skip(" \t")
	if p.peek() == '!' {
		c.negated = true
		p.pos++
		p.skip(" \t")
		if p.peek() == '!' {
			p.pos++
			return p.fail("multiple `!'s")
		}
	}
	c.name = p.next()
	if c.from.kind == onZero && (c.to.kind != onRegex || p.opt.posix) {
		return p.fail("invalid usage of line address 0")
	}
	c.active = c.from.kind == onZero
	if err := p.arguments(&c); err != nil {
		return err
	}
	p.prog.commands = append(p.prog.commands, c)
	return nil
}

// address reads one address, if one is there.
func (p *parser) address(a *address, second bool) (found bool, err error) {
	switch c := p.peek(); {
	case c >= '0' && c <= '9':
		a.kind, a.n = onLine, p.number()
		p.skip(" \t")
		if p.peek() == '~' && !second {
			p.pos++
			p.skip(" \t")
			a.kind, a.step = onStep, p.number()
			if a.step == 0 {
				a.kind = onLine
			}
		} else if a.n == 0 && !second {
			a.kind = onZero
		}
	case c == '$':
		p.pos++
		a.kind = onLast
	case second && (c == '+' || c == '~'):
		p.pos++
		a.kind = afterLines
		if c == '~' {
			a.kind = onMultiple
		}
		if p.peek() < '0' || p.peek() > '9' {
			p.pos++
			return false, p.fail("expected number")
		}
		a.n = p.number()
	case c == '/' || c == '\\':
		p.pos++
		delim := c
		if c == '\\' {
			delim = p.next()
		}
		pattern, ok := p.delimited(delim, true)
		if !ok {
			return false, p.fail("unterminated address regex")
		}
		a.kind = onRegex
		var flags regex.Flags
		for ; ; p.pos++ {
			switch p.peek() {
			case 'I':
				flags |= regex.IgnoreCase
				continue
			case 'M':
				flags |= regex.Multiline
				continue
			}
			break
		}
		a.re, err = p.regexp(pattern, flags)
		return true, err
	default:
		return false, nil
	}
	return true, nil
}

// delimited reads up to delim. In a regex a delimiter within brackets does not count, and a delimiter with a backslash
// stands for itself literally.
func (p *parser) delimited(delim byte, isRegex bool) (text string, ok bool) {
	if delim == 0 || delim == '\n' || delim == '\\' {
		return "", false
	}
	var b strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == delim:
			p.pos++
			return b.String(), true
		case c == '\n' && isRegex:
			return "", false
		case c == '[' && isRegex:
			if end := p.bracketEnd(); end > 0 {
				b.WriteString(p.text[p.pos:end])
				p.pos = end
				continue
			}
		case c == '\\' && p.pos+1 < len(p.text):
			p.pos++
			switch d := p.text[p.pos]; {
			case d == delim && isRegex && strings.IndexByte(`.[]*^$+?(){}|`, d) >= 0:
				if d == '^' {
					b.WriteString(`\^`)
				} else {
					b.WriteString("[" + string(d) + "]")
				}
			case d == delim && d != '&':
				b.WriteByte(d)
			default:
				b.WriteByte('\\')
				b.WriteByte(d)
			}
			p.pos++
			continue
		case c == '\n':
			return "", false
		}
		b.WriteByte(c)
		p.pos++
	}
	return "", false
}

// bracketEnd finds the end of the bracket expression that begins here; 0 if it has none on this line.
func (p *parser) bracketEnd() int {
	i := p.pos + 1
	if i < len(p.text) && p.text[i] == '^' {
		i++
	}
	for first := true; i < len(p.text) && p.text[i] != '\n'; first = false {
		switch {
		case p.text[i] == ']' && !first:
			return i + 1
		case p.text[i] == '[' && i+1 < len(p.text) && strings.IndexByte(":.=", p.text[i+1]) >= 0:
			if end := strings.Index(p.text[i+2:], p.text[i+1:i+2]+"]"); end >= 0 {
				i += 2 + end + 1
			}
		}
		i++
	}
	return 0
}

func (p *parser) regexp(pattern string, flags regex.Flags) (*regex.Regexp, error) {
	if pattern == "" {
		if flags != 0 {
			return nil, p.fail("no previous regular expression")
		}
		return nil, nil
	}
	syntax := regex.BRE
	if p.opt.extended {
		syntax = regex.ERE
	}
	flags |= regex.Escapes | regex.Strict
	if !p.opt.utf8 {
		flags |= regex.Bytes
	}
	re, err := regex.Compile(pattern, syntax, flags)
	if err != nil {
		return nil, p.fail("%v", err)
	}
	return re, nil
}

// ends checks that the command is over.
func (p *parser) ends() error {
	p.skip(" \t\r")
	switch p.peek() {
	case 0, '\n', ';':
		if p.pos < len(p.text) {
			p.pos++
		}
		return nil
	case '}', '#':
		return nil
	}
	p.pos++
	return p.fail("extra characters after command")
}

// line takes the rest of the line.
func (p *parser) line() string {
	rest, _, _ := strings.Cut(p.text[p.pos:], "\n")
	p.pos += len(rest)
	return rest
}

// arguments reads what follows the name of a command.
func (p *parser) arguments(c *command) error {
	if c.from.kind != always && strings.IndexByte(":}", c.name) >= 0 {
		if c.name == ':' {
			return p.fail(": doesn't want any addresses")
		}
		return p.fail("} doesn't want any addresses")
	}
	if p.opt.sandbox && strings.IndexByte("erwW", c.name) >= 0 && c.name != 0 {
		return p.fail("e/r/w commands disabled in sandbox mode")
	}
	switch c.name {
	case '#':
		if c.from.kind != always {
			return p.fail("comments don't accept any addresses")
		}
		p.line()
		return nil
	case '{':
		p.open = append(p.open, len(p.prog.commands))
		return nil
	case '}':
		if len(p.open) == 0 {
			return p.fail("unexpected `}'")
		}
		p.prog.commands[p.open[len(p.open)-1]].jump = len(p.prog.commands) + 1
		p.open = p.open[:len(p.open)-1]
		return p.ends()
	case '=', 'd', 'D', 'F', 'g', 'G', 'h', 'H', 'n', 'N', 'p', 'P', 'x', 'z':
		return p.ends()
	case 'a', 'i', 'c':
		return p.insertion(c)
	case ':':
		p.skip(" \t")
		c.text = []byte(p.label(""))
		if len(c.text) == 0 {
			return p.fail(`":" lacks a label`)
		}
		return nil
	case 'b', 't', 'T':
		p.skip(" \t")
		c.text = []byte(p.label("}"))
		return nil
	case 'r', 'R', 'w', 'W':
		p.skip(" \t")
		if c.text = []byte(p.line()); len(c.text) == 0 {
			return p.fail("missing filename in r/R/w/W commands")
		}
		return nil
	case 'e':
		p.skip(" \t")
		c.text = []byte(p.line())
		return nil
	case 'q', 'Q', 'l', 'L':
		if c.ranged && (c.name == 'q' || c.name == 'Q') {
			return p.fail("command only uses one address")
		}
		p.skip(" \t")
		if p.peek() >= '0' && p.peek() <= '9' {
			c.n = p.number()
		}
		return p.ends()
	case 's':
		return p.substitution(c)
	case 'y':
		return p.transliteration(c)
	case 'v':
		p.skip(" \t")
		if version := p.label(""); version > "4.9" && len(version) > 0 && version[0] > '4' {
			return p.fail("expected newer version of sed")
		}
		return nil
	case 0, '\n', ';':
		return p.fail("missing command")
	}
	return p.fail("unknown command: `%c'", c.name)
}

// label takes a label: up to white space or a semicolon.
func (p *parser) label(end string) string {
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune(" \t\n\r;"+end, rune(p.text[p.pos])) {
		p.pos++
	}
	return p.text[start:p.pos]
}

// insertion reads the text of a, i and c: "a\", newline, lines that continue with a backslash; or all on one line.
func (p *parser) insertion(c *command) error {
	p.skip(" \t")
	if p.pos == len(p.text) {
		return p.fail("expected \\ after `a', `c' or `i'")
	}
	if p.peek() == '\\' {
		p.pos++
		start := p.pos
		p.skip(" \t")
		if p.peek() == '\n' {
			p.pos++
		} else {
			p.pos = start
		}
		if p.pos == len(p.text) {
			return nil
		}
	} else if p.peek() == '\n' {
		return p.fail("expected \\ after `a', `c' or `i'")
	}
	for p.pos < len(p.text) && p.text[p.pos] != '\n' {
		ch := p.next()
		if ch == '\\' {
			if p.pos == len(p.text) {
				break
			}
			var size int
			if c.text, size = escape(c.text, p.text[p.pos:]); size > 0 {
				p.pos += size
				continue
			}
			ch = p.next()
		}
		c.text = append(c.text, ch)
	}
	c.text = append(c.text, '\n')
	return nil
}

// resolve finds the commands that labels mean.
func (p *parser) resolve() error {
	labels := map[string]int{}
	for i, c := range p.prog.commands {
		if c.name == ':' {
			labels[string(c.text)] = i
		}
	}
	for i := range p.prog.commands {
		c := &p.prog.commands[i]
		if c.name != 'b' && c.name != 't' && c.name != 'T' {
			continue
		}
		at, ok := labels[string(c.text)]
		switch {
		case len(c.text) == 0:
			c.jump = len(p.prog.commands)
		case ok:
			c.jump = at
		default:
			return noLabel(c.text)
		}
	}
	return nil
}

// noLabel is a label that is jumped to and not there.
type noLabel string

func (l noLabel) Error() string { return "can't find label for jump to `" + string(l) + "'" }

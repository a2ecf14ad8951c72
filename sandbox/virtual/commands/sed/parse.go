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

package sed

import "strings"

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

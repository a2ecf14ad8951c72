package regex

import (
	"errors"
	"strings"
)

type kind int

const (
	empty       kind = iota
	char             // r
	anyChar          // .
	set              // set
	group            // sub[0], captured
	sequence         // sub
	alternation      // sub
	repeat           // sub[0] from min to max times, max -1 without end
	backref          // n
	lineStart
	lineEnd
	textStart
	textEnd
	wordEdge
	notWordEdge
	wordStart
	wordEnd
)

type node struct {
	kind     kind
	r        rune
	n        int
	min, max int
	set      *charSet
	sub      []*node
}

// The errors of regcomp(3), by GNU's texts.
var (
	errInvalid   = errors.New("Invalid regular expression")
	errBracket   = errors.New("Unmatched [, [^, [:, [., or [=")
	errParen     = errors.New(`Unmatched ( or \(`)
	errUnopened  = errors.New(`Unmatched ) or \)`)
	errBrace     = errors.New(`Unmatched \{`)
	errInterval  = errors.New(`Invalid content of \{\}`)
	errOperand   = errors.New("Invalid preceding regular expression")
	errRange     = errors.New("Invalid range end")
	errClass     = errors.New("Invalid character class name")
	errColons    = errors.New("character class syntax is [[:space:]], not [:space:]")
	errCollation = errors.New("Invalid collation character")
	errBackref   = errors.New("Invalid back reference")
	errBackslash = errors.New("Trailing backslash")
	errTooBig    = errors.New("Regular expression too big")
)

const (
	maxRepeat = 32767 // RE_DUP_MAX
	maxDepth  = 250   // brackets within brackets
)

type parser struct {
	syntax   Syntax
	flags    Flags
	bytes    bool
	text     []rune
	pos      int
	depth    int
	base     int // groups of the patterns before this one
	groups   int
	closed   [10]bool // groups 1 to 9 that a back-reference may name
	backrefs bool
	context  bool
	warnings []string
}

func (p *parser) parse() (*node, error) {
	if p.syntax == Literal {
		n := &node{kind: sequence}
		for _, r := range p.text {
			n.sub = append(n.sub, &node{kind: char, r: r})
		}
		return n, nil
	}
	if p.flags&Escapes != 0 {
		p.spell()
	}
	n, err := p.alternatives()
	if err == nil && p.pos < len(p.text) {
		err = errUnopened
	}
	return n, err
}

// spell puts the characters that are written as numbers in their places: sed does so before it reads a pattern, so that
// they mean what they mean there.
func (p *parser) spell() {
	var text []rune
	for i := 0; i < len(p.text); i++ {
		if p.text[i] != '\\' || i+1 == len(p.text) {
			text = append(text, p.text[i])
			continue
		}
		if c := p.text[i+1]; c == 'x' || c == 'd' || c == 'o' {
			if r, size := p.charEscape(i); size > 0 && r != '\n' {
				text = append(text, r)
				i += size - 1
				continue
			}
		}
		text = append(text, p.text[i], p.text[i+1])
		i++
	}
	p.text = text
}

// at says whether the text goes on with s.
func (p *parser) at(s string) bool {
	i := p.pos
	for _, r := range s {
		if i >= len(p.text) || p.text[i] != r {
			return false
		}
		i++
	}
	return true
}

// op says whether an operator that BRE writes with a backslash and ERE without comes next.
func (p *parser) op(c string) bool {
	if p.syntax == BRE {
		return p.at(`\` + c)
	}
	return p.at(c)
}

func (p *parser) skipOp() {
	if p.syntax == BRE {
		p.pos++
	}
	p.pos++
}

// closes says whether a ")" here ends a group; ERE takes one that nothing opened as a literal, unless it is strict.
func (p *parser) closes() bool {
	return p.op(")") && (p.depth > 0 || p.syntax == BRE || p.flags&Strict != 0)
}

func (p *parser) alternatives() (*node, error) {
	alt := &node{kind: alternation}
	for {
		seq, err := p.sequence()
		if err != nil {
			return nil, err
		}
		alt.sub = append(alt.sub, seq)
		if !p.op("|") {
			break
		}
		p.skipOp()
	}
	if len(alt.sub) == 1 {
		return alt.sub[0], nil
	}
	return alt, nil
}

func (p *parser) sequence() (*node, error) {
	seq := &node{kind: sequence}
	fresh := true // an operator here has nothing to repeat
	for p.pos < len(p.text) && !p.op("|") && !p.closes() {
		if fresh && p.repeats() {
			switch {
			case p.flags&Strict != 0 && p.syntax != BRE, p.syntax == BRE && p.at(`\{`) && p.flags&Strict != 0:
				return nil, errOperand
			case p.syntax == BRE && p.at("*"):
				p.pos++
				seq.sub = append(seq.sub, &node{kind: char, r: '*'})
				fresh = false
			case p.syntax == BRE && !p.at(`\{`):
				seq.sub = append(seq.sub, &node{kind: char, r: p.text[p.pos+1]})
				p.pos += 2
				fresh = false
			case p.syntax == Awk: // nor is any here
				seq.sub = append(seq.sub, &node{kind: char, r: p.text[p.pos]})
				p.pos++
				fresh = false
			case p.syntax == BRE: // "\{" is no operator here
				seq.sub = append(seq.sub, &node{kind: char, r: '{'})
				p.pos += 2
				fresh = false
			default: // it repeats the empty text
				shown := string(p.text[p.pos])
				if shown == "{" {
					shown = "{...}"
				}
				p.warnings = append(p.warnings, shown+" at start of expression")
				if _, err := p.repetition(&node{kind: empty}); err != nil {
					return nil, err
				}
			}
			continue
		}
		n, err := p.atom(fresh)
		if err != nil {
			return nil, err
		}
		fresh = n.kind >= lineStart
		for !fresh && p.pos < len(p.text) && p.repeats() {
			before := n
			if n, err = p.repetition(n); err != nil {
				return nil, err
			}
			if n == before {
				break
			}
			if p.syntax == BRE && p.flags&Strict != 0 && (p.at("*") || p.at(`\{`)) {
				return nil, errOperand
			}
		}
		seq.sub = append(seq.sub, n)
	}
	if len(seq.sub) == 1 {
		return seq.sub[0], nil
	}
	return seq, nil
}

// repeats says whether a repetition operator comes next.
func (p *parser) repeats() bool {
	return p.at("*") || p.op("+") || p.op("?") || p.op("{") && (p.syntax == BRE || p.flags&Strict != 0 || p.interval())
}

// interval says whether the "{" here begins a complete interval; else ERE takes it as a literal.
func (p *parser) interval() bool {
	i, digits := p.pos+1, 0
	for ; i < len(p.text) && (p.text[i] >= '0' && p.text[i] <= '9' || p.text[i] == ','); i++ {
		if p.text[i] == ',' && digits < 0 {
			return false
		}
		if p.text[i] == ',' {
			digits = -1
		}
	}
	return i < len(p.text) && p.text[i] == '}' && i > p.pos+1
}

func (p *parser) repetition(n *node) (*node, error) {
	if !p.op("{") {
		c := p.text[p.pos]
		if c == '*' {
			p.pos++
			return &node{kind: repeat, min: 0, max: -1, sub: []*node{n}}, nil
		}
		plus := p.op("+")
		p.skipOp()
		if plus {
			return &node{kind: repeat, min: 1, max: -1, sub: []*node{n}}, nil
		}
		return &node{kind: repeat, min: 0, max: 1, sub: []*node{n}}, nil
	}
	p.skipOp()
	low, okLow := p.number()
	high := low
	comma := p.at(",")
	if comma {
		p.pos++
		var ok bool
		if high, ok = p.number(); !ok {
			high = -1
		}
	}
	switch {
	case p.pos >= len(p.text) || p.syntax == BRE && p.at(`\`) && p.pos+1 == len(p.text):
		return nil, errBrace
	case !p.op("}") || !okLow && !comma || high >= 0 && low > high:
		return nil, errInterval
	case low > maxRepeat || high > maxRepeat:
		return nil, errTooBig
	}
	p.skipOp()
	return &node{kind: repeat, min: low, max: high, sub: []*node{n}}, nil
}

func (p *parser) number() (n int, ok bool) {
	for ; p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9'; p.pos++ {
		n, ok = min(n*10+int(p.text[p.pos]-'0'), maxRepeat+1), true
	}
	return n, ok
}

// atom reads one element; first says that it begins its alternative.
func (p *parser) atom(first bool) (*node, error) {
	c := p.text[p.pos]
	switch {
	case c == '[':
		return p.bracket()
	case c == '.':
		p.pos++
		return &node{kind: anyChar}, nil
	case p.op("("):
		return p.group()
	case c == '^' && (p.syntax != BRE || first && p.opens()):
		p.pos++
		p.context = true
		return &node{kind: lineStart}, nil
	case c == '$' && (p.syntax != BRE || p.ends()):
		p.pos++
		return &node{kind: lineEnd}, nil
	case c == '\\':
		return p.escape()
	}
	p.pos++
	return &node{kind: char, r: c}, nil
}

// opens says whether a "^" here is at the begin of a BRE, a group or an alternative.
func (p *parser) opens() bool {
	return p.pos == 0 || p.pos >= 2 && p.text[p.pos-2] == '\\' && (p.text[p.pos-1] == '(' || p.text[p.pos-1] == '|')
}

// ends says whether the "$" here is at the end of a BRE, a group or an alternative.
func (p *parser) ends() bool {
	rest := p.text[p.pos+1:]
	return len(rest) == 0 || len(rest) > 1 && rest[0] == '\\' && (rest[1] == ')' || rest[1] == '|')
}

func (p *parser) group() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errTooBig
	}
	p.skipOp()
	p.groups++
	n := &node{kind: group}
	number := p.groups
	sub, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if !p.op(")") {
		return nil, errParen
	}
	p.skipOp()
	p.depth--
	if number < len(p.closed) {
		p.closed[number] = true
	}
	n.sub = []*node{sub}
	return n, nil
}

func (p *parser) escape() (*node, error) {
	if p.pos+1 >= len(p.text) {
		return nil, errBackslash
	}
	c := p.text[p.pos+1]
	if p.syntax == Awk || p.flags&Escapes != 0 {
		if r, size := p.charEscape(p.pos); size > 0 {
			p.pos += size
			return &node{kind: char, r: r}, nil
		}
	}
	p.pos += 2
	edge := func(k kind) (*node, error) {
		p.context = true
		return &node{kind: k}, nil
	}
	switch c {
	case 'w', 'W':
		return &node{kind: set, set: &charSet{negated: c == 'W', names: []string{"word"}}}, nil
	case 's', 'S':
		return &node{kind: set, set: &charSet{negated: c == 'S', names: []string{"space"}}}, nil
	case 'b':
		return edge(wordEdge)
	case 'y':
		if p.syntax == Awk {
			return edge(wordEdge)
		}
	case 'B':
		return edge(notWordEdge)
	case '<':
		return edge(wordStart)
	case '>':
		return edge(wordEnd)
	case '`':
		return edge(textStart)
	case '\'':
		return &node{kind: textEnd}, nil
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if !p.closed[c-'0'] {
			return nil, errBackref
		}
		p.backrefs = true
		return &node{kind: backref, n: p.base + int(c-'0')}, nil
	case ')':
		if p.syntax == BRE {
			return nil, errUnopened
		}
	}
	return &node{kind: char, r: c}, nil
}

// charEscape reads an escape at i that stands for a character, and says how long it is; 0 if it is none.
func (p *parser) charEscape(i int) (r rune, size int) {
	rest := p.text[i+1:]
	if len(rest) == 0 {
		return 0, 0
	}
	number := func(from, base, most int) (rune, int) {
		v, n := 0, from
		for n < len(rest) && n < from+most {
			d := strings.IndexRune("0123456789abcdef", rest[n]|0x20)
			if rest[n] <= '9' {
				d = int(rest[n] - '0')
			}
			if d < 0 || d >= base {
				break
			}
			v, n = v*base+d, n+1
		}
		if n == from {
			return 0, 0
		}
		return rune(v & 0xff), n + 1
	}
	switch c := rest[0]; c {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'f':
		return '\f', 2
	case 'v':
		return '\v', 2
	case 'a':
		return '\a', 2
	case 'r':
		return '\r', 2
	case 'x':
		return number(1, 16, 2)
	case 'd', 'o':
		if p.syntax != Awk && c == 'd' {
			return number(1, 10, 3)
		} else if p.syntax != Awk {
			return number(1, 8, 3)
		}
	case 'c':
		if p.syntax != Awk && len(rest) > 1 {
			return []rune(strings.ToUpper(string(rest[1])))[0] ^ 0x40, 3
		}
	case 'b':
		if p.syntax == Awk {
			return '\b', 2
		}
	case '/', '"', '&':
		if p.syntax == Awk {
			return c, 2
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		if p.syntax == Awk {
			return number(0, 8, 3)
		}
	}
	return 0, 0
}

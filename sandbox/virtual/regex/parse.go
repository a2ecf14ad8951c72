package regex

import (
	"errors"
)

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

const maxDepth = 250 // brackets within brackets

// parser reads a pattern; bracket.go reads [...], escape.go what a backslash begins, and repeat.go how often.
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

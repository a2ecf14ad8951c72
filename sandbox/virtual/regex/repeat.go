package regex

const maxRepeat = 32767 // RE_DUP_MAX

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

package datetime

func (p *parser) setDate(y token, month, day int64) {
	p.dates++
	p.year, p.yearDigits, p.month, p.day = y.n, y.digits, month, day
}

// slashes reads m/d, m/d/y and yyyy/m/d.
func (p *parser) slashes(t token) bool {
	if p.at(2).kind != unsigned {
		return false
	}
	if !p.isChar(3, '/') {
		p.setDate(token{digits: -1}, t.n, p.at(2).n)
		p.pos += 3
		return true
	}
	if p.at(4).kind != unsigned {
		return false
	}
	if t.digits >= 4 {
		p.setDate(t, p.at(2).n, p.at(4).n)
	} else {
		p.setDate(p.at(4), t.n, p.at(2).n)
	}
	p.pos += 5
	return true
}

// monthFirst reads "jun 17", "jun 17, 1992" and "jun-17-1992".
func (p *parser) monthFirst(t token) bool {
	next := p.at(1)
	switch {
	case next.kind == signed && p.at(2).kind == signed:
		p.setDate(token{n: -p.at(2).n, digits: p.at(2).digits}, t.n, -next.n)
		p.pos += 3
		return true
	case next.kind == unsigned && p.isChar(2, ',') && p.at(3).kind == unsigned:
		p.setDate(p.at(3), t.n, next.n)
		p.pos += 4
		return true
	case next.kind == unsigned:
		p.setDate(token{digits: -1}, t.n, next.n)
		p.pos += 2
		return true
	}
	return false
}

// plain reads a number that stands alone: a year, yyyymmdd, hhmm or hh.
func (p *parser) plain(t token) bool {
	p.pos++
	switch {
	case p.dates > 0 && p.yearDigits < 0 && p.rels == 0 && (p.times > 0 || t.digits > 2):
		p.year, p.yearDigits = t.n, t.digits
	case t.digits > 4:
		p.dates++
		p.day, p.month, p.year, p.yearDigits = t.n%100, t.n/100%100, t.n/10000, t.digits-4
	default:
		p.times++
		p.hour, p.minute, p.sec, p.nanos, p.half = t.n, 0, 0, 0, 24
		if t.digits > 2 {
			p.hour, p.minute = t.n/100, t.n%100
		}
	}
	return true
}

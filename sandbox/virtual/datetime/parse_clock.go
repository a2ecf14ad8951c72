package datetime

// clock reads ":mm[:ss]" behind an hour, with am, pm or an offset behind it.
func (p *parser) clock(hour int64) bool {
	p.times++
	p.hour, p.minute, p.sec, p.nanos, p.half = hour, 0, 0, 0, 24
	if p.isChar(0, ':') {
		if p.at(1).kind != unsigned {
			return false
		}
		p.minute = p.at(1).n
		p.pos += 2
		if p.isChar(0, ':') {
			s := p.at(1)
			if s.kind != unsigned && (s.kind != decimal || s.hasSig) {
				return false
			}
			p.sec, p.nanos = s.n, s.nanos
			p.pos += 2
		}
	}
	switch next := p.at(0); {
	case next.kind == meridian:
		p.half = next.n
		p.pos++
	case next.kind == signed: // also before a unit: in "10:00 +2 days" the +2 is the zone
		p.zones++
		o, ok := p.zoneOffset()
		p.offset = o
		return ok
	}
	return true
}

func (p *parser) zone(t token) bool {
	p.zones++
	p.offset = t.n
	if t.kind == letterT {
		p.offset = -7 * 3600
	}
	p.pos++
	switch next := p.at(0); {
	case next.kind == signed && p.at(1).kind == unit:
		return p.relative(next, p.at(1), 2)
	case next.kind == signed && t.kind == zone:
		o, ok := p.zoneOffset()
		p.offset += o
		return ok
	case next.kind == dst && t.kind == zone:
		p.offset += 3600
		p.pos++
	}
	return true
}

// zoneOffset reads +hh, +hhmm or +hh:mm.
func (p *parser) zoneOffset() (int64, bool) {
	t := p.at(0)
	p.pos++
	minutes := int64(-1)
	if p.isChar(0, ':') && p.at(1).kind == unsigned {
		minutes = p.at(1).n
		p.pos += 2
	}
	n := t.n
	if t.digits <= 2 && minutes < 0 {
		n *= 100
	}
	total := n/100*60 + n%100
	if minutes >= 0 {
		total = n * 60
		if n < 0 {
			total -= minutes
		} else {
			total += minutes
		}
	}
	return total * 60, total >= -24*60 && total <= 24*60
}

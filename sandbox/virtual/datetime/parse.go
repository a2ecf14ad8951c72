package datetime

import (
	"strings"
	"time"
)

// Parse reads a date in GNU's language, as date -d and touch -d take it: "2004-02-29 16:21:42", "@1078100502",
// "next monday", "2 days ago", "tomorrow 5pm", 'TZ="Asia/Tokyo" 10:00'. What it does not say comes from now and its zone.
// The grammar is that of the manual's chapter "Date input formats". ok is false if text is no date.
func Parse(text string, now time.Time) (t time.Time, ok bool) {
	text = strings.TrimLeft(text, " \t\n")
	if rest, found := strings.CutPrefix(text, `TZ="`); found {
		name, rest, closed := strings.Cut(rest, `"`)
		if !closed {
			return t, false
		}
		t, ok = Parse(rest, now.In(Zone(name)))
		return t.In(now.Location()), ok
	}
	if rest, found := strings.CutPrefix(text, "@"); found {
		n, length := lexNumber(rest + " ")
		if rest == "" || length < 1 || strings.TrimSpace(rest[min(length, len(rest)):]) != "" ||
			n.kind != unsigned && n.kind != signed && n.kind != decimal {
			return t, false
		}
		return time.Unix(n.n, n.nanos).In(now.Location()), true
	}
	tokens, ok := lex(text)
	if !ok {
		return t, false
	}
	p := &parser{tokens: tokens}
	for p.pos < len(p.tokens) {
		if !p.item() {
			return t, false
		}
	}
	return p.resolve(now)
}

// parser collects what the items of a date say.
type parser struct {
	tokens []token
	pos    int

	dates, times, days, zones, rels int

	year              int64
	yearDigits        int
	month, day        int64
	hour, minute, sec int64
	nanos             int64
	half              int64 // 0 am, 12 pm, 24 neither
	weekday, nth      int64
	offset            int64 // of the zone, in seconds

	relYear, relMonth, relDay, relHour, relMinute, relSec, relNanos int64
}

func (p *parser) at(i int) token {
	if p.pos+i < len(p.tokens) {
		return p.tokens[p.pos+i]
	}
	return token{}
}

func (p *parser) isChar(i int, c byte) bool { return p.at(i).kind == char && p.at(i).c == c }

// item reads one item of the date.
func (p *parser) item() bool {
	t := p.at(0)
	switch t.kind {
	case unsigned:
		return p.number(t)
	case signed, decimal:
		if p.at(1).kind == unit && (t.kind == signed || p.at(1).unit == 'S') {
			return p.relative(t, p.at(1), 2)
		}
		return false
	case unit:
		return p.relative(token{n: 1}, t, 1)
	case ordinal:
		switch p.at(1).kind {
		case unit:
			return p.relative(t, p.at(1), 2)
		case day:
			p.days++
			p.nth, p.weekday = t.n, p.at(1).n
			p.pos += 2
			return true
		}
		return false
	case shift:
		p.rels++
		p.relDay += t.n
		p.pos++
		return true
	case day:
		p.days++
		p.weekday = t.n
		p.pos++
		if p.isChar(0, ',') {
			p.pos++
		}
		return true
	case month:
		return p.monthFirst(t)
	case zone, dayZone, letterT:
		return p.zone(t)
	}
	return false
}

// relative reads COUNT UNIT, and "ago" behind it.
func (p *parser) relative(count, u token, length int) bool {
	p.pos += length
	n, nanos := count.n*u.n, count.nanos
	if p.at(0).kind == ago {
		if p.at(0).n < 0 {
			n, nanos = -n, -nanos
		}
		p.pos++
	}
	p.rels++
	switch u.unit {
	case 'y':
		p.relYear += n
	case 'm':
		p.relMonth += n
	case 'd':
		p.relDay += n
	case 'H':
		p.relHour += n
	case 'M':
		p.relMinute += n
	case 'S':
		p.relSec += n
		p.relNanos += nanos
	}
	return true
}

// number reads an item that begins with an unsigned number.
func (p *parser) number(t token) bool {
	next, third := p.at(1), p.at(2)
	switch {
	case p.isChar(1, ':') || next.kind == meridian:
		p.pos++
		return p.clock(t.n)
	case p.isChar(1, '/'):
		return p.slashes(t)
	case next.kind == signed && third.kind == signed && p.at(3).kind != unit:
		p.setDate(t, -next.n, -third.n)
		p.pos += 3
		if p.at(0).kind == letterT && p.at(1).kind == unsigned {
			hour := p.at(1)
			p.pos += 2
			if !p.isChar(0, ':') && p.at(0).kind != signed {
				return false
			}
			return p.clock(hour.n)
		}
		return true
	case next.kind == signed && third.kind == unit:
		return p.plain(t) && p.relative(next, third, 2)
	case next.kind == signed:
		p.pos++
		return p.clock(t.n)
	case next.kind == month:
		p.pos += 2
		p.dates++
		p.day, p.month = t.n, next.n
		switch y := p.at(0); y.kind {
		case signed:
			p.year, p.yearDigits = -y.n, y.digits
			p.pos++
		case unsigned:
			p.year, p.yearDigits = y.n, y.digits
			p.pos++
		default:
			p.yearDigits = -1
		}
		return true
	case next.kind == day:
		p.days++
		p.nth, p.weekday = t.n, next.n
		p.pos += 2
		return true
	case next.kind == unit:
		return p.relative(t, next, 2)
	}
	return p.plain(t)
}

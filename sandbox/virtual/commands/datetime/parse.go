package datetime

import (
	"math"
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
		now, text = now.In(Zone(name)), strings.TrimLeft(rest, " \t\n")
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

// resolve turns what was said into a time.
func (p *parser) resolve(now time.Time) (t time.Time, ok bool) {
	if p.times > 1 || p.dates > 1 || p.days > 1 || p.zones > 1 {
		return t, false
	}
	loc := now.Location()
	if p.zones > 0 {
		loc = time.FixedZone("", int(p.offset))
	}
	year, month, day := int64(now.Year()), int64(now.Month()), int64(now.Day())
	if p.dates > 0 {
		month, day = p.month, p.day
		if p.yearDigits >= 0 {
			year = p.year
			if p.yearDigits == 2 {
				if year += 1900; p.year < 69 {
					year += 100
				}
			}
		}
	}
	var hour, minute, sec, nanos int64
	switch {
	case p.times > 0:
		if hour, ok = p.clockHour(); !ok {
			return t, false
		}
		minute, sec, nanos = p.minute, p.sec, p.nanos
	case p.rels > 0 && p.dates == 0 && p.days == 0:
		hour, minute, sec, nanos = int64(now.Hour()), int64(now.Minute()), int64(now.Second()), int64(now.Nanosecond())
	}
	const far = 1 << 40
	for _, n := range []int64{year, p.relYear, p.relMonth, p.relDay, p.relHour, p.relMinute, p.relSec} {
		if n > far || n < -far {
			return t, false
		}
	}
	if year > math.MaxInt32 || month < 1 || month > 12 || day < 1 || day > 31 || minute > 59 || sec > 59 {
		return t, false
	}
	t = time.Date(int(year), time.Month(month), int(day), int(hour), int(minute), int(sec), int(nanos), loc)
	if t.Day() != int(day) {
		return t, false
	}
	if p.days > 0 && p.dates == 0 {
		wday := int64(t.Weekday())
		days := (p.weekday - wday + 7) % 7
		if p.nth > 0 && wday != p.weekday {
			days += 7 * (p.nth - 1)
		} else {
			days += 7 * p.nth
		}
		t = t.AddDate(0, 0, int(days))
	}
	if p.relYear != 0 || p.relMonth != 0 || p.relDay != 0 {
		t = t.AddDate(int(p.relYear), int(p.relMonth), int(p.relDay))
	}
	secs := t.Unix() + p.relHour*3600 + p.relMinute*60 + p.relSec
	ns := int64(t.Nanosecond()) + p.relNanos
	t = time.Unix(secs, ns).In(now.Location())
	return t, t.Year() >= -math.MaxInt32 && t.Year() <= math.MaxInt32
}

// clockHour is the hour of the day, if there is such a one.
func (p *parser) clockHour() (int64, bool) {
	switch {
	case p.half == 24:
		return p.hour, p.hour < 24
	case p.hour < 1 || p.hour > 12:
		return 0, false
	}
	return p.hour%12 + p.half, true
}

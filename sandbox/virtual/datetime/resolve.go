package datetime

import (
	"math"
	"time"
)

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

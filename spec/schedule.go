package spec

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same everywhere, also in an image that has none: 450 KB

	"github.com/robfig/cron/v3"
)

// Schedule says when a Cron fires.
type Schedule struct {
	fields *cron.SpecSchedule
	zone   *time.Location
}

var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// ParseSchedule reads five fields (minute, hour, day of month, month, day of week) and the IANA name of a zone; "" is UTC.
// The error says which of the two is wrong.
func ParseSchedule(fields, timezone string) (*Schedule, error) {
	zone, err := ParseZone(timezone)
	if err != nil {
		return nil, err
	}
	if strings.Contains(fields, "=") { // the library's TZ=… before the fields
		return nil, errors.New("a schedule has no time zone in it")
	}
	parsed, err := cronParser.Parse(fields)
	if err != nil {
		return nil, err
	}
	return &Schedule{fields: parsed.(*cron.SpecSchedule), zone: zone}, nil
}

// ParseZone finds a zone of the IANA database; "" is UTC.
func ParseZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	return zone, nil
}

// Next is the first time after t at which c fires; the zero time if there is none.
func (c Cron) Next(t time.Time) time.Time {
	s, err := ParseSchedule(c.Schedule, c.Timezone)
	if err != nil { // which lint reports
		return time.Time{}
	}
	return s.Next(t)
}

// Next is the first time after t at which s fires, in its zone; the zero time if there is none within five years.
//
// A schedule for certain hours fires once for each time that it names: the first time where the clock is put back and
// shows it twice, and as soon as the clock has been put forward where it skips that time. A schedule for every hour
// goes by the time that passes, so that it fires in both of two hours that look the same.
func (s *Schedule) Next(t time.Time) time.Time {
	if everyHour := uint64(1)<<24 - 1; s.fields.Hour&everyHour == everyHour {
		return s.fields.Next(t.In(s.zone))
	}
	clock := onClock(t.In(s.zone))
	for {
		if clock = s.fields.Next(clock); clock.IsZero() {
			return time.Time{}
		}
		if next := s.moment(clock); next.After(t) {
			return next
		}
	}
}

// onClock is what a clock shows at t, written as a time in UTC: there no hour is missing and none comes twice.
func onClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// moment is when the zone's clock shows a time, or has been put forward past it.
func (s *Schedule) moment(clock time.Time) time.Time {
	t := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), 0, 0, s.zone)
	start, end := t.ZoneBounds() // between which the clock is not changed
	switch shown := onClock(t); {
	case shown.Before(clock):
		return end
	case shown.After(clock):
		return start
	case start.IsZero():
		return t
	}
	_, before := start.Add(-time.Second).Zone()
	if first := clock.Add(-time.Duration(before) * time.Second).In(s.zone); first.Before(start) {
		return first
	}
	return t
}

// Last is the last time after one moment, and not after another, at which s fires; the zero time if there is none.
func (s *Schedule) Last(after, until time.Time) time.Time {
	for span := time.Hour; ; span *= 24 { // looks back from until first: a long time may have many
		from := until.Add(-span)
		if span > 400*24*time.Hour || from.Before(after) {
			from = after
		}
		last := time.Time{}
		for at := s.Next(from); !at.IsZero() && !at.After(until); at = s.Next(at) {
			last = at
		}
		if !last.IsZero() || from.Equal(after) {
			return last
		}
	}
}

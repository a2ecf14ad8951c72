package jq

import (
	"math"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"
)

func dateFunctions(table map[string]function) {
	zoned := func(m *machine, f float64) *time.Location {
		if m.world.Zone == nil {
			return time.UTC
		}
		name, offset := m.world.Zone(f)
		return time.FixedZone(name, offset)
	}
	table["mktime/0"] = func(_ *machine, in any, _ []any) (any, error) {
		t, err := brokenDown(in, "mktime", time.UTC)
		return float64(t.Unix()), err
	}
	table["gmtime/0"] = func(_ *machine, in any, _ []any) (any, error) {
		f, ok := number(in)
		if !ok {
			return nil, fail("gmtime() requires a number")
		}
		return breakDown(f, time.UTC), nil
	}
	table["localtime/0"] = func(m *machine, in any, _ []any) (any, error) {
		f, ok := number(in)
		if !ok {
			return nil, fail("localtime() requires a number")
		}
		return breakDown(f, zoned(m, f)), nil
	}
	table["strftime/1"] = func(_ *machine, in any, args []any) (any, error) {
		return formatTime(in, args[0], "strftime", time.UTC)
	}
	table["strflocaltime/1"] = func(m *machine, in any, args []any) (any, error) {
		f, _ := number(in)
		return formatTime(in, args[0], "strflocaltime", zoned(m, f))
	}
	table["strptime/1"] = func(_ *machine, in any, args []any) (any, error) {
		s, ok1 := in.(string)
		layout, ok2 := args[0].(string)
		if !ok1 {
			return nil, fail("strptime/1 requires string inputs and arguments")
		}
		if !ok2 {
			return nil, fail("strptime/1 requires string inputs and arguments")
		}
		t, err := timefmt.Parse(s, layout)
		if err != nil {
			return nil, fail("date \"%s\" does not match format \"%s\"", s, layout)
		}
		if !strings.Contains(layout, "%z") {
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
		}
		return fields(t, float64(t.Second())), nil
	}
}

func breakDown(f float64, zone *time.Location) *Array {
	whole := math.Floor(f)
	t := time.Unix(toInt64(whole), 0).In(zone)
	return fields(t, float64(t.Second())+f-whole)
}

func fields(t time.Time, seconds float64) *Array {
	return NewArray([]any{float64(t.Year()), float64(t.Month() - 1), float64(t.Day()), float64(t.Hour()), float64(t.Minute()),
		seconds, float64(t.Weekday()), float64(t.YearDay() - 1)})
}

// brokenDown reads a "broken down time": year, month from 0, day, hours, minutes, seconds.
func brokenDown(v any, who string, zone *time.Location) (time.Time, error) {
	a, ok := v.(*Array)
	if !ok {
		return time.Time{}, fail("%s requires array of 6 numbers", who)
	}
	if len(a.items) < 6 {
		return time.Time{}, fail("%s requires array of 6 numbers", who)
	}
	var n [6]int
	for i := range n {
		f, ok := number(a.items[i])
		if !ok {
			return time.Time{}, fail("%s requires parsed datetime inputs", who)
		}
		n[i] = int(toInt64(math.Max(-1e9, math.Min(1e9, f))))
	}
	return time.Date(n[0], time.Month(n[1]+1), n[2], n[3], n[4], n[5], 0, zone), nil
}

func formatTime(v, layout any, who string, zone *time.Location) (any, error) {
	var t time.Time
	if f, ok := number(v); ok {
		t = time.Unix(toInt64(math.Floor(f)), 0).In(zone)
	} else if _, ok := v.(*Array); !ok {
		return nil, fail("%s/1 requires parsed datetime inputs", who)
	} else {
		var err error
		if t, err = brokenDown(v, who+"/1", zone); err != nil {
			return nil, fail("%s/1 requires parsed datetime inputs", who)
		}
	}
	s, ok := layout.(string)
	if !ok {
		return nil, fail("%s/1 requires a string format", who)
	}
	return timefmt.Format(t, s), nil
}

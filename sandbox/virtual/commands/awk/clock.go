package awk

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/datetime"
)

const defaultTimeFormat = "%a %b %e %H:%M:%S %Z %Y"

// zone is the time zone of the environment.
func (in *interp) zone(utc bool) *time.Location {
	tz, _ := in.inv.Env.Get("TZ")
	if utc {
		return time.FixedZone("GMT", 0)
	}
	if tz == "" {
		return time.UTC
	}
	return datetime.Zone(tz)
}

func strftime(in *interp, args []expr) value {
	format, at, utc := in.timeFormat(), in.inv.Now(), false
	if len(args) > 0 {
		v := args[0].eval(in)
		in.lintNamed("strftime", "string first", v, true)
		if format = v.str(in.convfmt); format == "" {
			in.lint("strftime: received empty format string")
			return str("")
		}
	}
	if len(args) > 1 {
		v := args[1].eval(in)
		in.lintNamed("strftime", "numeric second", v, false)
		n := v.num()
		if math.IsNaN(n) || math.Abs(n) >= 1<<62 {
			in.lint("strftime: second argument out of range for time_t")
			return str("")
		}
		at = time.Unix(int64(math.Floor(n)), 0)
		if year := at.UTC().Year(); year > math.MaxInt32 || year < math.MinInt32 {
			in.lint("strftime: second argument out of range for time_t")
			return str("")
		}
	}
	if len(args) > 2 {
		utc = args[2].eval(in).bool()
	}
	return str(datetime.Format(at.In(in.zone(utc)), format))
}

// timeFormat is strftime's format when it is given none.
func (in *interp) timeFormat() string {
	if info := in.information(); info != nil && info.cells["strftime"] != nil {
		c := info.cells["strftime"]
		if c.kind == number {
			in.lint("strftime: format value in PROCINFO[\"strftime\"] has numeric type")
		}
		return c.str(in.convfmt)
	}
	return defaultTimeFormat
}

// lintNamed warns of an argument that is not of the kind its place wants.
func (in *interp) lintNamed(name, which string, v value, wantText bool) {
	if !in.linting.on {
		return
	}
	isText := v.kind == text || v.kind == input && !v.numeric()
	if isText != wantText && v.kind != unset {
		in.lintAlways("%s: received non-%s argument", name, which)
	}
}

// mktime reads "YYYY MM DD HH MM SS [DST]"; values out of their range carry over.
func mktime(in *interp, args []expr) value {
	v := args[0].eval(in)
	in.lintNamed("mktime", "string first", v, true)
	var n [7]int
	count, outside := 0, false
	ranges := [7][2]int{{math.MinInt32, math.MaxInt32}, {1, 12}, {1, 31}, {0, 23}, {0, 59}, {0, 60}, {math.MinInt32, math.MaxInt32}}
	for rest := v.str(in.convfmt); count < len(n); count++ {
		rest = strings.TrimLeft(rest, " \t\n\v\f\r")
		end := 0
		for end < len(rest) && (rest[end] >= '0' && rest[end] <= '9' || end == 0 && (rest[0] == '-' || rest[0] == '+')) {
			end++
		}
		number, err := strconv.Atoi(rest[:end])
		if err != nil {
			break
		}
		n[count], rest = number, rest[end:]
		outside = outside || number < ranges[count][0] || number > ranges[count][1]
	}
	if count < 6 {
		return num(-1)
	}
	if outside {
		in.lint("mktime: at least one of the values is out of the default range")
	}
	utc := len(args) > 1 && args[1].eval(in).bool()
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, in.zone(utc))
	if want := ((n[3]*60+n[4])%1440 + 1440) % 1440; t.Hour()*60+t.Minute() != want && n[5] == t.Second() { // an hour that summer time leaves out
		t = t.Add(time.Hour)
	}
	switch { // the time is said to be summer time where there is none, or not to be
	case count == 7 && n[6] > 0 && !t.IsDST():
		t = t.Add(-time.Hour)
	case count == 7 && n[6] == 0 && t.IsDST():
		t = t.Add(time.Hour)
	}
	return num(float64(t.Unix()))
}

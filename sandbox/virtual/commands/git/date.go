package git

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date as git writes it, or as ISO 8601 or RFC 2822 have it.
func parseDate(text string) (int64, string, bool) {
	text = strings.TrimSpace(text)
	f := strings.Fields(strings.TrimPrefix(text, "@"))
	if len(f) > 0 && len(f) <= 2 {
		if n, err := strconv.ParseInt(f[0], 10, 64); err == nil && (len(f[0]) > 8 || strings.HasPrefix(text, "@")) {
			zone := "+0000"
			if len(f) == 2 {
				zone = f[1]
			}
			return n, zone, true
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
		time.RFC1123Z, time.RFC1123, "Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Unix(), t.Format("-0700"), true
		}
	}
	return 0, "", false
}

// ago reads a date, or "2 weeks ago".
func (r *repo) ago(text string) (int64, bool) {
	if when, _, ok := parseDate(text); ok {
		return when, true
	}
	now := r.inv.Now()
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return c == ' ' || c == '.' })
	switch {
	case text == "now" || text == "today":
		return now.Unix(), true
	case text == "yesterday":
		return now.AddDate(0, 0, -1).Unix(), true
	case len(words) >= 2:
		n, err := strconv.Atoi(words[0])
		unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}[strings.TrimSuffix(words[1], "s")]
		months := map[string]int{"month": 1, "year": 12}[strings.TrimSuffix(words[1], "s")]
		return now.Add(-time.Duration(n)*unit).AddDate(0, -n*months, 0).Unix(), err == nil && (unit > 0 || months > 0)
	}
	return 0, false
}

// date writes when somebody did something.
func date(p person, format string) string {
	offset := 0
	if n, err := strconv.Atoi(p.zone); err == nil {
		offset = (n/100*60 + n%100) * 60
	}
	t := time.Unix(p.when, 0).In(time.FixedZone("", offset))
	switch format {
	case "iso", "iso8601":
		return t.Format("2006-01-02 15:04:05 -0700")
	case "iso-strict", "iso8601-strict":
		return t.Format("2006-01-02T15:04:05-07:00")
	case "short":
		return t.Format("2006-01-02")
	case "rfc", "rfc2822":
		return t.Format("Mon, 2 Jan 2006 15:04:05 -0700")
	case "unix":
		return strconv.FormatInt(p.when, 10)
	case "raw":
		return fmt.Sprintf("%d %s", p.when, p.zone)
	}
	return t.Format("Mon Jan 2 15:04:05 2006 -0700")
}

// relative writes how long ago something was.
func (r *repo) relative(when int64) string {
	n := r.inv.Now().Unix() - when
	if n < 0 {
		return "in the future"
	}
	for _, u := range []struct {
		limit, unit int64
		name        string
	}{{90, 1, "second"}, {90 * 60, 60, "minute"}, {36 * 3600, 3600, "hour"}, {14 * 86400, 86400, "day"}, {70 * 86400, 7 * 86400, "week"}, {365 * 86400, 30 * 86400, "month"}} {
		if n < u.limit {
			return count(int((n+u.unit/2)/u.unit), u.name) + " ago"
		}
	}
	return count(int((n+183*86400)/(365*86400)), "year") + " ago"
}

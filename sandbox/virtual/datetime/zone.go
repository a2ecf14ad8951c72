// Package datetime is GNU's date language, strftime, and time zones without a host's files. Start at Parse, Format and Zone.
package datetime

import (
	_ "embed" // zones.txt
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

// zones.txt has the rules of today for the names of the IANA database, one rule a line.
//
//go:embed zones.txt
var zonesText string

var zoneRules = sync.OnceValue(func() map[string]string {
	rules := map[string]string{}
	for line := range strings.Lines(zonesText) {
		f := strings.Fields(line)
		for _, name := range f[1:] {
			rules[name] = f[0]
		}
	}
	return rules
})

// Zone is the time zone that the value of TZ means: an IANA name, whose rules of today hold for all years, or a POSIX
// string such as EST5EDT,M3.2.0,M11.1.0. An empty or unknown one is UTC.
func Zone(tz string) *time.Location {
	tz = strings.TrimPrefix(tz, ":")
	if tz == "" || tz == "UTC" || tz == "UTC0" {
		return time.UTC
	}
	rule, known := zoneRules()[tz]
	if !known {
		if rule = tz; !strings.ContainsAny(tz, "0123456789") || strings.Contains(tz, "/") && !strings.Contains(tz, ",") {
			return time.FixedZone(letters(tz), 0)
		}
	}
	loc, err := time.LoadLocationFromTZData(tz, tzif(rule))
	if err != nil {
		return time.UTC
	}
	return loc
}

// letters is the abbreviation that an unknown zone goes by.
func letters(tz string) string {
	n := 0
	for n < len(tz) && (tz[n]|0x20 >= 'a' && tz[n]|0x20 <= 'z') {
		n++
	}
	if n < 3 {
		return "UTC"
	}
	return tz[:n]
}

// tzif makes the smallest file of RFC 8536 whose footer is rule: one zone, and a transition before all times.
func tzif(rule string) []byte {
	header := func(times int) []byte {
		h := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, times, 1, 4} { // isutc, isstd, leap, transitions, types, letters
			h = binary.BigEndian.AppendUint32(h, uint32(n))
		}
		return h
	}
	kind := []byte{0, 0, 0, 0, 0, 0}
	data := append(header(0), kind...)
	data = append(data, "UTC\x00"...)
	data = append(data, header(1)...)
	early := int64(-1) << 58
	data = binary.BigEndian.AppendUint64(data, uint64(early))
	data = append(data, 0)
	data = append(data, kind...)
	data = append(data, "UTC\x00\n"...)
	return append(append(data, rule...), '\n')
}

package spec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScheduleNext(t *testing.T) {
	tests := []struct {
		name, fields, zone, from string
		want                     []string
	}{
		{"working days", "0 9 * * 1-5", "Europe/Berlin", "2026-03-26T12:00:00+01:00",
			[]string{"2026-03-27T09:00:00+01:00", "2026-03-30T09:00:00+02:00", "2026-03-31T09:00:00+02:00"}},
		{"UTC is the default", "30 6 1 * *", "", "2026-03-28T00:00:00Z", []string{"2026-04-01T06:30:00Z", "2026-05-01T06:30:00Z"}},
		{"the time itself is not after it", "0 9 * * *", "", "2026-03-28T09:00:00Z", []string{"2026-03-29T09:00:00Z"}},
		{"a fraction before", "0 9 * * *", "", "2026-03-28T08:59:59.999Z", []string{"2026-03-28T09:00:00Z"}},

		{"Berlin, skipped", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"Berlin, several skipped times are one", "0,15,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"Berlin, every hour, skipped", "30 * * * *", "Europe/Berlin", "2026-03-29T01:00:00+01:00",
			[]string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}},
		{"Berlin, doubled", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"Berlin, from within the second of the two hours", "15,45 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+01:00",
			[]string{"2026-10-26T02:15:00+01:00"}},
		{"Berlin, every other hour, doubled", "0 */2 * * *", "Europe/Berlin", "2026-10-25T00:30:00+02:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T04:00:00+01:00"}},
		{"Berlin, every hour, doubled", "30 * * * *", "Europe/Berlin", "2026-10-25T01:00:00+02:00",
			[]string{"2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"}},
		{"Berlin, midnight of the day", "0 0 * * *", "Europe/Berlin", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"}},

		{"New York, skipped", "30 2 * * *", "America/New_York", "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"New York, doubled", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00-04:00",
			[]string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		{"New York, every quarter, doubled", "*/30 * * * *", "America/New_York", "2026-11-01T00:45:00-04:00",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00", "2026-11-01T02:00:00-05:00"}},

		{"half an hour is skipped", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30",
			[]string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"midnight is skipped", "0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00+02:00",
			[]string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"}},
		{"a whole day is skipped", "0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00-10:00",
			[]string{"2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"}},
		{"leap years", "0 9 29 2 *", "", "2026-01-01T00:00:00Z", []string{"2028-02-29T09:00:00Z", "2032-02-29T09:00:00Z"}},
		{"never", "0 9 30 2 *", "", "2026-01-01T00:00:00Z", []string{"0001-01-01T00:00:00Z"}},
		{"never, every hour", "0 * 30 2 *", "", "2026-01-01T00:00:00Z", []string{"0001-01-01T00:00:00Z"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := ParseSchedule(test.fields, test.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339Nano, test.from)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for range test.want {
				at = s.Next(at)
				got = append(got, at.Format(time.RFC3339Nano))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestScheduleNextAgrees compares Next with a clock that is looked at in each minute of a year.
func TestScheduleNextAgrees(t *testing.T) {
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago"} {
		for _, fields := range []string{"*/20 1-3 * * *", "0 0,2 * * *", "5 23,0,1 * * 0,6"} {
			s, err := ParseSchedule(fields, zone)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			end := start.AddDate(1, 0, 0)
			want := map[time.Time]bool{}
			next := s.fields.Next(onClock(start.In(s.zone)))
			for at := start.Add(time.Minute); !at.After(end); at = at.Add(time.Minute) {
				for shown := onClock(at.In(s.zone)); !next.After(shown); next = s.fields.Next(next) {
					want[at] = true
				}
			}
			got := 0
			for at := s.Next(start); !at.After(end); at = s.Next(at) {
				if got++; !want[at.UTC()] {
					t.Errorf("%s %q fires at %v", zone, fields, at)
				}
			}
			if got != len(want) {
				t.Errorf("%s %q fires %d times, not %d", zone, fields, got, len(want))
			}
		}
	}
}

func TestParseScheduleRefuses(t *testing.T) {
	for _, test := range [][2]string{{"0 25 * * *", ""}, {"0 9 * *", ""}, {"0 0 9 * * *", ""}, {"@hourly", ""}, {"@every 1h", ""}, {"", ""},
		{"0 9 * * *", "Europe/Bern"}, {"0 9 * * *", "Local"}, {"0 9 * * *", "../../etc/passwd"}} {
		if s, err := ParseSchedule(test[0], test[1]); err == nil {
			t.Errorf("%q in %q is %v", test[0], test[1], s)
		}
	}
	if s, err := ParseSchedule("TZ=Asia/Tokyo 0 9 * * *", ""); err == nil {
		t.Errorf("a zone in the fields is taken: %v", s)
	}
}

// FuzzSchedule reads anything as a schedule; one that can be read goes forward.
func FuzzSchedule(f *testing.F) {
	f.Add("*/15 1-5 * jan,2 MON", "Europe/Berlin", int64(1_774_750_000))
	f.Add("TZ=", "UTC", int64(0))
	f.Add("0 2 29 2 *", "Africa/Cairo", int64(1_774_750_000))
	f.Fuzz(func(t *testing.T, fields, zone string, seconds int64) {
		s, err := ParseSchedule(fields, zone)
		if err != nil {
			return
		}
		at := time.Unix(seconds%4_000_000_000, 0)
		if next := s.Next(at); !next.IsZero() && !next.After(at) {
			t.Errorf("%q in %q fires at %v after %v", fields, zone, next, at)
		}
	})
}

package spec

import (
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

func TestDuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 30 * day, "1d12h": 36 * time.Hour, "0.5s": 500 * time.Millisecond, "250ms": 250 * time.Millisecond,
	} {
		var d Duration
		if err := yaml.Unmarshal([]byte(text), &d); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %s, want %s, %v", text, time.Duration(d), want, err)
		}
	}
}

func TestStore(t *testing.T) {
	for text, want := range map[string]Store{
		"sqlite":                    {Path: "sqlite"},
		"{keep: 30d}":               {Keep: Duration(720 * time.Hour)},
		"{path: x.db, keep: 1h}":    {Path: "x.db", Keep: Duration(time.Hour)},
		"{url: 'postgres://there'}": {URL: "postgres://there"},
	} {
		var s Store
		if err := yaml.Unmarshal([]byte(text), &s); err != nil || s != want {
			t.Errorf("%s is %+v, want %+v, %v", text, s, want, err)
		}
	}
}

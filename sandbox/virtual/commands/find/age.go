package find

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func stamp(i vfs.Info, which byte) time.Time {
	switch which {
	case 'a':
		return i.AccessTime
	case 'c':
		return i.ChangeTime
	}
	return i.ModTime
}

func (p *parser) newer(which, reference byte, arg string) (node, error) {
	var at time.Time
	if reference == 't' {
		t, ok := datetime.Parse(arg, p.f.inv.Now().In(p.f.zone))
		if !ok {
			return nil, fmt.Errorf("I cannot figure out how to interpret %s as a date or time", cli.Quote(arg))
		}
		at = t
	} else {
		info, err := p.f.stat(p.f.inv.Path(arg), true)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cli.Quote(arg), err)
		}
		at = stamp(info, reference)
	}
	return test(func(_ *finder, e *entry) bool { return stamp(e.info, which).After(at) }), nil
}

// ageTest is -mtime, -mmin and their like: N units of time ago, rounded down.
func ageTest(p *parser, name, arg string) (node, error) {
	sign, rest := comparison(arg)
	n, err := strconv.ParseFloat(rest, 64)
	if err != nil || rest[0] == '+' || rest[0] == '-' {
		return nil, fmt.Errorf("invalid argument `%s' to `%s'", arg, name)
	}
	unit := 24 * time.Hour
	minutes := strings.HasSuffix(name, "min")
	if minutes {
		unit = time.Minute
	}
	now := p.f.inv.Now()
	if p.sinceMN {
		t := now.In(p.f.zone)
		now = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, p.f.zone)
	}
	return test(func(_ *finder, e *entry) bool {
		age := float64(now.Sub(stamp(e.info, name[1]))) / float64(unit)
		switch sign {
		case '+':
			if minutes {
				return age > n
			}
			return age >= n+1
		case '-':
			return age < n
		}
		if minutes {
			return age > n-1 && age <= n
		}
		return age >= n && age < n+1
	}), nil
}

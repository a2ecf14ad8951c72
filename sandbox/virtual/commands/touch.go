package commands

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const touchUsage = `[OPTION]... FILE...
Set the times of the FILEs to now; make those that do not exist.

  -a  -m, --time=WORD   only the access, only the modification time
  -c, --no-create
  -d, --date=STRING     to that date
  -r, --reference=FILE  to the times of FILE
  -t [[CC]YY]MMDDhhmm[.ss]
  -h, --no-dereference  a symbolic link itself
`

func touch(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: touchUsage, Short: "acd:fhmr:t:", Long: "no-create=c date:=d no-dereference=h reference:=r time:"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	tz, _ := inv.Env.Get("TZ")
	now := inv.Now().In(datetime.Zone(tz))
	t := toucher{inv: inv, create: true, access: now, modify: now}
	sources, date := 0, ""
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			t.setAccess = true
		case "m":
			t.setModify = true
		case "time":
			word, wrong := spec.Choose(inv, "time", o.Value, "atime", "access=atime", "use=atime", "mtime", "modify=mtime")
			if wrong != 0 {
				return wrong
			}
			t.setAccess, t.setModify = t.setAccess || word == "atime", t.setModify || word == "mtime"
		case "c":
			t.create = false
		case "h":
			t.links = true
		case "d":
			date = o.Value
			sources |= 1
		case "r":
			info, err := inv.FS.Stat(inv.Path(o.Value))
			if err != nil {
				inv.Errorf("failed to get attributes of %s: %v", cli.Quote(o.Value), err)
				return 1
			}
			t.access, t.modify = info.AccessTime, info.ModTime
			sources |= 2
		case "t":
			at, ok := touchStamp(o.Value, now)
			if !ok {
				inv.Errorf("invalid date format %s", cli.QuoteText(o.Value))
				return 1
			}
			t.access, t.modify = at, at
			sources |= 4
		}
	}
	if sources&1 != 0 {
		var ok1, ok2 bool // a date may be relative to the times of -r
		t.access, ok1 = datetime.Parse(date, t.access)
		t.modify, ok2 = datetime.Parse(date, t.modify)
		if !ok1 || !ok2 {
			inv.Errorf("invalid date format %s", cli.QuoteText(date))
			return 1
		}
	}
	if sources&4 != 0 && sources != 4 {
		return spec.Misuse(inv, "cannot specify times from more than one source")
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing file operand")
	}
	if !t.setAccess && !t.setModify {
		t.setAccess, t.setModify = true, true
	}
	for _, name := range p.Operands {
		if err := t.touch(name); err != nil {
			what := "cannot touch"
			if t.links {
				what = "setting times of"
			}
			inv.Errorf("%s %s: %v", what, cli.Quote(name), err)
			status = 1
		}
	}
	return status
}

// toucher is what touch is to do to each file.
type toucher struct {
	inv                  *shell.Invocation
	create, links        bool // make what is missing; links themselves, not what they lead to
	setAccess, setModify bool
	access, modify       time.Time
}

func (t *toucher) touch(name string) error {
	if name == "-" {
		return nil
	}
	full := t.inv.Path(name)
	stat := t.inv.FS.Stat
	if t.links {
		stat = t.inv.FS.Lstat
	}
	info, err := stat(full)
	if err == vfs.ErrNotExist {
		if !t.create {
			return nil
		}
		if t.links || strings.HasSuffix(name, "/") {
			return err
		}
		f, err := t.inv.OpenFile(full, vfs.Write|vfs.Create, 0o666&^t.inv.Umask)
		if err != nil {
			return err
		}
		f.Close()
		info, err = stat(full)
		if err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	access, modify := info.AccessTime, info.ModTime
	if t.setAccess {
		access = t.access
	}
	if t.setModify {
		modify = t.modify
	}
	return t.inv.FS.SetTimes(full, access, modify, !t.links)
}

// touchStamp reads [[CC]YY]MMDDhhmm[.ss].
func touchStamp(s string, now time.Time) (t time.Time, ok bool) {
	digits, secs, dotted := strings.Cut(s, ".")
	sec := 0
	if dotted {
		n, err := strconv.Atoi(secs)
		if len(secs) != 2 || err != nil || n > 60 {
			return t, false
		}
		sec = n
	}
	if strings.Trim(digits, "0123456789") != "" {
		return t, false
	}
	year := now.Year()
	switch len(digits) {
	case 8:
	case 10:
		y, _ := strconv.Atoi(digits[:2])
		if year = 1900 + y; y < 69 {
			year += 100
		}
		digits = digits[2:]
	case 12:
		year, _ = strconv.Atoi(digits[:4])
		digits = digits[4:]
	default:
		return t, false
	}
	n, _ := strconv.Atoi(digits)
	month, day, hour, minute := n/1000000, n/10000%100, n/100%100, n%100
	t = time.Date(year, time.Month(month), day, hour, minute, sec, 0, now.Location())
	return t, month >= 1 && month <= 12 && t.Day() == day && hour < 24 && minute < 60
}

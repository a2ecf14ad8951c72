package commands

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/datetime"
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
	at := inv.Now().In(datetime.Zone(tz))
	var create, onlyAccess, sources, noLinks = true, false, 0, false
	date := ""
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			onlyAccess = true
		case "m":
			onlyAccess = false
		case "time":
			switch {
			case o.Value != "" && (strings.HasPrefix("atime", o.Value) || strings.HasPrefix("access", o.Value) || strings.HasPrefix("use", o.Value)):
				onlyAccess = true
			case o.Value == "" || !strings.HasPrefix("mtime", o.Value) && !strings.HasPrefix("modify", o.Value):
				return spec.Misuse(inv, "invalid argument %s for '--time'", cli.Quote(o.Value))
			}
		case "c":
			create = false
		case "h":
			noLinks, create = true, false
		case "d":
			date = o.Value
			sources |= 1
		case "r":
			info, err := inv.FS.Stat(inv.Path(o.Value))
			if err != nil {
				inv.Errorf("failed to get attributes of %s: %v", cli.Quote(o.Value), err)
				return 1
			}
			at = info.ModTime
			sources |= 2
		case "t":
			t, ok := touchStamp(o.Value, at)
			if !ok {
				inv.Errorf("invalid date format %s", cli.Quote(o.Value))
				return 1
			}
			at = t
			sources |= 4
		}
	}
	if sources&1 != 0 {
		t, ok := datetime.Parse(date, at)
		if !ok {
			inv.Errorf("invalid date format %s", cli.Quote(date))
			return 1
		}
		at = t
	}
	if sources&4 != 0 && sources != 4 {
		return spec.Misuse(inv, "cannot specify times from more than one source")
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing file operand")
	}
	for _, name := range p.Operands {
		if err := touchOne(inv, name, at, create, onlyAccess, noLinks); err != nil {
			inv.Errorf("cannot touch %s: %v", cli.Quote(name), err)
			status = 1
		}
	}
	return status
}

func touchOne(inv *shell.Invocation, name string, at time.Time, create, onlyAccess, noLinks bool) error {
	if name == "-" {
		return nil
	}
	full := inv.Path(name)
	_, err := inv.FS.Stat(full)
	if err == vfs.ErrNotExist {
		if !create {
			return nil
		}
		if strings.HasSuffix(name, "/") {
			return err
		}
		f, err := inv.OpenFile(full, vfs.Write|vfs.Create, 0o666&^inv.Umask)
		if err != nil {
			return err
		}
		f.Close()
		return inv.FS.Chtimes(full, at)
	}
	if err != nil || onlyAccess || noLinks {
		return err
	}
	return inv.FS.Chtimes(full, at)
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

package commands

import (
	"bufio"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const dateUsage = `[OPTION]... [+FORMAT]
Print the time, or the one that is described.

  -d, --date=STRING        such as "2 days ago", "next monday", "@1700000000"
  -f, --file=FILE          as -d for each line of FILE
  -r, --reference=FILE     when FILE was last modified
  -u, --utc                in UTC
  -I[FMT], --iso-8601[=FMT]   date, hours, minutes, seconds or ns
  -R, --rfc-email          as in mail
      --rfc-3339=FMT       date, seconds or ns
`

func date(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: dateUsage, Short: "d:f:I::r:Rs:u",
		Long: "date:=d file:=f iso-8601::=I reference:=r rfc-email=R rfc-822=R rfc-2822=R rfc-3339: set:=s utc=u uct=u universal=u debug resolution"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	tz, _ := inv.Env.Get("TZ")
	format, text, file, reference := "", "", "", ""
	sources := 0
	several := false
	set := func(f string) {
		several = several || format != ""
		format = f
	}
	for _, o := range p.Options {
		switch o.Key {
		case "d":
			text, sources = o.Value, sources|1
		case "f":
			file, sources = o.Value, sources|2
		case "r":
			reference, sources = o.Value, sources|4
		case "resolution":
			set("0.000000001")
		case "s":
			inv.Errorf("cannot set date: Operation not permitted")
			return 1
		case "u":
			tz = "UTC0"
		case "R":
			set("%a, %d %b %Y %H:%M:%S %z")
		case "I", "rfc-3339":
			f, status := isoFormat(spec, inv, o)
			if status != 0 {
				return status
			}
			set(f)
		}
	}
	if sources != 0 && sources != 1 && sources != 2 && sources != 4 {
		return spec.Misuse(inv, "the options to specify dates for printing are mutually exclusive")
	}
	for _, operand := range p.Operands {
		switch {
		case strings.HasPrefix(operand, "+") && len(p.Operands) == 1:
			set(operand[1:])
			if operand == "+" {
				format = "\x00"
			}
		case len(p.Operands) > 1:
			return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[1]))
		case sources != 0:
			return spec.Misuse(inv, "the argument %s lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'", cli.QuoteText(operand))
		default:
			if strings.Trim(operand, "0123456789.") != "" || len(operand) < 8 {
				inv.Errorf("invalid date %s", cli.QuoteText(operand))
			} else {
				inv.Errorf("cannot set date: Operation not permitted")
			}
			return 1
		}
	}
	if several {
		inv.Errorf("multiple output formats specified")
		return 1
	}
	if format == "" {
		format = "%a %b %e %H:%M:%S %Z %Y"
	}
	format = strings.Trim(format, "\x00")
	now := inv.Now().In(datetime.Zone(tz))
	out := bufio.NewWriter(inv.Stdout)
	defer out.Flush()
	if file != "" {
		return dateFile(ctx, inv, out, file, format, now)
	}
	at := now
	switch sources {
	case 1:
		t, ok := datetime.Parse(text, now)
		if !ok {
			inv.Errorf("invalid date %s", cli.QuoteText(text))
			return 1
		}
		at = t
	case 4:
		info, err := inv.FS.Stat(inv.Path(reference))
		if err != nil {
			inv.Errorf("%s: %v", cli.QuoteNeeded(reference), err)
			return 1
		}
		at = info.ModTime.In(now.Location())
	}
	out.WriteString(datetime.Format(at, format) + "\n")
	return 0
}

// isoFormat is the format that -I or --rfc-3339 asks for. A status other than 0 is of a complaint.
func isoFormat(spec *cli.Spec, inv *shell.Invocation, o cli.Option) (format string, status int) {
	if o.Key != "I" {
		word, status := spec.Choose(inv, o.Key, o.Value, "date", "seconds", "ns")
		return map[string]string{"date": "%Y-%m-%d", "seconds": "%Y-%m-%d %H:%M:%S%:z", "ns": "%Y-%m-%d %H:%M:%S.%N%:z"}[word], status
	}
	word := "date"
	if o.Has {
		word, status = spec.Choose(inv, "iso-8601", o.Value, "hours", "minutes", "date", "seconds", "ns")
	}
	return map[string]string{"date": "%Y-%m-%d", "hours": "%Y-%m-%dT%H%:z", "minutes": "%Y-%m-%dT%H:%M%:z", "seconds": "%Y-%m-%dT%H:%M:%S%:z",
		"ns": "%Y-%m-%dT%H:%M:%S,%N%:z"}[word], status
}

// dateFile is -f: each line is a date.
func dateFile(ctx context.Context, inv *shell.Invocation, out *bufio.Writer, file, format string, now time.Time) (status int) {
	r, err := cli.Open(inv, file)
	if err != nil {
		inv.Errorf("%s: %v", cli.QuoteNeeded(file), err)
		return 1
	}
	defer r.Close()
	lines := cli.NewLines(ctx, inv.Budget, r, '\n')
	defer lines.Close()
	for {
		line, _, err := lines.Next()
		if err != nil {
			if errors.Is(err, cli.ErrStop) {
				return 1
			}
			return status
		}
		t, ok := datetime.Parse(string(line), now)
		if !ok {
			out.Flush()
			inv.Errorf("invalid date %s", cli.QuoteText(string(line)))
			status = 1
			continue
		}
		if _, err := out.WriteString(datetime.Format(t, format) + "\n"); err != nil {
			return 1
		}
	}
}

package commands

import (
	"context"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func truncate(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "cor:s:", Long: "no-create=c io-blocks=o reference:=r size:=s",
		Usage: "OPTION... FILE...\nShrink or extend the FILEs to a size.\n\n  -c, --no-create  -r, --reference=FILE\n  -s, --size=SIZE   with + - < > / % before it: extend by, reduce by, at most, at least, round down, round up\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	create, reference, blocks := true, "", int64(1)
	var size newSize
	for _, o := range p.Options {
		switch o.Key {
		case "c":
			create = false
		case "o":
			blocks = 4096
		case "r":
			reference = o.Value
		case "s":
			if status := size.parse(spec, inv, o.Value); status != 0 {
				return status
			}
		}
	}
	switch {
	case !size.given && reference == "":
		return spec.Misuse(inv, "you must specify either '--size' or '--reference'")
	case size.given && reference != "" && size.op == 0:
		return spec.Misuse(inv, "you must specify a relative '--size' with '--reference'")
	case len(p.Operands) == 0:
		return spec.Misuse(inv, "missing file operand")
	case blocks > 1 && !size.given:
		return spec.Misuse(inv, "'--io-blocks' was specified but '--size' was not")
	}
	size.n *= blocks
	base := int64(-1)
	if reference != "" {
		info, err := inv.FS.Stat(inv.Path(reference))
		if err != nil {
			inv.Errorf("cannot stat %s: %v", cli.Quote(reference), err)
			return 1
		}
		base = info.Size
	}
	for _, name := range p.Operands {
		flag := vfs.Write
		if create {
			flag |= vfs.Create
		}
		f, err := inv.OpenFile(inv.Path(name), flag, 0o666&^inv.Umask)
		if err == vfs.ErrNotExist && !create {
			continue
		}
		if err != nil {
			inv.Errorf("cannot open %s for writing: %v", cli.Quote(name), err)
			status = 1
			continue
		}
		now := base
		if info, e := f.Stat(); now < 0 && e == nil {
			now = info.Size
		}
		to := size.of(now)
		if err := f.Truncate(to); err != nil {
			inv.Errorf("failed to truncate %s at %d bytes: %v", cli.Quote(name), to, err)
			status = 1
		}
		f.Close()
	}
	return status
}

// newSize is what -s says.
type newSize struct {
	op    byte // before the number, of any -s: '+' also for -, '<', '>', '/', '%'; 0: none
	n     int64
	given bool
}

// parse reads the value of -s. A status other than 0 is of a complaint.
func (s *newSize) parse(spec *cli.Spec, inv *shell.Invocation, text string) (status int) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	if text != "" && strings.IndexByte("<>/%", text[0]) >= 0 {
		s.op, text = text[0], strings.TrimLeft(text[1:], " \t\n\v\f\r")
	}
	if text != "" && (text[0] == '+' || text[0] == '-') {
		if s.op != 0 {
			return spec.Misuse(inv, "multiple relative modifiers specified")
		}
		s.op = '+'
	}
	var err error
	if s.n, err = cli.Amount(text, "EgGkKmMPtTYZ0"); err != nil {
		inv.Errorf("Invalid number: %s%v", cli.QuoteText(text), err)
		return 1
	}
	if (s.op == '/' || s.op == '%') && s.n == 0 {
		inv.Errorf("division by zero")
		return 1
	}
	s.given = true
	return 0
}

// of is the new size of a file that has now bytes, or whose reference has.
func (s *newSize) of(now int64) int64 {
	switch {
	case !s.given:
		return now
	case s.op == '+':
		return max(0, now+s.n)
	case s.op == '<':
		return min(now, s.n)
	case s.op == '>':
		return max(now, s.n)
	case s.op == '/':
		return now / s.n * s.n
	case s.op == '%':
		return (now + s.n - 1) / s.n * s.n
	}
	return s.n
}

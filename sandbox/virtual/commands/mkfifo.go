package commands

import (
	"context"
	"io/fs"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func mkfifo(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "m:Z", Long: "mode:=m context::=Z", Usage: "[OPTION]... NAME...\nMake named pipes.\n\n  -m, --mode=MODE   as chmod, not a=rw - umask\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	mode, exact, ok := pipeMode(inv, p.Options)
	if !ok {
		return 1
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	for _, name := range p.Operands {
		if err := makePipe(inv, name, mode, exact); err != nil {
			inv.Errorf("cannot create fifo %s: %v", cli.Quote(name), err)
			status = 1
		}
	}
	return status
}

// pipeMode is the mode that -m asks for, or the usual one; exact says that the umask has no part in it.
func pipeMode(inv *shell.Invocation, options []cli.Option) (mode fs.FileMode, exact, ok bool) {
	mode = 0o666 &^ inv.Umask
	for _, o := range options {
		if o.Key != "m" {
			continue
		}
		change, valid := filemode.Parse(o.Value)
		if !valid {
			inv.Errorf("invalid mode")
			return 0, false, false
		}
		if mode, exact = change.Apply(0o666, inv.Umask)&filemode.Bits, true; mode&^fs.ModePerm != 0 {
			inv.Errorf("mode must specify only file permission bits")
			return 0, false, false
		}
	}
	return mode, exact, true
}

func makePipe(inv *shell.Invocation, name string, mode fs.FileMode, exact bool) error {
	full := inv.Path(name)
	if err := inv.FS.Mkfifo(full, mode); err != nil || !exact {
		return err
	}
	return inv.FS.Chmod(full, mode)
}

// mknod makes named pipes; devices are root's to make.
func mknod(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "m:Z", Long: "mode:=m context::=Z", Usage: "[OPTION]... NAME TYPE [MAJOR MINOR]\nMake a special file: TYPE p is a named pipe, b and c are devices.\n\n  -m, --mode=MODE   as chmod, not a=rw - umask\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	mode, exact, ok := pipeMode(inv, p.Options)
	if !ok {
		return 1
	}
	count := 4
	if len(p.Operands) > 1 && p.Operands[1] != "" && p.Operands[1][0] == 'p' || len(p.Operands) == 1 {
		count = 2
	}
	switch n := len(p.Operands); {
	case n == 0:
		return spec.Misuse(inv, "missing operand")
	case n < count && n == 2:
		return spec.Misuse(inv, "missing operand after %s\nSpecial files require major and minor device numbers.", cli.QuoteText(p.Operands[n-1]))
	case n < count:
		return spec.Misuse(inv, "missing operand after %s", cli.QuoteText(p.Operands[n-1]))
	case n > count && count == 2 && n == 4:
		return spec.Misuse(inv, "extra operand %s\nFifos do not have major and minor device numbers.", cli.QuoteText(p.Operands[count]))
	case n > count:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[count]))
	}
	name := p.Operands[0]
	switch p.Operands[1][0] {
	case 'p':
		if err := makePipe(inv, name, mode, exact); err != nil {
			inv.Errorf("%s: %v", name, err)
			return 1
		}
		return 0
	case 'b', 'c', 'u':
		inv.Errorf("%s: Operation not permitted", name)
		return 1
	}
	return spec.Misuse(inv, "invalid device type %s", cli.QuoteText(p.Operands[1]))
}

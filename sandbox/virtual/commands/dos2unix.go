package commands

import (
	"bytes"
	"context"
	"io"
	"path"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// dos2unix changes how lines end, in place; called as unix2dos the other way round.
func dos2unix(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "ud", Long: "d2u=u u2d=d", Usage: "[OPTION] [FILE]...\nChange line ends in the FILEs, or from standard input to standard output.\n\n  -u  to those of Unix   -d  to those of DOS\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	toDOS := path.Base(inv.Args[0]) == "unix2dos"
	for _, o := range p.Options {
		toDOS = o.Key == "d"
	}
	if len(p.Operands) == 0 {
		out := inv.Buffered(inv.Stdout)
		if err := cli.Copy(ctx, inv.Budget, &lineEnder{w: out, toDOS: toDOS}, inv.Stdin); err != nil || out.Flush() != nil {
			return 1
		}
		return 0
	}
	for _, name := range p.Operands {
		if err := changeLineEnds(ctx, inv, name, toDOS); err != nil {
			inv.Errorf("%s: %v", name, err)
			status = 1
		}
		if inv.Budget.Err() != nil {
			return 1
		}
	}
	return status
}

func changeLineEnds(ctx context.Context, inv *shell.Invocation, name string, toDOS bool) error {
	full := inv.Path(name)
	info, err := inv.FS.Stat(full)
	if err != nil {
		return err
	}
	data, err := readAll(ctx, inv, name)
	defer inv.Budget.Release(len(data))
	if err != nil {
		return err
	}
	var changed bytes.Buffer
	if err := cli.Copy(ctx, inv.Budget, &lineEnder{w: &changed, toDOS: toDOS}, bytes.NewReader(data)); err != nil {
		return err
	}
	return inv.FS.WriteFile(full, changed.Bytes(), info.Mode.Perm())
}

// lineEnder drops the carriage returns of what is written, and with toDOS puts one before each newline.
type lineEnder struct {
	w     io.Writer
	toDOS bool
}

func (l *lineEnder) Write(b []byte) (int, error) {
	out := make([]byte, 0, len(b)+len(b)/16)
	for _, c := range b {
		switch {
		case c == '\r':
			continue
		case c == '\n' && l.toDOS:
			out = append(out, '\r')
		}
		out = append(out, c)
	}
	_, err := l.w.Write(out)
	return len(b), err
}

package commands

import (
	"context"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var teeSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Copy standard input to each FILE, and also to standard output.

  -a, --append             append to the given FILEs, do not overwrite
  -i, --ignore-interrupts  ignore interrupt signals
  -p, --output-error[=MODE]  go on when an output cannot be written
`,
	Short: "aip",
	Long:  "append=a ignore-interrupts=i output-error::=p",
}

func tee(ctx context.Context, inv *shell.Invocation) int {
	p, status := teeSpec.Parse(inv)
	if p == nil {
		return status
	}
	flag, keepGoing := vfs.Write|vfs.Create|vfs.Truncate, false
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			flag = vfs.Write | vfs.Create | vfs.Append
		case "p":
			keepGoing = true
		}
	}
	type output struct {
		name string
		w    io.Writer
	}
	outputs := []output{{"standard output", inv.Stdout}}
	for _, name := range p.Operands {
		f, err := inv.OpenFile(inv.Path(name), flag, 0o666&^inv.Umask)
		if err != nil {
			inv.Errorf("%s: %v", name, err)
			status = 1
			continue
		}
		defer f.Close()
		outputs = append(outputs, output{name, f})
	}
	err := cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
		for i, o := range outputs {
			if o.w == nil {
				continue
			}
			if _, err := o.w.Write(b); err != nil {
				if i == 0 && !keepGoing {
					return 0, err
				}
				if i > 0 {
					inv.Errorf("%s: %v", o.name, err)
				}
				outputs[i].w, status = nil, 1
			}
		}
		return len(b), nil
	}), inv.Stdin)
	if err != nil {
		if err != cli.ErrStop {
			inv.Errorf("read error: %v", err)
		}
		return 1
	}
	return status
}

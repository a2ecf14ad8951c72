package commands

import (
	"context"
	"io"
	"strings"

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
	exits := false // the first output that cannot be written ends it
	flag, keepGoing := vfs.Write|vfs.Create|vfs.Truncate, false
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			flag = vfs.Write | vfs.Create | vfs.Append
		case "p":
			keepGoing = true
			if o.Has {
				word, wrong := teeSpec.Choose(inv, "output-error", o.Value, "warn", "warn-nopipe", "exit", "exit-nopipe")
				if wrong != 0 {
					return wrong
				}
				exits = strings.HasPrefix(word, "exit")
			}
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
			if status = 1; exits {
				return 1
			}
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
				if outputs[i].w, status = nil, 1; exits {
					return 0, cli.ErrStop
				}
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

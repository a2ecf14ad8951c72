package commands

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/regex"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const runPartsUsage = `[OPTION]... DIRECTORY
Run the programs in DIRECTORY, in the order of their names.

      --test            print what would be run
      --list            print the names of all valid files
  -v, --verbose         print the name of each program before it runs
      --report          likewise, if it prints something
      --reverse         in the reverse order
      --exit-on-error   end with the first that fails
  -u, --umask=UMASK     of the programs
  -a, --arg=ARGUMENT    for the programs
      --regex=PATTERN   valid names; without it they are of letters, digits, underscores and hyphens
      --new-session  --lsbsysinit
`

func runParts(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: runPartsUsage, Short: "tvu:a:", Long: "test=t list verbose=v report reverse exit-on-error umask:=u arg:=a regex: new-session lsbsysinit"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	asked := map[string]bool{}
	var arguments []string
	umask := ""
	valid := func(name string) bool {
		return strings.Trim(name, "_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	}
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			arguments = append(arguments, o.Value)
		case "u":
			if _, ok := filemode.Parse(o.Value); !ok {
				inv.Errorf("bad umask value")
				return 1
			}
			umask = o.Value
		case "regex":
			re, err := regex.Compile(o.Value, regex.ERE, 0)
			if err != nil {
				inv.Errorf("failed to compile regular expression: %v", err)
				return 1
			}
			valid = func(name string) bool { return re.Match([]byte(name)) }
		default:
			asked[o.Key] = true
		}
	}
	if len(p.Operands) != 1 {
		return spec.Misuse(inv, "missing operand")
	}
	dir := p.Operands[0]
	entries, err := inv.FS.ReadDir(inv.Path(dir))
	if err != nil {
		inv.Errorf("failed to open directory %s: %v", dir, err)
		return 1
	}
	if asked["reverse"] {
		slices.Reverse(entries)
	}
	for _, e := range entries {
		if inv.Budget.Work(1) != nil || ctx.Err() != nil {
			return 1
		}
		name := strings.TrimRight(dir, "/") + "/" + e.Name
		info, err := inv.FS.Stat(inv.Path(name))
		runs := err == nil && info.Mode.IsRegular() && info.Mode.Perm()&0o111 != 0
		switch {
		case !valid(e.Name):
		case err != nil && e.Mode&fs.ModeSymlink != 0:
			inv.Errorf("failed to stat component %s: %v", name, err)
			status = 1
		case asked["list"]:
			if err == nil && info.Mode.IsRegular() {
				fmt.Fprintln(inv.Stdout, name)
			}
		case !runs:
		case asked["t"]:
			fmt.Fprintln(inv.Stdout, name)
		default:
			if failed := runPart(ctx, inv, name, arguments, umask, asked); failed != 0 {
				inv.Errorf("%s exited with return code %d", name, failed)
				if status = 1; asked["exit-on-error"] {
					return failed
				}
			}
		}
	}
	return status
}

// runPart runs one program.
func runPart(ctx context.Context, inv *shell.Invocation, name string, arguments []string, umask string, asked map[string]bool) int {
	run := shell.Nested{Args: append([]string{name}, arguments...)}
	if umask != "" {
		run = shell.Nested{Args: append([]string{"sh", "-c", `umask "$0" && exec "$@"`, umask, name}, arguments...)}
	}
	if asked["v"] {
		inv.Errorf("executing %s", name)
	}
	if asked["report"] {
		heading := func(w func([]byte) (int, error)) writerFunc {
			first := true
			return func(b []byte) (int, error) {
				if first && len(b) > 0 {
					first = false
					fmt.Fprintf(writerFunc(w), "%s:\n", name)
				}
				return w(b)
			}
		}
		run.Stdout, run.Stderr = heading(inv.Stdout.Write), heading(inv.Stderr.Write)
	}
	return inv.Exec(ctx, run)
}

package commands

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const rmUsage = `[OPTION]... [FILE]...
Remove the FILEs.

  -r, -R, --recursive   directories with what is in them
  -d, --dir             empty directories
  -f, --force           no complaint about what does not exist, no questions
  -i                    ask for each; -I once
  -v, --verbose
`

// remover is one call of rm.
type remover struct {
	ctx                             context.Context
	inv                             *shell.Invocation
	recursive, dirs, force, verbose bool
	ask                             bool
	answers                         *bufio.Reader
}

func rm(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: rmUsage, Short: "dfiIrRv",
		Long: "dir=d force=f interactive:: one-file-system no-preserve-root preserve-root:: recursive=r verbose=v"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	r := &remover{ctx: ctx, inv: inv, answers: bufio.NewReader(inv.Stdin)}
	once := false
	for _, o := range p.Options {
		switch o.Key {
		case "d":
			r.dirs = true
		case "f":
			r.force, r.ask, once = true, false, false
		case "i":
			r.ask, r.force = true, false
		case "I":
			once, r.ask = true, false
		case "interactive":
			when := "always"
			if o.Has {
				var wrong int
				if when, wrong = spec.Choose(inv, "interactive", o.Value, "never", "no=never", "none=never", "once", "always", "yes=always"); wrong != 0 {
					return wrong
				}
			}
			switch when {
			case "always":
				r.ask, r.force = true, false
			case "once":
				once = true
			case "never":
				r.ask, once = false, false
			}
		case "r", "R":
			r.recursive = true
		case "v":
			r.verbose = true
		}
	}
	if len(p.Operands) == 0 && !r.force {
		return spec.Misuse(inv, "missing operand")
	}
	if once && (r.recursive || len(p.Operands) > 3) {
		question := fmt.Sprintf("remove %d arguments? ", len(p.Operands))
		if r.recursive {
			question = fmt.Sprintf("remove %d arguments recursively? ", len(p.Operands))
		}
		if len(p.Operands) == 1 {
			question = strings.Replace(question, "arguments", "argument", 1)
		}
		if !r.confirm(question) {
			return 0
		}
	}
	for _, name := range p.Operands {
		if !r.operand(name) {
			status = 1
		}
		if inv.Budget.Err() != nil {
			return 1
		}
	}
	return status
}

func (r *remover) fail(format string, args ...any) bool {
	r.inv.Errorf(format, args...)
	return false
}

func (r *remover) confirm(question string) bool {
	fmt.Fprintf(r.inv.Stderr, "%s: %s", path.Base(r.inv.Args[0]), question)
	line, _ := r.answers.ReadString('\n')
	return strings.HasPrefix(line, "y") || strings.HasPrefix(line, "Y")
}

func (r *remover) operand(name string) bool {
	full := r.inv.Path(name)
	base := path.Base(name)
	trimmed := strings.TrimRight(name, "/")
	info, err := r.inv.FS.Lstat(full)
	switch {
	case err == vfs.ErrNotExist && r.force, err == vfs.ErrNotDir && r.force:
		return true
	case err != nil:
		return r.fail("cannot remove %s: %v", cli.Quote(name), err)
	}
	if info.IsDir() {
		switch {
		case !r.recursive && !r.dirs:
			return r.fail("cannot remove %s: Is a directory", cli.Quote(name))
		case trimmed == "." || trimmed == ".." || strings.HasSuffix(trimmed, "/.") || strings.HasSuffix(trimmed, "/.."):
			return r.fail("refusing to remove '.' or '..' directory: skipping %s", cli.Quote(name))
		case base == "/" && r.recursive:
			return r.fail("it is dangerous to operate recursively on '/'\n%s: use --no-preserve-root to override this failsafe", path.Base(r.inv.Args[0]))
		}
	}
	ok, _ := r.remove(name, full, info)
	return ok
}

// remove removes one file or tree. gone is false where the user kept it or it could not be removed.
func (r *remover) remove(name, full string, info vfs.Info) (ok, gone bool) {
	if r.inv.Budget.Work(1) != nil || r.ctx.Err() != nil {
		return false, false
	}
	if !info.IsDir() {
		if r.ask && !r.confirm(fmt.Sprintf("remove %s %s? ", fileKind(info), cli.Quote(name))) {
			return true, false
		}
		if err := r.inv.FS.Remove(full); err != nil {
			return r.fail("cannot remove %s: %v", cli.Quote(name), err), false
		}
		if r.verbose {
			fmt.Fprintf(r.inv.Stdout, "removed %s\n", cli.Quote(name))
		}
		return true, true
	}
	ok, gone = true, true
	if r.recursive {
		list, err := r.inv.FS.ReadDir(full)
		if err != nil {
			return r.fail("cannot remove %s: %v", cli.Quote(name), err), false
		}
		if r.ask && len(list) > 0 && !r.confirm(fmt.Sprintf("descend into directory %s? ", cli.Quote(name))) {
			return true, false
		}
		for _, i := range list {
			below := strings.TrimSuffix(name, "/") + "/" + i.Name
			o, g := r.remove(below, full+"/"+i.Name, i)
			ok, gone = ok && o, gone && g
		}
	}
	if !gone && r.ask {
		return ok, false
	}
	if r.ask && !r.confirm(fmt.Sprintf("remove directory %s? ", cli.Quote(name))) {
		return ok, false
	}
	if err := r.inv.FS.Remove(full); err != nil {
		if !ok {
			return false, false
		}
		return r.fail("cannot remove %s: %v", cli.Quote(name), err), false
	}
	if r.verbose {
		fmt.Fprintf(r.inv.Stdout, "removed directory %s\n", cli.Quote(name))
	}
	return ok, gone
}

// fileKind is what stat calls the type of a file.
func fileKind(i vfs.Info) string {
	switch {
	case i.IsDir():
		return "directory"
	case i.Mode&fs.ModeSymlink != 0:
		return "symbolic link"
	case i.Mode&fs.ModeCharDevice != 0:
		return "character special file"
	case i.Mode&fs.ModeDevice != 0:
		return "block special file"
	case i.Mode&fs.ModeNamedPipe != 0:
		return "fifo"
	case i.Mode&fs.ModeSocket != 0:
		return "socket"
	case i.Size == 0:
		return "regular empty file"
	}
	return "regular file"
}

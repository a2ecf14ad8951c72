package commands

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func mkdir(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "m:pvZ", Long: "mode:=m parents=p verbose=v context::=Z",
		Usage: "[OPTION]... DIRECTORY...\nMake the DIRECTORYs.\n\n  -m, --mode=MODE   as chmod, not a=rwx - umask\n  -p, --parents     with those above; no error if it exists\n  -v, --verbose\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	m := dirMaker{inv: inv, mode: 0o777 &^ inv.Umask}
	for _, o := range p.Options {
		switch o.Key {
		case "m":
			change, ok := filemode.Parse(o.Value)
			if !ok {
				inv.Errorf("invalid mode %s", cli.QuoteText(o.Value))
				return 1
			}
			// Where the mode says nothing of what the umask takes, the umask takes it.
			none, all := change.Apply(fs.ModeDir, inv.Umask), change.Apply(fs.ModeDir|filemode.Bits, inv.Umask)
			told := filemode.Bits &^ (none ^ all)
			m.mode, m.exact = change.Apply(fs.ModeDir|0o777, inv.Umask)&filemode.Bits, true
			if told&inv.Umask == 0 {
				m.mode &^= inv.Umask
			}
		case "p":
			m.parents = true
		case "v":
			m.verbose = true
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	for _, name := range p.Operands {
		if failed, err := m.make(name); err != nil {
			inv.Errorf("cannot create directory %s: %v", cli.QuoteText(failed), err)
			status = 1
		}
	}
	return status
}

// dirMaker makes directories for mkdir and install -d.
type dirMaker struct {
	inv                     *shell.Invocation
	mode                    fs.FileMode
	exact, parents, verbose bool
}

// make makes a directory and returns which one failed.
func (m *dirMaker) make(name string) (failed string, err error) {
	if !m.parents {
		return name, m.one(name, m.mode, m.exact)
	}
	if name == "" {
		return name, vfs.ErrNotExist
	}
	parts := strings.Split(strings.TrimRight(name, "/"), "/")
	for i, part := range parts {
		at := strings.Join(parts[:i+1], "/")
		if part == "" || part == "." {
			continue
		}
		info, err := m.inv.FS.Stat(m.inv.Path(at))
		switch {
		case err == nil && info.IsDir():
			continue
		case err == nil && i == len(parts)-1:
			return at, vfs.ErrExist
		case err == nil:
			return at, vfs.ErrNotDir
		case err != vfs.ErrNotExist:
			return at, err
		}
		last := i == len(parts)-1
		mode := 0o777&^m.inv.Umask | 0o300
		if last {
			mode = m.mode
		}
		if err := m.one(at, mode, last && m.exact); err != nil {
			return at, err
		}
	}
	return "", nil
}

func (m *dirMaker) one(shown string, mode fs.FileMode, exact bool) error {
	full := m.inv.Path(shown)
	if trimmed := strings.TrimRight(full, "/"); trimmed != "" {
		full = trimmed
	}
	if err := m.inv.FS.Mkdir(full, mode); err != nil {
		return err
	}
	if exact {
		m.inv.FS.Chmod(full, mode)
	}
	if m.verbose {
		name, verb := path.Base(m.inv.Args[0]), "created"
		if name == "install" {
			verb = "creating"
		}
		fmt.Fprintf(m.inv.Stdout, "%s: %s directory %s\n", name, verb, cli.Quote(shown))
	}
	return nil
}

func rmdir(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "pv", Long: "ignore-fail-on-non-empty=i parents=p verbose=v",
		Usage: "[OPTION]... DIRECTORY...\nRemove the DIRECTORYs, which must be empty.\n\n  -p, --parents   then those above it\n  -v, --verbose\n      --ignore-fail-on-non-empty\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	var parents, verbose, ignore bool
	for _, o := range p.Options {
		switch o.Key {
		case "p":
			parents = true
		case "v":
			verbose = true
		case "i":
			ignore = true
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	for _, name := range p.Operands {
		what := ""
		for {
			if verbose {
				fmt.Fprintf(inv.Stdout, "rmdir: removing directory, %s\n", cli.Quote(name))
			}
			if err := removeDir(inv, name); err != nil {
				if !(ignore && err == vfs.ErrNotEmpty) {
					inv.Errorf("failed to remove %s%s: %v", what, cli.Quote(name), err)
					status = 1
				}
				break
			}
			up := path.Dir(strings.TrimRight(name, "/"))
			if !parents || up == "." || up == "/" || up == name {
				break
			}
			name, what = up, "directory "
		}
	}
	return status
}

func removeDir(inv *shell.Invocation, name string) error {
	full := inv.Path(name)
	info, err := inv.FS.Lstat(strings.TrimRight(full, "/"))
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return vfs.ErrNotDir
	case path.Base(name) == ".":
		return vfs.ErrInvalid
	}
	return inv.FS.Remove(full)
}

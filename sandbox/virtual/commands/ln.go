package commands

import (
	"bufio"
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const lnUsage = `[OPTION]... TARGET LINK_NAME
Make a link to TARGET; without LINK_NAME in the current directory, with several TARGETs in the directory that is last.

  -s, --symbolic  -f, --force  -n, --no-dereference  -r, --relative  -i  -v, --verbose
  -t, --target-directory=DIR  -T, --no-target-directory  -L  -P
  -b, --backup[=CONTROL]  -S, --suffix=SUFFIX
`

type linker struct {
	inv                                                     *shell.Invocation
	symbolic, force, verbose, relative, noLinks, ask, noDir bool
	logical                                                 bool // a link to a link is one to its target
	answers                                                 *bufio.Reader
	backups
}

func ln(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: lnUsage, Short: "bdfFiLnPrsS:t:Tv",
		Long: "backup:: directory=d force=f interactive=i logical=L no-dereference=n physical=P relative=r symbolic=s suffix:=S target-directory:=t no-target-directory=T verbose=v"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	l := &linker{inv: inv}
	var dir *string
	for _, o := range p.Options {
		switch o.Key {
		case "b", "backup", "S":
			if !l.backups.option(spec, inv, o) {
				return 1
			}
		case "f":
			l.force, l.ask = true, false
		case "i":
			l.force, l.ask = false, true
		case "L", "P":
			l.logical = o.Key == "L"
		case "n":
			l.noLinks = true
		case "r":
			l.relative = true
		case "s":
			l.symbolic = true
		case "t":
			dir = &o.Value
		case "T":
			l.noDir = true
		case "v":
			l.verbose = true
		}
	}
	names := p.Operands
	switch {
	case len(names) == 0:
		return spec.Misuse(inv, "missing file operand")
	case l.relative && !l.symbolic:
		inv.Errorf("cannot do --relative without --symbolic")
		return 1
	case l.noDir && len(names) == 1:
		return spec.Misuse(inv, "missing destination file operand after %s", cli.QuoteText(names[0]))
	case l.noDir && len(names) > 2:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(names[2]))
	}
	into := ""
	switch {
	case dir != nil:
		into = *dir
		if !l.isDir(into) {
			inv.Errorf("target directory %s: %v", cli.Quote(into), l.whyNoDir(into))
			return 1
		}
	case len(names) == 1:
		into = "."
	default:
		last := names[len(names)-1]
		if l.isDir(last) && !l.noDir {
			into = last
		} else if len(names) > 2 {
			inv.Errorf("target %s: %v", cli.Quote(last), l.whyNoDir(last))
			return 1
		}
		names = names[:len(names)-1]
		if into == "" {
			return l.link(names[0], last)
		}
	}
	for _, name := range names {
		at := strings.TrimSuffix(into, "/") + "/" + path.Base(name)
		if l.link(name, at) != 0 {
			status = 1
		}
	}
	return status
}

// replaces asks whether a link may take the place of a file.
func (l *linker) replaces(name string) bool {
	fmt.Fprintf(l.inv.Stderr, "%s: replace %s? ", path.Base(l.inv.Args[0]), cli.Quote(name))
	if l.answers == nil {
		l.answers = bufio.NewReader(l.inv.Stdin)
	}
	line, _ := l.answers.ReadString('\n')
	return strings.HasPrefix(line, "y") || strings.HasPrefix(line, "Y")
}

func (l *linker) isDir(name string) bool {
	stat := l.inv.FS.Stat
	if l.noLinks {
		stat = l.inv.FS.Lstat
	}
	i, err := stat(l.inv.Path(name))
	return err == nil && i.IsDir()
}

func (l *linker) whyNoDir(name string) error {
	if _, err := l.inv.FS.Stat(l.inv.Path(name)); err != nil {
		return err
	}
	return vfs.ErrNotDir
}

func (l *linker) link(target, name string) int {
	full := l.inv.Path(name)
	kind := "hard"
	if l.symbolic {
		kind = "symbolic"
	}
	fail := func(err error) int {
		what := cli.Quote(name)
		if !l.symbolic && err != vfs.ErrExist {
			what += " => " + cli.Quote(target)
		}
		if l.symbolic && err != vfs.ErrExist && (err != vfs.ErrNotExist || target == "") {
			what = cli.Quote(name) + " -> " + cli.Quote(target)
		}
		l.inv.Errorf("failed to create %s link %s: %v", kind, what, err)
		return 1
	}
	if !l.symbolic {
		info, err := l.inv.FS.Lstat(l.inv.Path(target))
		switch {
		case err != nil:
			l.inv.Errorf("failed to access %s: %v", cli.Quote(target), err)
			return 1
		case info.IsDir():
			l.inv.Errorf("%s: hard link not allowed for directory", cli.QuoteNeeded(target))
			return 1
		}
	}
	backup := ""
	if old, err := l.inv.FS.Lstat(full); err == nil {
		same, sameErr := l.inv.FS.Lstat(l.inv.Path(target))
		switch {
		case sameErr == nil && same.Ino == old.Ino && path.Clean(full) == path.Clean(l.inv.Path(target)) && (l.makes() || l.force):
			l.inv.Errorf("%s and %s are the same file", cli.Quote(target), cli.Quote(name))
			return 1
		case l.makes():
			backup = l.backups.name(l.inv, place{name, full})
			if err := l.inv.FS.Rename(full, l.inv.Path(backup)); err != nil {
				return fail(err)
			}
		case l.ask && !l.force && !l.replaces(name):
			return 0
		case (l.force || l.ask) && old.IsDir():
			l.inv.Errorf("%s: cannot overwrite directory", cli.QuoteNeeded(name))
			return 1
		case l.force, l.ask:
			if err := l.inv.FS.Remove(full); err != nil {
				return fail(err)
			}
		}
	}
	if l.relative {
		dir, err := l.inv.FS.Realpath(path.Dir(full))
		if err == nil {
			target = relativeTo(dir, resolveMissing(l.inv, l.inv.Path(target)))
		}
	}
	var err error
	if l.symbolic {
		err = l.inv.FS.Symlink(target, full)
	} else {
		old := l.inv.Path(target)
		if l.logical {
			if real, e := l.inv.FS.Realpath(old); e == nil {
				old = real
			}
		}
		err = l.inv.FS.Link(old, full)
	}
	if err != nil {
		return fail(err)
	}
	if l.verbose {
		arrow := "=>"
		if l.symbolic {
			arrow = "->"
		}
		note := ""
		if backup != "" {
			note = cli.Quote(backup) + " ~ "
		}
		fmt.Fprintf(l.inv.Stdout, "%s%s %s %s\n", note, cli.Quote(name), arrow, cli.Quote(target))
	}
	return 0
}

func link(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: "FILE1 FILE2\nMake FILE2 another name of FILE1.\n"}
	p, status := spec.Parse(inv)
	switch {
	case p == nil:
		return status
	case len(p.Operands) == 0:
		return spec.Misuse(inv, "missing operand")
	case len(p.Operands) == 1:
		return spec.Misuse(inv, "missing operand after %s", cli.QuoteText(p.Operands[0]))
	case len(p.Operands) > 2:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[2]))
	}
	from, to := p.Operands[0], p.Operands[1]
	if err := inv.FS.Link(inv.Path(from), inv.Path(to)); err != nil {
		inv.Errorf("cannot create link %s to %s: %v", cli.Quote(to), cli.Quote(from), err)
		return 1
	}
	return 0
}

func unlink(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: "FILE\nRemove the name FILE.\n"}
	p, status := spec.Parse(inv)
	switch {
	case p == nil:
		return status
	case len(p.Operands) == 0:
		return spec.Misuse(inv, "missing operand")
	case len(p.Operands) > 1:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[1]))
	}
	full := inv.Path(p.Operands[0])
	info, err := inv.FS.Lstat(full)
	if err == nil && info.IsDir() {
		err = vfs.ErrIsDir
	}
	if err == nil {
		err = inv.FS.Remove(full)
	}
	if err != nil {
		inv.Errorf("cannot unlink %s: %v", cli.Quote(p.Operands[0]), err)
		return 1
	}
	return 0
}

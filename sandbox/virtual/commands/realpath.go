package commands

import (
	"context"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// How much of a path must exist to be resolved.
const (
	allExists  = 'e'
	mostExists = 'f' // all but the last component
	noneExists = 'm'
)

// canonical resolves every symbolic link of an absolute path.
func canonical(inv *shell.Invocation, full string, mode byte) (string, error) {
	at := "/"
	rest := strings.Split(full, "/")
	missing := false
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, part)
		info, err := inv.FS.Lstat(next)
		last := strings.Trim(strings.Join(rest, ""), "./") == ""
		switch {
		case err != nil && mode == noneExists, err == vfs.ErrNotExist && mode == mostExists && last && !missing:
			missing, at = true, next
			continue
		case err != nil:
			return "", err
		case info.Mode&fs.ModeSymlink != 0:
			if links++; links > 40 {
				if mode == noneExists {
					at = next
					continue
				}
				return "", vfs.ErrLoop
			}
			if strings.HasPrefix(info.Target, "/") {
				at = "/"
			}
			rest = append(strings.Split(info.Target, "/"), rest...)
			continue
		case !info.IsDir() && len(rest) > 0 && mode != noneExists:
			return "", vfs.ErrNotDir
		}
		at = next
	}
	if strings.HasSuffix(full, "/") && mode != noneExists {
		if info, err := inv.FS.Stat(at); err == nil && !info.IsDir() {
			return "", vfs.ErrNotDir
		}
	}
	return at, nil
}

// stripped checks that as much exists of a path as must, when its links are not resolved.
func stripped(inv *shell.Invocation, full string, mode byte) error {
	if mode == noneExists {
		return nil
	}
	at := "/"
	parts := strings.Split(strings.Trim(full, "/"), "/")
	for i, part := range parts {
		at = path.Join(at, part)
		info, err := inv.FS.Stat(at)
		last := i == len(parts)-1
		switch {
		case err == vfs.ErrNotExist && mode == mostExists && last:
			return nil
		case err != nil:
			return err
		case !info.IsDir() && (!last || strings.HasSuffix(full, "/")):
			return vfs.ErrNotDir
		}
	}
	return nil
}

// resolveMissing is canonical for what need not exist.
func resolveMissing(inv *shell.Invocation, full string) string {
	p, _ := canonical(inv, full, noneExists)
	return p
}

// relativeTo writes the clean absolute path p as seen from the directory dir.
func relativeTo(dir, p string) string {
	if dir == p {
		return "."
	}
	from, to := strings.Split(strings.Trim(dir, "/"), "/"), strings.Split(strings.Trim(p, "/"), "/")
	if dir == "/" {
		from = nil
	}
	if p == "/" {
		to = nil
	}
	n := 0
	for n < len(from) && n < len(to) && from[n] == to[n] {
		n++
	}
	parts := append(strings.Split(strings.Repeat("..,", len(from)-n), ",")[:len(from)-n], to[n:]...)
	return strings.Join(parts, "/")
}

func readlink(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "efmnqsvz", Long: "canonicalize=f canonicalize-existing=e canonicalize-missing=m no-newline=n quiet=q silent=s verbose=v zero=z",
		Usage: "[OPTION]... FILE...\nPrint what symbolic links point at, or with -f, -e or -m the canonical name.\n\n  -n  no newline  -z  NUL instead  -q -s -v  without, with error messages\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	var mode byte
	end, verbose := "\n", false
	if _, posix := inv.Env.Get("POSIXLY_CORRECT"); posix {
		verbose = true
	}
	bare := false
	for _, o := range p.Options {
		switch o.Key {
		case "e", "f", "m":
			mode = o.Key[0]
		case "n":
			bare = true
		case "q", "s":
			verbose = false
		case "v":
			verbose = true
		case "z":
			end = "\x00"
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	if bare && len(p.Operands) > 1 {
		inv.Errorf("ignoring --no-newline with multiple arguments")
		bare = false
	}
	if bare {
		end = ""
	}
	for _, name := range p.Operands {
		var target string
		var err error = vfs.ErrNotExist
		switch {
		case name == "":
		case mode == 0:
			target, err = inv.FS.Readlink(inv.Path(name))
		default:
			target, err = canonical(inv, inv.Path(name), mode)
		}
		if err != nil {
			if verbose {
				inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			}
			status = 1
			continue
		}
		if _, err := io.WriteString(inv.Stdout, target+end); err != nil {
			return 1
		}
	}
	return status
}

func realpath(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "eELmPqsz", Long: "canonicalize-existing=e canonicalize=E canonicalize-missing=m logical=L physical=P quiet=q relative-to: relative-base: strip=s no-symlinks=s zero=z",
		Usage: "[OPTION]... FILE...\nPrint the canonical absolute name of each FILE; all but the last component must exist.\n\n  -e  all must exist  -m  none need to  -s  do not follow links  -q  quiet  -z  NUL instead of newline\n      --relative-to=DIR  --relative-base=DIR\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	mode, end, quiet, strip, logical := byte(mostExists), "\n", false, false, false
	var to, base string
	for _, o := range p.Options {
		switch o.Key {
		case "e", "m":
			mode = o.Key[0]
		case "E":
			mode = mostExists
		case "L":
			logical = true
		case "P":
			logical, strip = false, false
		case "q":
			quiet = true
		case "s":
			strip = true
		case "z":
			end = "\x00"
		case "relative-to":
			to = o.Value
		case "relative-base":
			base = o.Value
		}
	}
	if len(p.Operands) == 0 {
		return spec.Misuse(inv, "missing operand")
	}
	resolve := func(name string) (string, error) {
		full := inv.Path(name)
		if name == "" {
			return "", vfs.ErrNotExist
		}
		if logical || strip {
			full = path.Clean(full)
		}
		if strip {
			return full, stripped(inv, inv.Path(name), mode)
		}
		return canonical(inv, full, mode)
	}
	for _, dir := range []*string{&to, &base} {
		if *dir != "" {
			resolved, err := resolve(*dir)
			if err != nil {
				inv.Errorf("%s: %v", cli.QuoteNeeded(*dir), err)
				return 1
			}
			*dir = resolved
		}
	}
	if base != "" && to == "" {
		to = base
	}
	below := func(p string) bool { return base == "" || base == "/" || p == base || strings.HasPrefix(p, base+"/") }
	if base != "" && !below(to) {
		to = ""
	}
	for _, name := range p.Operands {
		full, err := resolve(name)
		if err != nil {
			if !quiet {
				inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			}
			status = 1
			continue
		}
		if to != "" && below(full) {
			full = relativeTo(to, full)
		}
		if _, err := io.WriteString(inv.Stdout, full+end); err != nil {
			return 1
		}
	}
	return status
}

package commands

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const mktempUsage = `[OPTION]... [TEMPLATE]
Make a temporary file and print its name. The last three or more Xs of TEMPLATE are replaced.

  -d, --directory  -u, --dry-run  -q, --quiet  --suffix=SUFF
  -p DIR, --tmpdir[=DIR]   TEMPLATE is below DIR, or $TMPDIR, or /tmp
`

func mktemp(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: mktempUsage, Short: "dqup:tV", Long: "directory=d dry-run=u quiet=q suffix: tmpdir::"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	var dir, dry, quiet, below, bare bool
	base, suffix, hasSuffix := "", "", false
	for _, o := range p.Options {
		switch o.Key {
		case "d":
			dir = true
		case "q":
			quiet = true
		case "u":
			dry = true
		case "p", "tmpdir":
			below, base = true, o.Value
		case "suffix":
			suffix, hasSuffix = o.Value, true
		case "t":
			below, bare = true, true
		}
	}
	misused := func(format string, args ...any) int {
		inv.Errorf(format, args...)
		return 1
	}
	fail := func(format string, args ...any) int {
		if quiet {
			return 1
		}
		return misused(format, args...)
	}
	template := "tmp.XXXXXXXXXX"
	switch len(p.Operands) {
	case 0:
		below = true
	case 1:
		template = p.Operands[0]
	default:
		return spec.Misuse(inv, "too many templates")
	}
	if hasSuffix {
		if !strings.HasSuffix(template, "X") {
			return misused("with --suffix, template %s must end in X", cli.QuoteText(template))
		}
	} else {
		trimmed := template[:strings.LastIndexByte(template, 'X')+1]
		template, suffix = trimmed, template[len(trimmed):]
	}
	if strings.Contains(suffix, "/") {
		return misused("invalid suffix %s, contains directory separator", cli.QuoteText(suffix))
	}
	xs := len(template) - len(strings.TrimRight(template, "X"))
	if xs < 3 {
		return misused("too few X's in template %s", cli.QuoteText(template+suffix))
	}
	if below {
		if base == "" {
			if base, _ = inv.Env.Get("TMPDIR"); base == "" {
				base = "/tmp"
			}
		}
		if strings.HasPrefix(template, "/") && !bare {
			return misused("invalid template, %s; with --tmpdir, it may not be absolute", cli.QuoteText(template+suffix))
		}
		if bare && strings.Contains(template, "/") {
			return misused("invalid template, %s, contains directory separator", cli.QuoteText(template+suffix))
		}
		template = strings.TrimSuffix(base, "/") + "/" + template
	}
	kind, what := byte('f'), "file"
	if dir {
		kind, what = 'd', "directory"
	}
	if dry {
		kind = 0
	}
	name, err := makeTemporary(inv, template, xs, suffix, kind)
	if err != nil {
		return fail("failed to create %s via template %s: %v", what, cli.QuoteText(template+suffix), err)
	}
	fmt.Fprintln(inv.Stdout, name)
	return 0
}

// makeTemporary makes a file ('f') or a directory ('d'), or with 0 only finds a name for one: template's with the last xs
// letters replaced, and suffix.
func makeTemporary(inv *shell.Invocation, template string, xs int, suffix string, kind byte) (name string, err error) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for range 100 {
		random := make([]byte, xs)
		rand.Read(random)
		for i := range random {
			random[i] = letters[int(random[i])%len(letters)]
		}
		name := template[:len(template)-xs] + string(random) + suffix
		full := inv.Path(name)
		switch kind {
		case 0:
			if _, err = inv.FS.Lstat(full); err == nil {
				err = vfs.ErrExist
			} else {
				err = nil
			}
		case 'd':
			err = inv.FS.Mkdir(full, 0o700)
		default:
			var f vfs.File
			if f, err = inv.OpenFile(full, vfs.Write|vfs.Create|vfs.Exclusive, 0o600); err == nil {
				f.Close()
			}
		}
		if err != vfs.ErrExist {
			return name, err
		}
	}
	return "", err
}

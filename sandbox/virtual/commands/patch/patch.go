// Package patch is the command patch for unified, context and normal diffs: Run reads the options and goes through the files,
// parse.go reads the diff, and apply.go finds where its hunks belong.
package patch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var spec = cli.Spec{
	Usage: `[OPTION]... [ORIGFILE [PATCHFILE]]

  -p NUM, --strip=NUM       strip NUM leading components from file names
  -i PATCHFILE, --input=PATCHFILE  read patch from PATCHFILE instead of standard input
  -R, --reverse             assume patches were created with old and new files swapped
  -N, --forward             ignore patches that appear to be reversed or already applied
  -o FILE, --output=FILE    output patched files to FILE
  -r FILE, --reject-file=FILE  output rejects to FILE
  -d DIR, --directory=DIR   change the working directory to DIR first
  -b, --backup              back up the original of each file to FILE.orig
  -F NUM, --fuzz=NUM        set the fuzz factor to NUM (default 2)
  -E, --remove-empty-files  remove output files that are empty after patching
  -s, --quiet, --silent     work silently unless an error occurs
  -f, --force, -t, --batch, -l, -u, -n, -c, --posix, --binary, --verbose  accepted
      --dry-run             do not change any files
`,
	Short: "p:i:RNo:r:d:bF:EsftluncvVY:z:B:D:T",
	Long: "strip:=p input:=i reverse=R forward=N output:=o reject-file:=r directory:=d backup=b fuzz:=F remove-empty-files=E " +
		"quiet=s silent=s force=f batch=t ignore-whitespace=l unified=u normal=n context=c dry-run posix binary verbose " +
		"no-backup-if-mismatch backup-if-mismatch suffix:=z",
	Fail: 2,
}

type patcher struct {
	inv                                               *shell.Invocation
	strip                                             int // -1: base names
	reverse, forward, backup, removeEmpty, quiet, dry bool
	output, rejects                                   string
	suffix                                            string
	fuzz                                              int
}

// Run is patch. Its status is 0 when all hunks fit, 1 when some do not, 2 for more serious trouble.
func Run(ctx context.Context, inv *shell.Invocation) int {
	options, status := spec.Parse(inv)
	if options == nil {
		return status
	}
	copied := *inv
	p := &patcher{inv: &copied, strip: -1, fuzz: 2, suffix: ".orig"}
	input := "-"
	for _, o := range options.Options {
		switch o.Key {
		case "p", "F":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 {
				inv.Errorf("**** strip count %s is not a number", o.Value)
				return 2
			}
			if o.Key == "p" {
				p.strip = n
			} else {
				p.fuzz = n
			}
		case "i":
			input = o.Value
		case "R":
			p.reverse = true
		case "N":
			p.forward = true
		case "o":
			p.output = o.Value
		case "r":
			p.rejects = o.Value
		case "d":
			copied.Dir = inv.Path(o.Value)
		case "b":
			p.backup = true
		case "z":
			p.suffix = o.Value
		case "E":
			p.removeEmpty = true
		case "s":
			p.quiet = true
		case "dry-run":
			p.dry = true
		}
	}
	target := ""
	if len(options.Operands) > 0 {
		target = options.Operands[0]
	}
	if len(options.Operands) > 1 {
		input = options.Operands[1]
	}
	r, err := cli.Open(inv, input)
	if err != nil {
		inv.Errorf("**** Can't open patch file %s : %v", input, err)
		return 2
	}
	defer r.Close()
	text, err := cli.ReadAll(ctx, inv.Budget, r)
	if err != nil || inv.Budget.Hold(2*len(text)) != nil {
		return 2
	}
	defer inv.Budget.Release(2 * len(text))
	files, err := parse(string(text))
	if err != nil {
		inv.Errorf("**** %v", err)
		return 2
	}
	if len(files) == 0 {
		if len(text) > 0 {
			inv.Errorf("**** Only garbage was found in the patch input.")
			return 2
		}
		return 0
	}
	for _, f := range files {
		status = max(status, p.file(f, target))
	}
	return status
}

func (p *patcher) say(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.inv.Stdout, format+"\n", args...)
	}
}

// stripped takes leading components off a name.
func (p *patcher) stripped(name string) string {
	if p.strip < 0 {
		return path.Base(name)
	}
	for range p.strip {
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return ""
		}
		name = strings.TrimLeft(rest, "/")
	}
	return name
}

// choose finds which file a diff is for: of the two names the one that exists.
func (p *patcher) choose(d *fileDiff) string {
	var candidates []string
	for _, name := range []string{d.old, d.new} {
		if name != "" && name != "/dev/null" {
			if s := p.stripped(name); s != "" {
				candidates = append(candidates, s)
			}
		}
	}
	for _, name := range candidates {
		if _, err := p.inv.FS.Stat(p.inv.Path(name)); err == nil {
			return name
		}
	}
	if len(candidates) > 0 {
		return candidates[len(candidates)-1]
	}
	return ""
}

// file applies the hunks of one file.
func (p *patcher) file(d *fileDiff, target string) int {
	if p.reverse {
		d.reverse()
	}
	name := target
	if name == "" {
		if name = p.choose(d); name == "" {
			p.inv.Errorf("**** can't find file to patch")
			return 1
		}
	}
	data, err := p.inv.FS.ReadFile(p.inv.Path(name))
	missing := errors.Is(err, fs.ErrNotExist)
	creates := d.old == "/dev/null" || len(d.hunks) == 1 && d.hunks[0].oldCount == 0 && d.hunks[0].oldStart == 0
	if err != nil && !(missing && creates) {
		p.say("can't find file to patch at input line %d\nPerhaps you used the wrong -p or --strip option?\nNo file to patch.  Skipping patch.\n%d out of %d hunk%s ignored",
			d.line, len(d.hunks), len(d.hunks), plural(len(d.hunks)))
		return 1
	}
	verb := "patching"
	if p.dry {
		verb = "checking"
	}
	p.say("%s file %s", verb, name)
	result := p.apply(d, string(data))
	if p.dry {
		return min(len(result.failed), 1)
	}
	if err := p.store(name, result, data, d, missing); err != nil {
		p.inv.Errorf("**** Can't write %s : %v", name, err)
		return 2
	}
	return min(len(result.failed), 1)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// store writes the patched file, its backup and the rejects.
func (p *patcher) store(name string, r applied, before []byte, d *fileDiff, missing bool) error {
	perm := fs.FileMode(0o666 &^ p.inv.Umask)
	full := p.inv.Path(name)
	if info, err := p.inv.FS.Stat(full); err == nil {
		perm = info.Mode.Perm()
	}
	if len(r.failed) > 0 {
		rejects := p.rejects
		if rejects == "" {
			rejects = name + ".rej"
		}
		what := "FAILED"
		if r.ignored {
			what = "ignored"
		}
		p.say("%d out of %d hunk%s %s -- saving rejects to file %s", len(r.failed), len(d.hunks), plural(len(d.hunks)), what, rejects)
		text := "--- " + name + "\n+++ " + name + "\n"
		for _, h := range r.failed {
			text += h.text()
		}
		if err := p.inv.FS.WriteFile(p.inv.Path(rejects), []byte(text), 0o666&^p.inv.Umask); err != nil {
			return err
		}
	}
	if p.output == "-" {
		_, err := p.inv.Stdout.Write([]byte(r.text))
		return err
	}
	if p.output != "" {
		return p.inv.FS.WriteFile(p.inv.Path(p.output), []byte(r.text), perm)
	}
	if !missing && (p.backup || len(r.failed) > 0 && !r.ignored || r.inexact) {
		if err := p.inv.FS.WriteFile(full+p.suffix, before, perm); err != nil {
			return err
		}
	}
	if r.text == "" && (d.new == "/dev/null" || p.removeEmpty) {
		if err := p.inv.FS.Remove(full); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if dir := path.Dir(full); missing {
		if err := p.inv.FS.MkdirAll(dir, 0o777&^p.inv.Umask); err != nil {
			return err
		}
	}
	f, err := p.inv.OpenFile(full, vfs.Write|vfs.Create|vfs.Truncate, perm)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(r.text))
	return errors.Join(err, f.Close())
}

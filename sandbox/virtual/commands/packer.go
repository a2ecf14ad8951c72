package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// packer is one call of bzip2, xz or zstd: what they have in common, which is files that are replaced by others.
type packer struct {
	ctx    context.Context
	inv    *shell.Invocation
	format *codec.Format
	auto   bool // expand whatever format the input is in
	words  *packerWords

	decode, test, stdout, keep, force, quiet, verbose, recursive bool
	level                                                        int
	suffix                                                       string // instead of the format's
	output                                                       string // -o of zstd
	files                                                        int
	packed, plain                                                int64 // of all files
	status                                                       int
}

// packerWords are what a program says, and its status then. %[1]s is the file, %[2]v the error or the other name.
type packerWords struct {
	name                                      string // before each message; "" is what it was called by
	stdin                                     string // what standard input is called
	missing, directory, packed, exists, plain complaint
	guess                                     string // what is put behind a name without a known suffix; "" refuses
	problem                                   func(err error, decodable bool) complaint
	done                                      func(p *packer, name, target string, packed, plain int64)
}

// called is the name before each message.
func (w *packerWords) called(name string) string {
	if w.name != "" {
		return w.name
	}
	return name
}

type complaint struct {
	status int
	format string
}

func (p *packer) say(c complaint, args ...any) {
	if c.format != "" && (c.status == 1 || !p.quiet) {
		name := p.words.called(path.Base(p.inv.Args[0]))
		fmt.Fprintf(p.inv.Stderr, name+": "+c.format+"\n", args...)
	}
	if p.status != 1 && c.status != 0 {
		p.status = c.status
	}
}

// run treats the operands, or standard input.
func (p *packer) run(names []string) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		p.operand(name)
		if p.inv.Budget.Err() != nil {
			return 1
		}
	}
	return p.status
}

func (p *packer) operand(name string) {
	if name == "-" {
		in := p.inv.ReadAhead(p.inv.Stdin)
		_, plain, err := p.transform(p.inv.Stdout, in, -1)
		p.report(p.words.stdin, err)
		if err == nil && p.test {
			p.words.done(p, p.words.stdin, "", 0, plain)
		}
		return
	}
	full := p.inv.Path(name)
	info, err := p.inv.FS.Stat(full)
	if err != nil {
		p.say(p.words.missing, name, err)
		return
	}
	if info.IsDir() && p.recursive {
		list, err := p.inv.FS.ReadDir(full)
		if err != nil {
			p.say(p.words.missing, name, err)
		}
		for _, i := range list {
			p.operand(strings.TrimSuffix(name, "/") + "/" + i.Name)
		}
		return
	}
	if info.IsDir() {
		p.say(p.words.directory, name)
		return
	}
	p.file(name, full, info)
}

// report says what went wrong with the input called name.
func (p *packer) report(name string, err error) {
	switch {
	case errors.Is(err, cli.ErrStop) || p.inv.Budget.Err() != nil:
		p.status = 1
	case err != nil:
		p.say(p.words.problem(err, p.test || p.decode), name, err)
	}
}

func (p *packer) file(name, full string, info vfs.Info) {
	target := ""
	if !p.stdout && !p.test && p.output == "" {
		var ok bool
		if target, ok = p.target(name); !ok {
			return
		}
	} else {
		target = p.output
	}
	f, err := p.inv.OpenFile(full, vfs.Read, 0)
	if err != nil {
		p.say(p.words.missing, name, err)
		return
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, cli.BlockSize)
	if target == "" {
		packed, plain, err := p.transform(p.inv.Stdout, in, info.Size)
		if p.report(name, err); err == nil && p.test {
			p.words.done(p, name, "", packed, plain)
		}
		return
	}
	to := p.inv.Path(target)
	if old, err := p.inv.FS.Lstat(to); err == nil && (!p.force || old.IsDir()) {
		p.say(p.words.exists, target)
		return
	}
	packed, plain, err := p.replace(to, in, info)
	if err != nil {
		p.report(name, err)
		return
	}
	p.words.done(p, name, target, packed, plain)
	if !p.keep {
		p.inv.FS.Remove(full)
	}
}

// replace writes the file at to, which changes only once all of it is written.
func (p *packer) replace(to string, in *bufio.Reader, info vfs.Info) (packed, plain int64, err error) {
	part := to + ".part"
	for _, err := p.inv.FS.Lstat(part); err == nil; _, err = p.inv.FS.Lstat(part) {
		part += "~"
	}
	out, err := p.inv.OpenFile(part, vfs.Write|vfs.Create|vfs.Truncate, info.Mode.Perm())
	if err != nil {
		return 0, 0, err
	}
	keeper := &errorKeeper{w: out}
	packed, plain, err = p.transform(keeper, in, info.Size)
	out.Close()
	if keeper.err != nil {
		err = keeper.err
	}
	if err == nil || errors.Is(err, codec.ErrTrailer) {
		if failed := p.inv.FS.Rename(part, to); failed != nil {
			err = failed
		} else {
			p.inv.FS.Chtimes(to, info.ModTime)
		}
	}
	if err != nil && !errors.Is(err, codec.ErrTrailer) {
		p.inv.FS.Remove(part)
	}
	return packed, plain, err
}

// target is the name of the other file; ok is false after a complaint.
func (p *packer) target(name string) (target string, ok bool) {
	suffix := p.format.Suffix
	if p.suffix != "" {
		suffix = p.suffix
	}
	if !p.decode {
		if strings.HasSuffix(name, suffix) && p.words.packed.format != "" {
			p.say(p.words.packed, name, suffix)
			return "", false
		}
		return name + suffix, true
	}
	if rest, ok := strings.CutSuffix(name, suffix); ok && rest != "" {
		return rest, true
	}
	if plain, ok := p.format.Strip(name); ok {
		return plain, true
	}
	if f := codec.BySuffix(name); p.auto && f != nil {
		plain, _ := f.Strip(name)
		return plain, true
	}
	if p.words.guess == "" {
		p.say(p.words.plain, name)
		return "", false
	}
	p.say(p.words.plain, name, name+p.words.guess)
	return name + p.words.guess, true
}

// transform compresses or expands r, of size bytes or -1, to w, and counts both sides.
func (p *packer) transform(w io.Writer, r *bufio.Reader, size int64) (packed, plain int64, err error) {
	if p.test {
		w = io.Discard
	}
	written := &counter{}
	if !p.decode && !p.test {
		if size < 0 { // standard input: as much as one block shows
			if head, err := r.Peek(cli.BlockSize); err == io.EOF {
				size = int64(len(head))
			}
		}
		out := bufio.NewWriterSize(io.MultiWriter(w, written), cli.BlockSize)
		z, err := p.format.NewWriter(p.inv.Budget, out, p.level, int(size))
		if err != nil {
			return 0, 0, err
		}
		read := &counter{}
		err = cli.Copy(p.ctx, p.inv.Budget, io.MultiWriter(z, read), r)
		if closed := z.Close(); err == nil && (closed != nil || out.Flush() != nil) {
			err = cli.ErrStop
		}
		return written.n, read.n, err
	}
	format := p.format
	if p.auto {
		if f := codec.Detect(r); f != nil {
			format = f
		}
	}
	z, err := format.NewReader(p.inv.Budget, r)
	if errors.Is(err, codec.ErrFormat) && p.force && p.stdout && !p.test {
		return 0, 0, cli.Copy(p.ctx, p.inv.Budget, w, r)
	}
	if err != nil {
		return 0, 0, err
	}
	defer z.Close()
	err = cli.Copy(p.ctx, p.inv.Budget, io.MultiWriter(w, written), z)
	return max(size, 0), written.n, err
}

// counter counts bytes.
type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

package find

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func printName(end string) test {
	return func(f *finder, e *entry) bool {
		f.out.WriteString(e.name)
		f.out.WriteString(end)
		return true
	}
}

func remove(f *finder, e *entry) bool {
	if e.name == "." {
		return true
	}
	if err := f.inv.FS.Remove(e.full); err != nil {
		f.fail("cannot delete %s: %v", cli.Quote(e.name), err)
		return false
	}
	return true
}

// listLong writes a line as ls -dils does.
func listLong(f *finder, w *bufio.Writer, e *entry) {
	blocks := (e.info.Size + 4095) / 4096 * 4
	if !e.info.Mode.IsRegular() && !e.info.IsDir() {
		blocks = 0
	}
	name := escapeName(e.name)
	if e.info.Mode&fs.ModeSymlink != 0 {
		name += " -> " + escapeName(e.info.Target)
	}
	when := timeField(f, e.info.ModTime, "b e H:M")
	if age := f.inv.Now().Sub(e.info.ModTime); age < 0 || age > 15778476e9 {
		when = timeField(f, e.info.ModTime, "b e  Y")
	}
	fmt.Fprintf(w, "%9d %6d %s %3d %-8s %-8s %8d %s %s\n", e.info.Ino, blocks, filemode.Letters(e.info.Mode), e.info.Nlink,
		cli.UserName(e.info.UID), cli.UserName(e.info.GID), e.info.Size, when, name)
}

func escapeName(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, " ", `\ `, `"`, `\"`).Replace(s)
}

// fileAction is -fprint, -fprint0, -fls and -fprintf.
func fileAction(p *parser, name, arg string) (node, error) {
	p.acts = true
	w, ok := p.f.files[arg]
	if !ok {
		file, err := p.f.inv.Create(arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cli.Quote(arg), err)
		}
		w = bufio.NewWriter(file)
		p.f.files[arg] = w
		p.f.closers = append(p.f.closers, func() {
			w.Flush()
			file.Close()
		})
	}
	switch name {
	case "-fls":
		return test(func(f *finder, e *entry) bool { listLong(f, w, e); return true }), nil
	case "-fprintf":
		text, err := p.argument(name)
		if err != nil {
			return nil, err
		}
		format, err := parseFormat(text)
		if err != nil {
			return nil, err
		}
		return test(func(f *finder, e *entry) bool { format.write(f, w, e); return true }), nil
	}
	end := "\n"
	if name == "-fprint0" {
		end = "\x00"
	}
	return test(func(_ *finder, e *entry) bool { w.WriteString(e.name + end); return true }), nil
}

// maxChars is about how much an -exec … + puts on one command line.
const maxChars = 128 << 10

// execution is -exec, -execdir, -ok and -okdir.
type execution struct {
	args     []string
	inDir    bool
	ask      bool
	batch    bool // with + at its end
	dir      string
	pending  []string
	pendingN int
	answers  *bufio.Reader
}

func (p *parser) exec(name string) (node, error) {
	x := &execution{inDir: strings.HasSuffix(name, "dir"), ask: strings.HasPrefix(name, "-ok")}
	for {
		if p.pos >= len(p.args) {
			return nil, fmt.Errorf("missing argument to `%s'", name)
		}
		arg := p.args[p.pos]
		p.pos++
		if arg == ";" {
			break
		}
		if arg == "+" && len(x.args) > 0 && x.args[len(x.args)-1] == "{}" && !x.ask {
			x.batch = true
			x.args = x.args[:len(x.args)-1]
			for _, a := range x.args {
				if strings.Contains(a, "{}") {
					return nil, fmt.Errorf("Only one instance of {} is supported with %s ... +", name)
				}
			}
			break
		}
		x.args = append(x.args, arg)
	}
	if len(x.args) == 0 {
		return nil, fmt.Errorf("invalid argument `;' to `%s'", name)
	}
	if x.batch {
		p.f.batches = append(p.f.batches, x)
	}
	return x, nil
}

func (x *execution) eval(f *finder, e *entry) bool {
	name, dir := e.name, ""
	if x.inDir {
		name, dir = "./"+base(e.name), path.Dir(strings.TrimRight(e.full, "/"))
		if e.full == "/" {
			name, dir = "/", "/"
		}
	}
	if x.batch {
		if x.dir != dir || x.pendingN+len(name) > maxChars {
			x.flush(f)
		}
		x.dir = dir
		x.pending = append(x.pending, name)
		x.pendingN += len(name) + 1
		return true
	}
	call := make([]string, len(x.args))
	for i, a := range x.args {
		call[i] = strings.ReplaceAll(a, "{}", name)
	}
	if x.ask {
		f.out.Flush()
		fmt.Fprintf(f.inv.Stderr, "< %s ... %s > ? ", call[0], e.name)
		if x.answers == nil {
			x.answers = bufio.NewReader(f.inv.Stdin)
		}
		if line, _ := x.answers.ReadString('\n'); !strings.HasPrefix(line, "y") && !strings.HasPrefix(line, "Y") {
			return false
		}
	}
	return x.run(f, call, dir) == 0
}

// flush runs what -exec … + has gathered.
func (x *execution) flush(f *finder) {
	if len(x.pending) == 0 {
		return
	}
	call := append(append([]string{}, x.args...), x.pending...)
	x.pending, x.pendingN = nil, 0
	if x.run(f, call, x.dir) != 0 {
		f.status = 1
	}
}

func (x *execution) run(f *finder, call []string, dir string) int {
	f.out.Flush()
	if !strings.Contains(call[0], "/") && f.inv.Lookup(call[0]) == "" {
		f.inv.Errorf("%s: %v", cli.Quote(call[0]), vfs.ErrNotExist)
		if x.batch {
			f.status = 1
		}
		return 127
	}
	return f.inv.Exec(f.ctx, shell.Nested{Args: call, Dir: dir})
}

package shell

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// external runs a program that is not part of the shell.
func (s *shell) external(args []string, temp *scope) int {
	if temp != nil {
		temp.outer, s.scope = s.scope, temp
		defer func() { s.scope = temp.outer }()
	}
	p, status := s.program(args[0])
	if status != 0 {
		return status
	}
	s.mapsShared = true // nested shells may come to read the maps
	return s.runProgram(s.proc, p, args, shellEnv{s}, s.dir, [3]*stream{s.fd(0), s.fd(1), s.fd(2)})
}

// runProgram runs a Command, or a script file in a shell of its own, for process by.
func (s *shell) runProgram(by *proc, p program, args []string, env Environ, dir string, std [3]*stream) int {
	switch p.own {
	case "":
		if p.cmd == nil {
			return s.runScriptFile(by, p, args, env, dir, std)
		}
	default:
		if slices.Contains(Shells, p.own) {
			return s.startShell(by, append([]string{p.own}, args[1:]...), env, dir, std)
		}
		return s.startOwn(by, p.own, env, dir, std, func(c *shell) int { return c.ownProgram(p.own, args) })
	}
	out := &handle{st: std[1], by: by}
	messages := &handle{st: std[2], by: by}
	inv := &Invocation{Args: args, Env: env, Dir: dir, Umask: s.umask, FS: s.FS,
		Stdin: &handle{st: std[0], by: by}, Stdout: out, Stderr: messages,
		PID: by.pid, Budget: s.budget, Now: s.Now, Fetch: s.Fetch, Databases: s.Databases}
	var opened openFiles
	inv.OpenFile = func(name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error) {
		if n, ok := devFD(name); ok {
			st := s.fd(n)
			if n < 3 {
				st = std[n]
			}
			if st == nil {
				return nil, vfs.ErrNotExist
			}
			return &handle{st: st.share(), by: by, owned: true}, nil
		}
		f, err := opened.open(s, by, name, flag, perm)
		if err == vfs.ErrInterrupted {
			messages.st = nil // who was killed while it waited says nothing more
		}
		return f, err
	}
	inv.Exec = func(ctx context.Context, n Nested) int { return s.nested(ctx, by, inv, n, std) }
	inv.Lookup = func(name string) string {
		if s.Granted != nil {
			if _, ok := s.Granted(name); ok {
				return name
			}
		}
		dirs, _ := env.Get("PATH")
		if strings.Contains(name, "/") {
			if s.executable(inv.Path(name)) {
				return name
			}
			return ""
		}
		for _, file := range s.searchPath(dirs, name, false) {
			return file
		}
		return ""
	}
	var lent buffers
	inv.lent = &lent
	status := p.cmd(by.context(), inv)
	lent.takeBack()
	opened.end(s)
	if out.broken && by.ignored.Load()&(1<<sigPipe) == 0 {
		status = 128 + sigPipe
	}
	if n := by.deadBy(); n != 0 {
		status = 128 + n
	}
	return status & 0xff
}

// openFiles counts the files that a command has open. Each takes a descriptor from the budget, as those of the shell do:
// it may be a file of the host or of a bucket.
type openFiles struct {
	n     atomic.Int64
	mu    sync.Mutex
	fifos []*handle
}

func (o *openFiles) open(s *shell, by *proc, name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error) {
	if err := s.budget.Open(); err != nil {
		return nil, err
	}
	f, err := s.FS.Open(name, flag, perm)
	if err != nil {
		s.budget.Close()
		var named *vfs.FIFO
		if errors.As(err, &named) {
			return o.openFIFO(s, by, named.Info.Ino, flag)
		}
		return nil, err
	}
	o.n.Add(1)
	return &openFile{File: f, of: o, budget: s.budget}, nil
}

func (o *openFiles) openFIFO(s *shell, by *proc, ino uint64, flag vfs.Flag) (vfs.File, error) {
	st, err := s.openFIFO(ino, flag, by)
	if err != nil {
		return nil, err
	}
	h := &handle{st: st, by: by, owned: true}
	o.mu.Lock()
	o.fifos = append(o.fifos, h)
	o.mu.Unlock()
	return h, nil
}

// end gives back what the command has left open.
func (o *openFiles) end(s *shell) {
	for _, h := range o.fifos {
		h.Close()
	}
	for range o.n.Swap(0) {
		s.budget.Close()
	}
}

type openFile struct {
	vfs.File
	of     *openFiles
	budget *limits.Budget
	closed atomic.Bool
}

// Close gives the descriptor back, once.
func (f *openFile) Close() error {
	if !f.closed.Swap(true) {
		f.of.n.Add(-1)
		f.budget.Close()
	}
	return f.File.Close()
}

// runScriptFile executes a file with a run bit: by its #! line, or as a shell script.
func (s *shell) runScriptFile(by *proc, p program, args []string, env Environ, dir string, std [3]*stream) int {
	first, _, _ := bytes.Cut(p.script, []byte("\n"))
	if bytes.IndexByte(first, 0) >= 0 {
		s.warnf("%s: cannot execute binary file: Exec format error", p.path)
		return 126
	}
	line, isScript := strings.CutPrefix(string(first), "#!")
	if !isScript {
		return s.startShell(by, append([]string{"bash", p.path}, args[1:]...), env, dir, std)
	}
	name, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	arg = strings.TrimSpace(arg)
	file := name
	if path.Base(name) == "env" {
		arg = strings.TrimSpace(strings.TrimPrefix(arg, "-S"))
		name, arg, _ = strings.Cut(arg, " ")
		dirs, _ := env.Get("PATH")
		file = name
		for _, found := range s.searchPath(dirs, name, false) {
			file = found
		}
	}
	interpreter, err := s.interpreter(file, p.level)
	if err != nil {
		s.warnf("%s: %s: bad interpreter: %v", p.path, name, err)
		return 126
	}
	list := []string{name}
	if arg != "" {
		list = append(list, arg)
	}
	return s.runProgram(by, interpreter, append(append(list, p.path), args[1:]...), env, dir, std)
}

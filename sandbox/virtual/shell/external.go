package shell

import (
	"bytes"
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// program is something that can be executed: a Command, or a script file.
type program struct {
	path   string
	cmd    Command
	own    string // bash, sh, or a builtin that is a program too
	script bool
}

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

// program finds what a name runs, or prints why there is none and returns 126 or 127.
func (s *shell) program(name string) (program, int) {
	if s.Granted != nil && !strings.Contains(name, "/") {
		if cmd, ok := s.Granted(name); ok {
			return program{path: name, cmd: cmd}, 0
		}
	}
	file := name
	if !strings.Contains(name, "/") {
		if file = s.findProgram(name); file == "" {
			return program{}, s.notFound(name)
		}
	}
	if base := s.commandAt(file); base != "" {
		return s.programNamed(base, file), 0
	}
	info, err := s.FS.Stat(s.abs(file))
	switch {
	case err != nil:
		s.warnf("%s: %v", name, err)
		if err == vfs.ErrNotExist {
			return program{}, 127
		}
		return program{}, 126
	case info.IsDir():
		s.warnf("%s: Is a directory", name)
		return program{}, 126
	case info.Mode.Perm()&0o111 == 0:
		s.warnf("%s: Permission denied", name)
		return program{}, 126
	}
	return program{path: file, script: true}, 0
}

func (s *shell) notFound(name string) int {
	if s.Known != nil && s.Known(name) {
		s.warnf("%s: not granted to this step", name)
		return 127
	}
	if fn := s.funcs["command_not_found_handle"]; fn != nil {
		return s.subshellRun(func(c *shell) int { return c.callFunc(fn, []string{"command_not_found_handle", name}, nil) })
	}
	s.warnf("%s: command not found", name)
	return 127
}

// programNamed is a program of /bin.
func (s *shell) programNamed(name, file string) program {
	if cmd := s.Commands[name]; cmd != nil {
		return program{path: file, cmd: cmd}
	}
	return program{path: file, own: name}
}

// commandAt is the name of the program of /bin that a path leads to, or "".
func (s *shell) commandAt(file string) string {
	dir, base := path.Split(file)
	if dir != "/bin/" && dir != "/usr/bin/" {
		real, err := s.FS.Realpath(s.abs(file))
		if err != nil {
			return ""
		}
		if dir, base = path.Split(real); dir != "/bin/" && dir != "/usr/bin/" {
			return ""
		}
	}
	if !s.isProgram(base) {
		return ""
	}
	return base
}

// isProgram says that /bin has a program of this name: one handed in, or the shell's own.
func (s *shell) isProgram(name string) bool {
	return s.Commands[name] != nil || ownCommands[name] != nil || name == "bash" || name == "sh"
}

// findProgram searches PATH, as the hash table remembers it; "" is not found.
func (s *shell) findProgram(name string) string {
	if name == "" || name == "." || name == ".." {
		return ""
	}
	if file := s.hashed[name]; file != "" {
		return file
	}
	for _, file := range s.searchPath(s.get("PATH"), name, false) {
		return file
	}
	return ""
}

// searchPath lists where name is found along a PATH; only the first unless all.
func (s *shell) searchPath(dirs, name string, all bool) []string {
	var found []string
	for dir := range strings.SplitSeq(dirs, ":") {
		if dir == "" {
			dir = "."
		}
		file := strings.TrimSuffix(dir, "/") + "/" + name
		inBin := dir == "/bin" || dir == "/usr/bin"
		if !inBin || !s.isProgram(name) {
			info, err := s.FS.Stat(s.abs(file))
			if err != nil || !info.Mode.IsRegular() || info.Mode.Perm()&0o111 == 0 {
				continue
			}
		}
		found = append(found, file)
		if !all {
			break
		}
	}
	return found
}

// runProgram runs a Command, or a script file in a shell of its own, for process by.
func (s *shell) runProgram(by *proc, p program, args []string, env Environ, dir string, std [3]*stream) int {
	if p.script {
		return s.runScriptFile(by, p.path, args, env, dir, std)
	}
	switch p.own {
	case "":
	case "bash", "sh":
		return s.startShell(by, append([]string{p.own}, args[1:]...), env, dir, std)
	default:
		return s.startOwn(by, p.own, env, dir, std, func(c *shell) int { return builtins[p.own](c, append([]string{p.own}, args[1:]...)) })
	}
	out := &handle{st: std[1], by: by}
	inv := &Invocation{Args: args, Env: env, Dir: dir, Umask: s.umask, FS: s.FS,
		Stdin: &handle{st: std[0], by: by}, Stdout: out, Stderr: &handle{st: std[2], by: by},
		Budget: s.budget, Now: s.Now}
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
		f, err := s.FS.Open(name, flag, perm)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
	inv.Exec = func(ctx context.Context, n Nested) int { return s.nested(ctx, by, inv, n, std) }
	inv.Lookup = func(name string) string {
		dirs, _ := env.Get("PATH")
		if strings.Contains(name, "/") {
			dirs = ""
			if info, err := s.FS.Stat(inv.Path(name)); err == nil && info.Mode.Perm()&0o111 != 0 && !info.IsDir() || s.commandAt(name) != "" {
				return name
			}
			return ""
		}
		for _, file := range s.searchPath(dirs, name, false) {
			return file
		}
		return ""
	}
	status := p.cmd(by.context(), inv)
	if out.broken && by.ignored.Load()&(1<<sigPipe) == 0 {
		status = 128 + sigPipe
	}
	if n := by.deadBy(); n != 0 {
		status = 128 + n
	}
	return status & 0xff
}

// runScriptFile executes a file with a run bit: by its #! line, or as a shell script.
func (s *shell) runScriptFile(by *proc, file string, args []string, env Environ, dir string, std [3]*stream) int {
	abs := file
	if !strings.HasPrefix(file, "/") {
		abs = strings.TrimSuffix(dir, "/") + "/" + file
	}
	text, err := s.FS.ReadFile(abs)
	if err != nil {
		s.warnf("%s: %v", file, err)
		return 126
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.IndexByte(first, 0) >= 0 {
		s.warnf("%s: cannot execute binary file: Exec format error", file)
		return 126
	}
	line, isScript := strings.CutPrefix(string(first), "#!")
	interp, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	arg = strings.TrimSpace(arg)
	if path.Base(interp) == "env" {
		arg = strings.TrimSpace(strings.TrimPrefix(arg, "-S"))
		interp, arg, _ = strings.Cut(arg, " ")
		interp = path.Base(interp)
	}
	if !isScript {
		arg = ""
	}
	if base := path.Base(interp); !isScript || base == "bash" || base == "sh" || base == "dash" {
		shArgs := []string{"bash"}
		if base == "sh" || base == "dash" {
			shArgs[0] = "sh"
		}
		if arg != "" {
			shArgs = append(shArgs, arg)
		}
		return s.startShell(by, append(append(shArgs, file), args[1:]...), env, dir, std)
	}
	if !s.isProgram(path.Base(interp)) {
		s.warnf("%s: %s: bad interpreter: No such file or directory", file, interp)
		return 126
	}
	list := []string{interp}
	if arg != "" {
		list = append(list, arg)
	}
	return s.runProgram(by, s.programNamed(path.Base(interp), interp), append(append(list, file), args[1:]...), env, dir, std)
}

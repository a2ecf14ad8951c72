package shell

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// program is something that can be executed.
type program struct {
	path   string
	cmd    Command
	own    string // one of Shells, or a builtin that is a program too
	script []byte // the content of any other file
	level  int    // how many scripts have this one as their interpreter
}

// imageMagic begins the file of a built-in program: a binary, and nothing else that could be run.
const imageMagic = "\x7fELF\x02\x01\x01\x00flue\x00"

// Image is what the file of a built-in program holds. It makes a file that program, under any name: copies and links
// of it are the program, too, and a file that replaces it is not.
func Image(name string) []byte { return []byte(imageMagic + name) }

// Shells are the names under which /bin has the shell.
var Shells = []string{"ash", "bash", "dash", "sh"}

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
	p, err := s.load(file)
	switch err {
	case nil:
		if file != name {
			s.hit(name, file)
		}
		return p, 0
	case vfs.ErrNotExist:
		s.warnf("%s: %v", file, err)
		return p, 127
	}
	s.warnf("%s: %v", name, err)
	return p, 126
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

// load reads a file that is to be executed.
func (s *shell) load(file string) (program, error) {
	p := program{path: file}
	abs := s.abs(file)
	info, err := s.FS.Stat(abs)
	switch {
	case err != nil:
		return p, err
	case info.IsDir():
		return p, vfs.ErrIsDir
	case info.Mode.Perm()&0o111 == 0:
		return p, vfs.ErrPermission
	}
	text, err := s.FS.ReadFile(abs)
	if err != nil {
		return p, err
	}
	image, isImage := bytes.CutPrefix(text, []byte(imageMagic))
	name := string(image)
	switch {
	case isImage && s.Commands[name] != nil:
		p.cmd = s.Commands[name]
	case isImage && (ownCommands[name] != nil || slices.Contains(Shells, name)):
		p.own = name
	default:
		p.script = text
	}
	return p, nil
}

// findProgram searches PATH, as the hash table remembers it; "" is not found.
func (s *shell) findProgram(name string) string {
	if name == "" || name == "." || name == ".." {
		return ""
	}
	if p, ok := s.hashed[name]; ok {
		return p.file
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
		if !s.executable(file) {
			continue
		}
		if found = append(found, file); !all {
			break
		}
	}
	return found
}

// executable says whether a path leads to a file with a run bit.
func (s *shell) executable(file string) bool {
	info, err := s.FS.Stat(s.abs(file))
	return err == nil && info.Mode.IsRegular() && info.Mode.Perm()&0o111 != 0
}

// interpreter finds what a #! line names. Where nothing is at that path, as in scripts that come from other systems, it is
// the program of that name in /bin.
func (s *shell) interpreter(file string, level int) (program, error) {
	p, err := s.load(file)
	if err == vfs.ErrNotExist {
		p, err = s.load("/bin/" + path.Base(file))
	}
	if p.level = level + 1; p.level > maxInterpreters && err == nil {
		err = vfs.ErrLoop
	}
	return p, err
}

// maxInterpreters is how many scripts may be each other's interpreters, as in Linux.
const maxInterpreters = 5

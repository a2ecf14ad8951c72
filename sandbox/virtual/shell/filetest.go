package shell

import (
	"io/fs"
	"strconv"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// unaryTest is -f file and its like, for test and [[ ]].
func (s *shell) unaryTest(op, v string) bool {
	switch op {
	case "-z":
		return v == ""
	case "-n":
		return v != ""
	case "-v":
		return s.isSet(v)
	case "-R":
		x := s.stored(v)
		return x != nil && x.attr&nameref != 0 && x.set
	case "-o":
		bit, ok := setOptions[v]
		return ok && s.opts&bit != 0
	case "-t":
		return false
	case "-h", "-L":
		i, err := s.FS.Lstat(s.abs(v))
		return v != "" && err == nil && i.Mode&fs.ModeSymlink != 0
	}
	if v == "" {
		return false
	}
	i, err := s.stat(v)
	if err != nil {
		return false
	}
	switch op {
	case "-e", "-a":
		return true
	case "-f":
		return i.Mode.IsRegular()
	case "-d":
		return i.IsDir()
	case "-s":
		return i.Size > 0
	case "-r":
		return i.Mode.Perm()&0o444 != 0
	case "-w":
		return i.Mode.Perm()&0o222 != 0
	case "-x":
		return i.Mode.Perm()&0o111 != 0
	case "-p":
		return i.Mode&fs.ModeNamedPipe != 0
	case "-S":
		return i.Mode&fs.ModeSocket != 0
	case "-b":
		return i.Mode&fs.ModeDevice != 0 && i.Mode&fs.ModeCharDevice == 0
	case "-c":
		return i.Mode&fs.ModeCharDevice != 0
	case "-k":
		return i.Mode&fs.ModeSticky != 0
	case "-u":
		return i.Mode&fs.ModeSetuid != 0
	case "-g":
		return i.Mode&fs.ModeSetgid != 0
	case "-O":
		return i.UID == 1000
	case "-G":
		return i.GID == 1000
	case "-N":
		return i.ModTime.After(i.AccessTime)
	}
	return false
}

// stat follows links; the process's own descriptors are files too.
func (s *shell) stat(name string) (vfs.Info, error) {
	abs := s.abs(name)
	if n, ok := devFD(abs); ok {
		return s.handle(n).Stat()
	}
	return s.FS.Stat(abs)
}

// isSet is -v: a variable, an element, or a positional parameter.
func (s *shell) isSet(ref string) bool {
	name, sub, ok := cutSubscript(ref)
	if !ok {
		if n, err := strconv.Atoi(ref); err == nil {
			return n >= 0 && n <= len(s.params)
		}
		_, set := s.value(name)
		return set
	}
	v := s.lookup(s.deref(name))
	if v == nil {
		return false
	}
	if sub == "@" || sub == "*" {
		return len(v.all(s)) > 0
	}
	_, set := s.element(name, sub)
	return set
}

// fileCompare is -nt, -ot and -ef.
func (s *shell) fileCompare(op, a, b string) bool {
	x, err1 := s.stat(a)
	y, err2 := s.stat(b)
	switch op {
	case "-nt":
		return err1 == nil && (err2 != nil || x.ModTime.After(y.ModTime))
	case "-ot":
		return err2 == nil && (err1 != nil || x.ModTime.Before(y.ModTime))
	}
	return err1 == nil && err2 == nil && x.Ino == y.Ino
}

package shell

import (
	"io/fs"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// testParser evaluates the arguments of test and [.
type testParser struct {
	s    *shell
	args []string
	err  string
}

func builtinTest(s *shell, args []string) int {
	name := args[0]
	list := args[1:]
	if name == "[" {
		if len(list) == 0 || list[len(list)-1] != "]" {
			s.warnf("[: missing `]'")
			return 2
		}
		list = list[:len(list)-1]
	}
	p := testParser{s: s, args: list}
	ok := p.byCount(list)
	if p.err != "" {
		s.warnf("%s: %s", name, p.err)
		return 2
	}
	return boolStatus(ok)
}

// byCount applies POSIX's rules for up to four arguments; more are parsed by precedence.
func (p *testParser) byCount(a []string) bool {
	switch len(a) {
	case 0:
		return false
	case 1:
		return a[0] != ""
	case 2:
		if a[0] == "!" {
			return a[1] == ""
		}
		if isUnaryTest(a[0]) {
			return p.s.unaryTest(a[0], a[1])
		}
		p.err = a[0] + ": unary operator expected"
		return false
	case 3:
		switch {
		case isBinaryTest(a[1]):
			return p.binary(a[1], a[0], a[2])
		case a[1] == "-a":
			return a[0] != "" && a[2] != ""
		case a[1] == "-o":
			return a[0] != "" || a[2] != ""
		case a[0] == "!":
			return !p.byCount(a[1:])
		case a[0] == "(" && a[2] == ")":
			return a[1] != ""
		}
		p.err = a[1] + ": binary operator expected"
		return false
	case 4:
		switch {
		case a[0] == "!":
			return !p.byCount(a[1:])
		case a[0] == "(" && a[3] == ")":
			return p.byCount(a[1:3])
		}
	}
	rest := a
	ok := p.or(&rest)
	if p.err == "" && len(rest) > 0 {
		p.err = "too many arguments"
	}
	return ok
}

func (p *testParser) or(a *[]string) bool {
	ok := p.and(a)
	for len(*a) > 0 && (*a)[0] == "-o" && p.err == "" {
		*a = (*a)[1:]
		right := p.and(a)
		ok = ok || right
	}
	return ok
}

func (p *testParser) and(a *[]string) bool {
	ok := p.not(a)
	for len(*a) > 0 && (*a)[0] == "-a" && p.err == "" {
		*a = (*a)[1:]
		right := p.not(a)
		ok = ok && right
	}
	return ok
}

func (p *testParser) not(a *[]string) bool {
	negate := false
	for len(*a) > 1 && (*a)[0] == "!" && !(len(*a) > 2 && isBinaryTest((*a)[1])) {
		negate = !negate
		*a = (*a)[1:]
	}
	return p.primary(a) != negate
}

func (p *testParser) primary(a *[]string) bool {
	list := *a
	switch {
	case len(list) == 0:
		p.err = "argument expected"
		return false
	case len(list) >= 3 && isBinaryTest(list[1]):
		*a = list[3:]
		return p.binary(list[1], list[0], list[2])
	case list[0] == "(":
		*a = list[1:]
		ok := p.or(a)
		if len(*a) == 0 || (*a)[0] != ")" {
			p.err = "`)' expected"
			return false
		}
		*a = (*a)[1:]
		return ok
	case len(list) >= 2 && isUnaryTest(list[0]):
		*a = list[2:]
		return p.s.unaryTest(list[0], list[1])
	}
	*a = list[1:]
	return list[0] != ""
}

func isUnaryTest(op string) bool {
	return len(op) == 2 && op[0] == '-' && strings.IndexByte("abcdefghknoprstuvwxzGLNORS", op[1]) >= 0
}

func isBinaryTest(op string) bool {
	switch op {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~":
		return op != "=~"
	}
	return false
}

func (p *testParser) binary(op, a, b string) bool {
	switch op {
	case "=", "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case ">":
		return a > b
	case "-nt", "-ot", "-ef":
		return p.s.fileCompare(op, a, b)
	}
	n, ok1 := p.integer(a)
	m, ok2 := p.integer(b)
	if !ok1 || !ok2 {
		return false
	}
	return compareInts(op, n, m)
}

func (p *testParser) integer(v string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(v), "+"), 10, 64)
	if err != nil {
		p.err = v + ": integer expression expected"
	}
	return n, err == nil
}

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

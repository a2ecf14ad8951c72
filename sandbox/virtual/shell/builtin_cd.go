package shell

import (
	"path"
	"strconv"
	"strings"
)

func builtinCd(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "LPe@")
	if !ok {
		return 2
	}
	if len(rest) > 1 {
		s.warnf("cd: too many arguments")
		return 1
	}
	physical := s.opts&optPhysical != 0
	for _, o := range opts {
		switch o {
		case "P":
			physical = true
		case "L":
			physical = false
		}
	}
	dir, show := "", false
	switch {
	case len(rest) == 0:
		home, set := s.value("HOME")
		if !set {
			s.warnf("cd: HOME not set")
			return 1
		}
		if dir = home; dir == "" {
			return 0
		}
	case rest[0] == "-":
		old, set := s.value("OLDPWD")
		if !set {
			s.warnf("cd: OLDPWD not set")
			return 1
		}
		dir, show = old, true
	default:
		dir = rest[0]
	}
	if dir == "" {
		return 0
	}
	if len(rest) > 0 && !strings.HasPrefix(dir, "/") && dir != "." && dir != ".." && !strings.HasPrefix(dir, "./") && !strings.HasPrefix(dir, "../") {
		for base := range strings.SplitSeq(s.get("CDPATH"), ":") {
			if base == "" {
				continue
			}
			candidate := strings.TrimSuffix(base, "/") + "/" + dir
			if info, err := s.FS.Stat(s.abs(candidate)); err == nil && info.IsDir() {
				dir, show = candidate, true
				break
			}
		}
	}
	if err := s.chdir(dir, physical); err != nil {
		s.warnf("cd: %s: %v", dir, err)
		return 1
	}
	if show {
		s.text(s.dir + "\n")
	}
	return 0
}

// chdir changes the working directory; with physical, symbolic links are resolved.
func (s *shell) chdir(dir string, physical bool) error {
	target := s.abs(dir)
	if physical {
		real, err := s.FS.Realpath(target)
		if err != nil {
			return err
		}
		target = real
	} else {
		clean := path.Clean(target)
		if info, err := s.FS.Stat(target); err != nil || !info.IsDir() {
			if err != nil {
				return err
			}
			return errNotDir
		}
		target = clean
	}
	info, err := s.FS.Stat(target)
	if err != nil {
		return err
	}
	switch {
	case !info.IsDir():
		return errNotDir
	case info.Mode.Perm()&0o111 == 0:
		return errPermission
	}
	s.setVar("OLDPWD", s.dir)
	s.dir = target
	s.setVar("PWD", target)
	return nil
}

func builtinPwd(s *shell, args []string) int {
	opts, _, ok := s.flags(args, "LP")
	if !ok {
		return 2
	}
	dir := s.dir
	physical := s.opts&optPhysical != 0
	for _, o := range opts {
		physical = o == "P"
	}
	if physical {
		if real, err := s.FS.Realpath(dir); err == nil {
			dir = real
		}
	}
	return boolStatus(s.writeNamed("pwd", []byte(dir+"\n")))
}

// stackDir is ~2 or ~+2 or ~-1: an entry of the directory stack.
func (s *shell) stackDir(spec string) (string, bool) {
	digits := strings.TrimLeft(spec, "+-")
	n, err := strconv.Atoi(digits)
	if err != nil || len(spec)-len(digits) > 1 {
		return "", false
	}
	all := append([]string{s.dir}, s.dirs...)
	if strings.HasPrefix(spec, "-") {
		n = len(all) - 1 - n
	}
	if n < 0 || n >= len(all) {
		return "", false
	}
	return all[n], true
}

// stackIndex reads +N and -N of pushd, popd and dirs.
func (s *shell) stackIndex(name, arg string) (int, bool) {
	n, err := strconv.Atoi(arg[1:])
	size := len(s.dirs) + 1
	if err != nil {
		s.warnf("%s: %s: invalid number", name, arg)
		return 0, false
	}
	if arg[0] == '-' {
		n = size - 1 - n
	}
	if n < 0 || n >= size {
		if len(s.dirs) == 0 {
			s.warnf("%s: directory stack empty", name)
		} else {
			s.warnf("%s: %s: directory stack index out of range", name, arg)
		}
		return 0, false
	}
	return n, true
}

func builtinPushd(s *shell, args []string) int {
	name, rest := args[0], args[1:]
	move := true
	index := ""
	dir := ""
	for len(rest) > 0 {
		a := rest[0]
		rest = rest[1:]
		switch {
		case a == "-n":
			move = false
		case a == "--":
		case len(a) > 1 && (a[0] == '+' || a[0] == '-') && isDigit(a[1]):
			index = a
		case len(a) > 1 && a[0] == '-':
			s.warnf("%s: %s: invalid number", name, a)
			return s.misused(name)
		case dir != "":
			s.warnf("%s: too many arguments", name)
			return 1
		default:
			dir = a
		}
	}
	all := append([]string{s.dir}, s.dirs...)
	if name == "popd" {
		if dir != "" {
			s.warnf("popd: %s: invalid argument", dir)
			return s.misused(name)
		}
		if len(all) == 1 {
			s.warnf("popd: directory stack empty")
			return 1
		}
		n := 0
		if !move {
			n = 1
		}
		if index != "" {
			var ok bool
			if n, ok = s.stackIndex(name, index); !ok {
				return 1
			}
		}
		all = append(all[:n:n], all[n+1:]...)
	} else {
		switch {
		case dir != "":
			if !move {
				all = append([]string{s.dir, dir}, s.dirs...)
				break
			}
			before := all
			if err := s.chdir(dir, false); err != nil {
				s.warnf("pushd: %s: %v", dir, err)
				return 1
			}
			s.dirs = before
			return builtinDirs(s, []string{"dirs"})
		case index != "":
			n, ok := s.stackIndex(name, index)
			if !ok {
				return 1
			}
			all = append(append([]string{}, all[n:]...), all[:n]...)
		case len(all) < 2:
			s.warnf("pushd: no other directory")
			return 1
		default:
			all[0], all[1] = all[1], all[0]
		}
	}
	if move && all[0] != s.dir {
		if err := s.chdir(all[0], false); err != nil {
			s.warnf("%s: %s: %v", name, all[0], err)
			return 1
		}
	}
	s.dirs = all[1:]
	return builtinDirs(s, []string{"dirs"})
}

func builtinDirs(s *shell, args []string) int {
	long, perLine, numbered := false, false, false
	index := ""
	for _, a := range args[1:] {
		switch {
		case len(a) > 1 && (a[0] == '+' || a[0] == '-') && isDigit(a[1]):
			index = a
		case a == "-c":
			s.dirs = nil
			return 0
		case len(a) > 1 && a[0] == '-' && strings.Trim(a[1:], "lpvc") == "":
			long = long || strings.Contains(a, "l")
			perLine = perLine || strings.Contains(a, "p")
			numbered = numbered || strings.Contains(a, "v")
		case len(a) > 0 && a[0] == '-':
			s.warnf("dirs: %s: invalid number", a)
			return s.misused("dirs")
		default:
			s.warnf("dirs: %s: invalid argument", a)
			return 1
		}
	}
	all := append([]string{s.dir}, s.dirs...)
	show := make([]string, len(all))
	home := s.get("HOME")
	for i, d := range all {
		if !long && home != "" && (d == home || strings.HasPrefix(d, strings.TrimSuffix(home, "/")+"/")) {
			d = "~" + d[len(home):]
		}
		show[i] = d
	}
	if index != "" {
		n, ok := s.stackIndex("dirs", index)
		if !ok {
			return 1
		}
		s.text(show[n] + "\n")
		return 0
	}
	switch {
	case numbered:
		for i, d := range show {
			s.text(strings.Repeat(" ", max(0, 2-len(strconv.Itoa(i)))) + strconv.Itoa(i) + "  " + d + "\n")
		}
	case perLine:
		s.text(strings.Join(show, "\n") + "\n")
	default:
		s.text(strings.Join(show, " ") + "\n")
	}
	return 0
}

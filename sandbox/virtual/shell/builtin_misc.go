package shell

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const (
	errNotDir     = vfs.ErrNotDir
	errPermission = vfs.ErrPermission
)

func builtinCaller(s *shell, args []string) int {
	n := 0
	if len(args) > 1 {
		var ok bool
		if n, ok = number(args[1]); !ok {
			s.warnf("caller: %s: invalid number", args[1])
			return 2
		}
	}
	i := len(s.frames) - 1 - n
	if i < 0 {
		return 1
	}
	f := s.frames[i]
	caller, source := "main", s.mainFile
	if i > 0 {
		caller, source = s.frames[i-1].name, s.frames[i-1].source
	}
	if source == "" {
		if source = s.mainFile; source == "" {
			source = "NULL"
		}
	}
	if len(args) > 1 {
		s.text(fmt.Sprintf("%d %s %s\n", f.line, caller, source))
	} else {
		s.text(fmt.Sprintf("%d %s\n", f.line, source))
	}
	return 0
}

func builtinGetopts(s *shell, args []string) int {
	if len(args) < 3 {
		return s.usage("getopts", "usage: getopts optstring name [arg ...]")
	}
	spec, name := args[1], args[2]
	list := s.params
	if len(args) > 3 {
		list = args[3:]
	}
	silent := strings.HasPrefix(spec, ":")
	if !validName(name) {
		s.warnf("getopts: `%s': not a valid identifier", name)
		return 1
	}
	index, err := strconv.Atoi(s.get("OPTIND"))
	if err != nil || index < 1 {
		index = 1
	}
	place := s.getopt
	finish := func(opt string) int {
		s.setVar("OPTIND", strconv.Itoa(index))
		s.getopt = place
		s.setVar(name, opt)
		return boolStatus(opt != "?" || place != -1)
	}
	end := func() int {
		place = 0
		index = min(index, len(list)+1)
		s.setVar("OPTIND", strconv.Itoa(index))
		s.getopt = 0
		s.setVar(name, "?")
		s.unsetVar("OPTARG")
		return 1
	}
	if place == 0 {
		if index > len(list) {
			return end()
		}
		arg := list[index-1]
		if len(arg) < 2 || arg[0] != '-' {
			return end()
		}
		if arg == "--" {
			index++
			return end()
		}
		place = 1
	}
	if index > len(list) || place >= len(list[index-1]) {
		place = 0
		return end()
	}
	arg := list[index-1]
	c := arg[place]
	place++
	last := place >= len(arg)
	at := strings.IndexByte(strings.TrimPrefix(spec, ":"), c)
	if at < 0 || c == ':' {
		if last {
			index, place = index+1, 0
		}
		if silent {
			s.setVar("OPTARG", string(c))
		} else {
			s.unsetVar("OPTARG")
			if s.get("OPTERR") != "0" {
				s.errln(s.arg0 + ": illegal option -- " + string(c))
			}
		}
		return finish("?")
	}
	opts := strings.TrimPrefix(spec, ":")
	if at+1 < len(opts) && opts[at+1] == ':' {
		switch {
		case !last:
			s.setVar("OPTARG", arg[place:])
			index++
		case index < len(list):
			s.setVar("OPTARG", list[index])
			index += 2
		default:
			index++
			place = 0
			if silent {
				s.setVar("OPTARG", string(c))
				return finish(":")
			}
			s.unsetVar("OPTARG")
			if s.get("OPTERR") != "0" {
				s.errln(s.arg0 + ": option requires an argument -- " + string(c))
			}
			return finish("?")
		}
		place = 0
		return finish(string(c))
	}
	s.unsetVar("OPTARG")
	if last {
		index, place = index+1, 0
	}
	return finish(string(c))
}

func builtinTimes(s *shell, _ []string) int {
	s.text("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func builtinUlimit(s *shell, args []string) int {
	values := []struct{ letter, name, value string }{
		{"c", "core file size              (blocks, -c)", "0"},
		{"d", "data seg size               (kbytes, -d)", "unlimited"},
		{"f", "file size                   (blocks, -f)", "unlimited"},
		{"n", "open files                          (-n)", formatInt(s.budget.Limits.Descriptors)},
		{"s", "stack size                  (kbytes, -s)", "8192"},
		{"t", "cpu time                   (seconds, -t)", "unlimited"},
		{"u", "max user processes                  (-u)", formatInt(s.budget.Limits.Jobs)},
		{"v", "virtual memory              (kbytes, -v)", "unlimited"},
	}
	letter := "f"
	for _, a := range args[1:] {
		if !strings.HasPrefix(a, "-") {
			return 0 // limits are the sandbox's own: setting one changes nothing
		}
		for _, c := range a[1:] {
			if c == 'a' {
				for _, v := range values {
					s.text(v.name + " " + v.value + "\n")
				}
				return 0
			}
			if c != 'H' && c != 'S' {
				letter = string(c)
			}
		}
	}
	for _, v := range values {
		if v.letter == letter {
			s.text(v.value + "\n")
			return 0
		}
	}
	return s.usage("ulimit", "-%s: invalid option", letter)
}

func builtinUmask(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "pS")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		switch {
		case has(opts, "S"):
			text := ""
			for i, who := range []string{"u", "g", "o"} {
				bits := ^s.umask >> (6 - 3*i) & 7
				text += who + "="
				for j, c := range "rwx" {
					if bits&(4>>j) != 0 {
						text += string(c)
					}
				}
				text += ","
			}
			s.text(strings.TrimSuffix(text, ",") + "\n")
		case has(opts, "p"):
			s.text(fmt.Sprintf("umask %04o\n", s.umask))
		default:
			s.text(fmt.Sprintf("%04o\n", s.umask))
		}
		return 0
	}
	if isDigit(rest[0][0]) {
		n, err := strconv.ParseUint(rest[0], 8, 16)
		if err != nil || n > 0o777 {
			s.warnf("umask: %s: octal number out of range", rest[0])
			return 1
		}
		s.umask = fs.FileMode(n)
		return 0
	}
	mask, ok := symbolicMask(rest[0], s.umask)
	if !ok {
		s.warnf("umask: `%c': invalid symbolic mode character", rest[0][0])
		return 1
	}
	s.umask = mask
	return 0
}

// symbolicMask applies u=rwx,g+w,o-x to the complement of a mask.
func symbolicMask(spec string, mask fs.FileMode) (fs.FileMode, bool) {
	perm := ^mask & 0o777
	for clause := range strings.SplitSeq(spec, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			return 0, false
		}
		who := fs.FileMode(0)
		for _, c := range clause[:i] {
			switch c {
			case 'u':
				who |= 0o700
			case 'g':
				who |= 0o070
			case 'o':
				who |= 0o007
			case 'a':
				who |= 0o777
			default:
				return 0, false
			}
		}
		if who == 0 {
			who = 0o777
		}
		bits := fs.FileMode(0)
		for _, c := range clause[i+1:] {
			switch c {
			case 'r':
				bits |= 0o444
			case 'w':
				bits |= 0o222
			case 'x':
				bits |= 0o111
			default:
				return 0, false
			}
		}
		switch clause[i] {
		case '+':
			perm |= bits & who
		case '-':
			perm &^= bits & who
		default:
			perm = perm&^who | bits&who
		}
	}
	return ^perm & 0o777, true
}

func builtinCompgen(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "abcdefgjksuvo:A:W:F:C:P:S:X:G:")
	if !ok {
		return 2
	}
	word := ""
	if len(rest) > 0 {
		word = rest[0]
	}
	var found []string
	prefix, suffix, exclude := "", "", ""
	add := func(names ...string) {
		for _, name := range names {
			if strings.HasPrefix(name, word) {
				found = append(found, name)
			}
		}
	}
	for _, o := range opts {
		letter, value, _ := strings.Cut(o, "=")
		if letter == "A" {
			letter = map[string]string{"function": "fn", "alias": "a", "builtin": "b", "command": "c", "directory": "d", "export": "e",
				"file": "f", "job": "j", "keyword": "k", "variable": "v", "setopt": "setopt", "shopt": "shopt", "helptopic": "b",
				"signal": "sig", "user": "u", "arrayvar": "arr", "group": "g", "hostname": "h", "running": "r", "service": "s",
				"stopped": "r", "binding": "h", "disabled": "r", "enabled": "b"}[value]
			if letter == "" {
				return s.usage("compgen", "%s: invalid action name", value)
			}
		}
		switch letter {
		case "P":
			prefix = value
		case "S":
			suffix = value
		case "X":
			exclude = value
		case "a":
			add(sortedKeys(s.aliases)...)
		case "b":
			add(sortedKeys(builtins)...)
		case "fn":
			add(sortedKeys(s.funcs)...)
		case "setopt":
			add(sortedKeys(setOptions)...)
		case "shopt":
			add(sortedKeys(shoptOptions)...)
		case "u":
			add("agent", "root")
		case "k":
			add("!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select",
				"then", "time", "until", "while", "{", "}")
		case "sig":
			for n := 1; n < len(signalNames); n++ {
				add("SIG" + signalNames[n])
			}
		case "c":
			add(sortedKeys(s.aliases)...)
			add(sortedKeys(s.funcs)...)
			add(sortedKeys(builtins)...)
			add(sortedKeys(s.Commands)...)
		case "v", "e", "arr":
			s.visible(func(name string, v *variable) {
				if letter == "v" || letter == "e" && v.attr&exported != 0 || letter == "arr" && v.isArray() {
					add(name)
				}
			})
		case "d", "f":
			for _, name := range s.glob(escapePattern(word) + "*") {
				if info, err := s.FS.Stat(s.abs(name)); letter == "f" || err == nil && info.IsDir() {
					add(name)
				}
			}
		case "W":
			b := builder{s: s, split: true}
			b.splitText(s.expandQuoted(value))
			add(b.finish()...)
		case "G":
			found = append(found, s.glob(value)...)
		case "C":
			out := &capture{budget: s.budget}
			s.subshellRun(func(c *shell) int {
				c.setFD(1, c.newStream(&stream{out: out}))
				return c.runText(value+" '' "+quoteSingle(word)+" ''", "compgen")
			})
			s.budget.Release(len(out.buf))
			found = append(found, strings.Fields(string(out.buf))...)
		case "F":
			if fn := s.funcs[value]; fn != nil {
				s.callFunc(fn, []string{value, "", word, ""}, nil)
				if v := s.lookup("COMPREPLY"); v != nil {
					found = append(found, v.all(s)...)
				}
			}
		}
	}
	n := 0
	for _, name := range found {
		if exclude != "" {
			pattern, negate := strings.CutPrefix(exclude, "!")
			if s.match(pattern, name) != negate {
				continue
			}
		}
		n++
		s.text(prefix + name + suffix + "\n")
	}
	return boolStatus(n > 0)
}

func escapePattern(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if strings.IndexByte(`*?[]\`, v[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(v[i])
	}
	return b.String()
}

func builtinHelp(s *shell, args []string) int {
	if len(args) == 1 {
		s.text("These shell commands are defined internally: " + strings.Join(sortedKeys(builtins), " ") + "\n")
		return 0
	}
	status := 1
	for _, name := range args[1:] {
		if builtins[name] != nil {
			s.text(name + ": " + name + " is a shell builtin\n")
			status = 0
		}
	}
	if status != 0 {
		s.warnf("help: no help topics match `%s'.", args[1])
	}
	return status
}

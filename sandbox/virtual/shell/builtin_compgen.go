package shell

import "strings"

// keywords are the words that the grammar has.
var keywords = []string{"!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
	"select", "then", "time", "until", "while", "{", "}"}

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
				s.warnf("compgen: %s: invalid action name", value)
				return 2
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
			add(allShopts()...)
		case "u":
			add("agent", "root")
		case "k":
			add(keywords...)
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
			s.warnf("compgen: warning: -C option may not work as you expect")
			out := &capture{budget: s.budget}
			s.subshellRun(func(c *shell) int {
				c.setFD(1, c.newStream(&stream{out: out}))
				return c.runText(value+" compgen "+quoteSingle(word)+" ''", "compgen")
			})
			s.budget.Release(len(out.buf))
			found = append(found, strings.Fields(string(out.buf))...)
		case "F":
			s.warnf("compgen: warning: -F option may not work as you expect")
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

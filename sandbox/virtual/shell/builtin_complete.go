package shell

import (
	"slices"
	"strings"
)

// completion is what complete was told of a command: the options of compgen that make its words.
type completion struct {
	options []string // of -o
	actions []string // of -A, or as letters
	args    map[byte]string
}

// completionActions are the actions of -A; those with a letter are shown by it.
var completionActions = map[string]string{"alias": "a", "builtin": "b", "command": "c", "directory": "d", "export": "e", "file": "f", "group": "g",
	"job": "j", "keyword": "k", "service": "s", "user": "u", "variable": "v", "arrayvar": "", "binding": "", "disabled": "", "enabled": "",
	"function": "", "helptopic": "", "hostname": "", "running": "", "setopt": "", "shopt": "", "signal": "", "stopped": ""}

var completionOptions = []string{"bashdefault", "default", "dirnames", "filenames", "noquote", "nosort", "nospace", "plusdirs"}

// completionNames are what -D, -E and -I stand for, in the place of a command's name.
var completionNames = map[string]string{"D": "-D", "E": "-E", "I": "-I"}

func builtinComplete(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "abcdefgjksuvpro:A:W:F:C:P:S:X:G:DEI")
	if !ok {
		return 2
	}
	spec := completion{args: map[byte]string{}}
	for _, o := range opts {
		letter, value, _ := strings.Cut(o, "=")
		switch {
		case completionNames[letter] != "":
			names = []string{completionNames[letter]}
		case letter == "o":
			if !slices.Contains(completionOptions, value) {
				s.warnf("complete: %s: invalid option name", value)
				return 2
			}
			spec.options = append(spec.options, value)
		case letter == "A":
			if _, known := completionActions[value]; !known {
				s.warnf("complete: %s: invalid action name", value)
				return 2
			}
			spec.actions = append(spec.actions, value)
		case strings.Contains("WFCPSXG", letter):
			spec.args[letter[0]] = value
		case letter != "p" && letter != "r":
			for action, l := range completionActions {
				if l == letter {
					spec.actions = append(spec.actions, action)
				}
			}
		}
	}
	switch {
	case has(opts, "r"):
		return s.removeCompletions(names)
	case has(opts, "p") || len(opts) == 0 && len(names) == 0:
		return s.printCompletions(names)
	case len(names) == 0:
		return s.misused("complete")
	}
	all := cloneMap(s.completions)
	for _, name := range names {
		all[name] = spec
	}
	s.completions = all
	return 0
}

func (s *shell) removeCompletions(names []string) int {
	all := cloneMap(s.completions)
	if len(names) == 0 {
		clear(all)
	}
	for _, name := range names {
		delete(all, name)
	}
	s.completions = all
	return 0
}

func (s *shell) printCompletions(names []string) int {
	if len(names) == 0 {
		names = sortedKeys(s.completions)
	}
	status := 0
	for _, name := range names {
		if spec, known := s.completions[name]; known {
			s.text("complete " + spec.text() + name + "\n")
		} else {
			s.warnf("complete: %s: no completion specification", name)
			status = 1
		}
	}
	return status
}

// text is the specification as complete -p shows it, with a space behind each part.
func (c completion) text() string {
	var b strings.Builder
	for _, o := range completionOptions {
		if slices.Contains(c.options, o) {
			b.WriteString("-o " + o + " ")
		}
	}
	names := sortedKeys(completionActions)
	for _, byLetter := range []bool{true, false} {
		for _, action := range names {
			letter := completionActions[action]
			switch {
			case !slices.Contains(c.actions, action) || (letter != "") != byLetter:
			case byLetter:
				b.WriteString("-" + letter + " ")
			default:
				b.WriteString("-A " + action + " ")
			}
		}
	}
	for _, letter := range []byte("GWPSXCF") {
		value, given := c.args[letter]
		if !given {
			continue
		}
		if letter != 'F' {
			value = quoteSingle(value)
		}
		b.WriteString("-" + string(letter) + " " + value + " ")
	}
	return b.String()
}

// builtinCompopt changes the options of a specification; there is none that is being carried out.
func builtinCompopt(s *shell, args []string) int {
	on, off := []string{}, []string{}
	rest := args[1:]
	var names []string
	for len(rest) > 0 {
		switch a := rest[0]; {
		case completionNames[strings.TrimPrefix(a, "-")] == a:
			names = append(names, a)
		case (a == "-o" || a == "+o") && len(rest) > 1:
			if !slices.Contains(completionOptions, rest[1]) {
				s.warnf("compopt: %s: invalid option name", rest[1])
				return 1
			}
			if a == "-o" {
				on = append(on, rest[1])
			} else {
				off = append(off, rest[1])
			}
			rest = rest[1:]
		case len(a) > 1 && (a[0] == '-' || a[0] == '+'):
			return s.badOption("compopt", a[:2])
		default:
			names = append(names, a)
		}
		rest = rest[1:]
	}
	if len(names) == 0 {
		s.warnf("compopt: not currently executing completion function")
		return 1
	}
	status := 0
	all := cloneMap(s.completions)
	for _, name := range names {
		spec, known := all[name]
		if !known {
			s.warnf("compopt: %s: no completion specification", name)
			status = 1
			continue
		}
		spec.options = slices.DeleteFunc(slices.Concat(spec.options, on), func(o string) bool { return slices.Contains(off, o) })
		all[name] = spec
	}
	s.completions = all
	return status
}

// builtinBind is bind, which has no line editor to configure.
func builtinBind(s *shell, args []string) int {
	s.warnf("bind: warning: line editing not enabled")
	if _, _, ok := s.flags(args, "lpsvPSVXm:f:q:u:r:x:"); !ok {
		return 2
	}
	return 0
}

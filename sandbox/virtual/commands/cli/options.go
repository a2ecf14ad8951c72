// Package cli is what the commands share: GNU option parsing and line input. Start at Spec.Parse.
package cli

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// Spec says which options a command knows.
type Spec struct {
	// Usage is the text of --help after "Usage: NAME ": the synopsis, and lines about the options.
	Usage string
	// Short is as in getopt(3): a letter, with ":" if it takes an argument and "::" if it may take one.
	// "#" stands for -NUM, whose digits are the value.
	Short string
	// Long has the long options, separated by spaces, each with ":" or "::" as in Short, and "=key" for the
	// Key it is reported by: "ignore-case=i context:=C color::". Without "=key" the Key is the name.
	Long string
	// Posix ends the options at the first operand: env, xargs, awk. The variable POSIXLY_CORRECT does so for all.
	Posix bool
	// Last has the letters of short options behind which all is operands: awk -E.
	Last string
	// Lenient leaves mistakes to the command: an unknown option and all behind it are operands, and an option whose
	// argument is missing is named by Parsed. awk passes options that are not its own to its program.
	Lenient bool
	// Fail is the status of a usage error; 0 means 1.
	Fail int
	// Hint is the line after a usage error, with NAME for the command's name; "" is GNU's.
	Hint string
}

// Option is one option as it was given.
type Option struct {
	Key   string
	Value string
	Has   bool // a value was given: tells --color from --color=
}

// Parsed is a command line: options in their order, then operands.
type Parsed struct {
	Options  []Option
	Operands []string
	// Of a Lenient command: what is wrong with the option that the operands begin with, and the key of the option that has
	// no argument.
	Problem string
	Missing string
}

// Parse reads inv.Args[1:]. It answers --help and --version and reports usage errors itself: then Parsed is nil and
// the command returns the status.
func (s *Spec) Parse(inv *shell.Invocation) (*Parsed, int) {
	p := &Parsed{}
	args := inv.Args[1:]
	_, posix := inv.Env.Get("POSIXLY_CORRECT")
	posix = posix || s.Posix
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case s.Last != "" && len(p.Options) > 0 && strings.Contains(s.Last, p.Options[len(p.Options)-1].Key):
			p.Operands = args[i:]
			return p, 0
		case arg == "--":
			p.Operands = append(p.Operands, args[i+1:]...)
			return p, 0
		case strings.HasPrefix(arg, "--"):
			o, problem := s.long(arg[2:], func() (string, bool) {
				if i++; i < len(args) {
					return args[i], true
				}
				return "", false
			})
			switch {
			case problem != "" && s.Lenient:
				if i == len(args) {
					p.Missing = o.Key
				} else {
					p.Problem, p.Operands = problem, args[i:]
				}
				return p, 0
			case problem != "":
				return nil, s.Misuse(inv, "%s", problem)
			case o.Key == "help":
				io.WriteString(inv.Stdout, "Usage: "+path.Base(inv.Args[0])+" "+strings.TrimSuffix(s.Usage, "\n")+"\n")
				return nil, 0
			case o.Key == "version":
				fmt.Fprintf(inv.Stdout, "%s (flue, compatible with GNU)\n", path.Base(inv.Args[0]))
				return nil, 0
			}
			p.Options = append(p.Options, o)
		case len(arg) > 1 && arg[0] == '-':
			for rest := arg[1:]; rest != ""; {
				o := Option{Key: rest[:1]}
				rest = rest[1:]
				switch s.short(o.Key[0]) {
				case '!':
					if s.Lenient {
						p.Problem, p.Operands = fmt.Sprintf("invalid option -- '%s'", o.Key), args[i:]
						return p, 0
					}
					return nil, s.Misuse(inv, "invalid option -- '%s'", o.Key)
				case '#':
					end := 0
					for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
						end++
					}
					o = Option{"#", o.Key + rest[:end], true}
					rest = rest[end:]
				case '?':
					o.Value, o.Has, rest = rest, rest != "", ""
				case ':':
					if rest == "" {
						if i++; i >= len(args) {
							if s.Lenient {
								p.Missing = o.Key
								return p, 0
							}
							return nil, s.Misuse(inv, "option requires an argument -- '%s'", o.Key)
						}
						rest = args[i]
					}
					o.Value, o.Has, rest = rest, true, ""
				}
				p.Options = append(p.Options, o)
			}
		case posix:
			p.Operands = append(p.Operands, args[i:]...)
			return p, 0
		default:
			p.Operands = append(p.Operands, arg)
		}
	}
	return p, 0
}

// short says what follows the letter c: ' ' nothing, ':' an argument, '?' perhaps one, '#' a number's digits, '!' unknown.
func (s *Spec) short(c byte) byte {
	if c >= '0' && c <= '9' && strings.IndexByte(s.Short, '#') >= 0 {
		return '#'
	}
	i := strings.IndexByte(s.Short, c)
	switch {
	case i < 0 || c == ':' || c == '#':
		return '!'
	case strings.HasPrefix(s.Short[i+1:], "::"):
		return '?'
	case strings.HasPrefix(s.Short[i+1:], ":"):
		return ':'
	}
	return ' '
}

// long finds the long option arg, which may be abbreviated; next takes the following argument.
func (s *Spec) long(arg string, next func() (string, bool)) (o Option, problem string) {
	name, value, has := strings.Cut(arg, "=")
	var found, kind string
	var all []string
	exact := false
	for _, f := range append(strings.Fields(s.Long), "help", "version") {
		def, key, renamed := strings.Cut(f, "=")
		bare := strings.TrimRight(def, ":")
		if !strings.HasPrefix(bare, name) || exact {
			continue
		}
		if !renamed {
			key = bare
		}
		if exact = bare == name; exact {
			all = nil
		}
		if len(all) == 0 || key != o.Key {
			all = append(all, "'--"+bare+"'")
		}
		found, kind, o.Key = bare, def[len(bare):], key
	}
	switch {
	case len(all) == 0:
		return o, fmt.Sprintf("unrecognized option '--%s'", name)
	case len(all) > 1:
		return o, fmt.Sprintf("option '--%s' is ambiguous; possibilities: %s", arg, strings.Join(all, " "))
	case has && kind == "":
		return o, fmt.Sprintf("option '--%s' doesn't allow an argument", found)
	case !has && kind == ":":
		if value, has = next(); !has {
			return o, fmt.Sprintf("option '--%s' requires an argument", found)
		}
	}
	o.Value, o.Has = value, has
	return o, ""
}

// Misuse reports a usage error, points at --help, and returns the status for it.
func (s *Spec) Misuse(inv *shell.Invocation, format string, args ...any) int {
	inv.Errorf(format, args...)
	return s.Hinted(inv)
}

// Hinted points at --help after usage errors that were reported already, and returns the status for them.
func (s *Spec) Hinted(inv *shell.Invocation) int {
	hint := cmp.Or(s.Hint, "Try 'NAME --help' for more information.")
	fmt.Fprintln(inv.Stderr, strings.ReplaceAll(hint, "NAME", path.Base(inv.Args[0])))
	if s.Fail != 0 {
		return s.Fail
	}
	return 1
}

package commands

import (
	"context"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var getoptSpec = cli.Spec{
	Usage: `OPTSTRING PARAMETERS
       getopt [OPTION]... [--] OPTSTRING PARAMETERS
       getopt [OPTION]... -o OPTSTRING [--] PARAMETERS
Put the options of a script in order and quote them, for "eval set --".

  -a, --alternative          allow long options that begin with one -
  -l, --longoptions LONGOPTS the long options to be recognized, between commas
  -n, --name PROGNAME        the name under which errors are reported
  -o, --options OPTSTRING    the short options to be recognized
  -q, --quiet                no error messages
  -Q, --quiet-output         no output
  -s, --shell SHELL          quote as sh, bash, csh or tcsh does
  -T, --test                 only say that this is the enhanced getopt: status 4
  -u, --unquoted             do not quote the output
`,
	Short: "al:n:o:qQs:Tu",
	Long:  "alternative=a longoptions:=l long:=l name:=n options:=o quiet=q quiet-output=Q shell:=s test=T unquoted=u",
	Posix: true, Fail: 2,
}

// optionParser is one call of getopt.
type optionParser struct {
	inv                *shell.Invocation
	name, short        string
	long               []string
	alternative, quiet bool
	unquoted           bool
	options, operands  []string
	failed             bool
}

func getopt(_ context.Context, inv *shell.Invocation) int {
	p, status := getoptSpec.Parse(inv)
	if p == nil {
		return status
	}
	g := &optionParser{inv: inv, name: "getopt"}
	silent, given := false, false
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			g.alternative = true
		case "l":
			g.long = append(g.long, strings.FieldsFunc(o.Value, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })...)
		case "n":
			g.name = o.Value
		case "o":
			g.short, given = o.Value, true
		case "q":
			g.quiet = true
		case "Q":
			silent = true
		case "T":
			return 4
		case "u":
			g.unquoted = true
		}
	}
	args := p.Operands
	if !given {
		if len(args) == 0 {
			return getoptSpec.Misuse(inv, "missing optstring argument")
		}
		g.unquoted = g.unquoted || len(p.Options) == 0 && len(inv.Args) > 1 && inv.Args[1] != "--" // the old way
		g.short, args = args[0], args[1:]
	}
	g.parse(args)
	if !silent {
		line := ""
		for _, s := range g.options {
			line += " " + s
		}
		line += " --"
		for _, s := range g.operands {
			line += " " + g.quote(s)
		}
		if _, err := io.WriteString(inv.Stdout, line+"\n"); err != nil {
			return 1
		}
	}
	if g.failed {
		return 1
	}
	return 0
}

func (g *optionParser) quote(s string) string {
	if g.unquoted {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (g *optionParser) problem(text string) {
	g.failed = true
	if !g.quiet {
		io.WriteString(g.inv.Stderr, g.name+": "+text+"\n")
	}
}

// parse sorts args into options and operands. A "+" before the short options ends them at the first operand, a "-"
// leaves operands where they are.
func (g *optionParser) parse(args []string) {
	_, posix := g.inv.Env.Get("POSIXLY_CORRECT")
	inPlace := false
	if short := strings.TrimLeft(g.short, "+-"); short != g.short {
		posix, inPlace = g.short[0] == '+', g.short[0] == '-'
		g.short = short
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func() (string, bool) {
			if i+1 < len(args) {
				i++
				return args[i], true
			}
			return "", false
		}
		switch {
		case arg == "--":
			g.operands = append(g.operands, args[i+1:]...)
			return
		case strings.HasPrefix(arg, "--"):
			g.longOption(arg[2:], "--", next)
		case len(arg) < 2 || arg[0] != '-':
			if posix {
				g.operands = append(g.operands, args[i:]...)
				return
			}
			if inPlace {
				g.options = append(g.options, g.quote(arg))
			} else {
				g.operands = append(g.operands, arg)
			}
		case g.alternative && (len(arg) > 2 || strings.IndexByte(g.short, arg[1]) < 0) && g.isLong(arg[1:]):
			g.longOption(arg[1:], "-", next)
		default:
			g.shortOptions(arg[1:], next)
		}
	}
}

func (g *optionParser) shortOptions(letters string, next func() (string, bool)) {
	for letters != "" {
		c := letters[:1]
		letters = letters[1:]
		at := strings.Index(g.short, c)
		if at < 0 || c == ":" {
			g.problem("invalid option -- '" + c + "'")
			continue
		}
		kind := g.short[at+1:]
		g.options = append(g.options, "-"+c)
		switch {
		case strings.HasPrefix(kind, "::"):
			g.options = append(g.options, g.quote(letters))
			return
		case strings.HasPrefix(kind, ":"):
			if letters == "" {
				value, ok := next()
				if !ok {
					g.options = g.options[:len(g.options)-1]
					g.problem("option requires an argument -- '" + c + "'")
					return
				}
				letters = value
			}
			g.options = append(g.options, g.quote(letters))
			return
		}
	}
}

// candidates are the long options that name is or begins.
func (g *optionParser) candidates(name string) (list []string) {
	for _, l := range g.long {
		if bare := strings.TrimRight(l, ":"); bare == name {
			return []string{l}
		} else if strings.HasPrefix(bare, name) {
			list = append(list, l)
		}
	}
	return list
}

func (g *optionParser) isLong(text string) bool {
	name, _, _ := strings.Cut(text, "=")
	return len(g.candidates(name)) > 0
}

func (g *optionParser) longOption(text, dashes string, next func() (string, bool)) {
	name, value, has := strings.Cut(text, "=")
	list := g.candidates(name)
	switch {
	case len(list) == 0:
		g.problem("unrecognized option '" + dashes + name + "'")
		return
	case len(list) > 1:
		shown := ""
		for _, l := range list {
			shown += " '" + dashes + strings.TrimRight(l, ":") + "'"
		}
		g.problem("option '" + dashes + text + "' is ambiguous; possibilities:" + shown)
		return
	}
	bare := strings.TrimRight(list[0], ":")
	switch colons := len(list[0]) - len(bare); {
	case colons == 0 && has:
		g.problem("option '" + dashes + bare + "' doesn't allow an argument")
		return
	case colons == 0:
		g.options = append(g.options, "--"+bare)
		return
	case colons == 1 && !has:
		if value, has = next(); !has {
			g.problem("option '" + dashes + bare + "' requires an argument")
			return
		}
	}
	g.options = append(g.options, "--"+bare, g.quote(value))
}

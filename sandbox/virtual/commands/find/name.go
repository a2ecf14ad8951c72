package find

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
)

func glob(pattern string, fold bool) func(string) bool {
	if !fold {
		return cli.Glob(pattern)
	}
	match := cli.Glob(strings.ToLower(pattern))
	return func(s string) bool { return match(strings.ToLower(s)) }
}

func nameTest(_ *parser, name, arg string) (node, error) {
	match := glob(arg, name == "-iname")
	return test(func(_ *finder, e *entry) bool { return match(base(e.name)) }), nil
}

func pathTest(_ *parser, name, arg string) (node, error) {
	match := glob(arg, name[1] == 'i')
	return test(func(_ *finder, e *entry) bool { return match(e.name) }), nil
}

func linkTest(_ *parser, name, arg string) (node, error) {
	match := glob(arg, name[1] == 'i')
	return test(func(_ *finder, e *entry) bool { return e.info.Mode&fs.ModeSymlink != 0 && match(e.info.Target) }), nil
}

// syntaxes are the values of -regextype.
var syntaxes = map[string]regex.Syntax{
	"findutils-default": regex.BRE, "emacs": regex.BRE, "ed": regex.BRE, "grep": regex.BRE, "sed": regex.BRE, "posix-basic": regex.BRE,
	"posix-minimal-basic": regex.BRE, "gnu-awk": regex.ERE, "posix-awk": regex.ERE, "awk": regex.ERE,
	"posix-egrep": regex.ERE, "egrep": regex.ERE, "posix-extended": regex.ERE,
}

func regexTest(p *parser, name, arg string) (node, error) {
	pattern := arg
	if p.syntax == "findutils-default" || p.syntax == "emacs" {
		pattern = regex.FromEmacs(pattern)
	}
	flags := regex.Lines
	if name == "-iregex" {
		flags |= regex.IgnoreCase
	}
	re, err := regex.Compile(pattern, syntaxes[p.syntax], flags)
	if err != nil {
		return nil, fmt.Errorf("failed to compile regular expression '%s': %w", arg, err)
	}
	return test(func(_ *finder, e *entry) bool { return re.MatchString(e.name) }), nil
}

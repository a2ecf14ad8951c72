package grep

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// request is what options say of the patterns, and what is to be seen only when all options are known.
type request struct {
	patterns  []string
	given     bool // by -e or -f
	syntax    regex.Syntax
	chosen    bool // the syntax, by an option or the command's name
	flags     regex.Flags
	withNames byte // 'H', or 'h' or 'I' for not: whether to print file names; 0 if that was not said
	context   int  // -C; -1 if there is none
}

// add adds patterns of -e or -f.
func (r *request) add(patterns []string) {
	r.patterns, r.given = append(r.patterns, patterns...), true
}

// compile makes g.re of the patterns; false after a complaint.
func (g *grep) compile(r *request) bool {
	if len(r.patterns) == 0 {
		return true
	}
	if r.syntax == regex.Perl && len(r.patterns) > 1 {
		g.inv.Errorf("the -P option only supports a single pattern")
		return false
	}
	flags := r.flags
	if !g.utf8 {
		flags |= regex.Bytes
	}
	var err error
	if g.re, err = regex.CompileAny(r.patterns, r.syntax, flags); err != nil {
		g.inv.Errorf("%v", err)
		return false
	}
	for _, w := range g.re.Warnings {
		g.inv.Errorf("warning: %s", w)
	}
	return true
}

// readLines reads a file of patterns; false after a complaint.
func (g *grep) readLines(name string) ([]string, bool) {
	text, err := g.readFile(name)
	if err != nil {
		g.inv.Errorf("%s: %v", name, err)
		return nil, false
	}
	if len(text) == 0 {
		return nil, true
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), true
}

func (g *grep) readFile(name string) ([]byte, error) {
	r, err := cli.Open(g.inv, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return cli.ReadAll(g.ctx, g.inv.Budget, r)
}

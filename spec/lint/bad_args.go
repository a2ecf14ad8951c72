package lint

import (
	"errors"
	"strconv"

	"github.com/flue-run/flue/command/grammar"
	"github.com/flue-run/flue/spec"
)

var badArgs = &Rule{
	Name:     "bad-args",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `A line of a command's args cannot be read, or match and deny do not fit it: a group that is not closed, a placeholder that is not
{name}, a pattern for a placeholder that no line has.`,
	Bad: `-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: ["issue view {number} [--json {fields}"]
match: {number: '^[0-9]+$'}
timeout: 60s
`,
	Good: `-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
args: ["issue view {number} [--json {fields}]"]
match: {number: '^[0-9]+$'}
timeout: 60s
`,
	Check: func(p *Pass) {
		sorted(p.Project.Commands, func(_ string, c *spec.Command) {
			_, err := grammar.Parse(grammar.Source{Any: c.Args.Any, Lines: c.Args.Lines, Match: c.Match, Deny: c.Deny})
			var wrong *grammar.Error
			if !errors.As(err, &wrong) {
				return
			}
			at := "/deny"
			switch {
			case wrong.Line >= 0:
				at = join("/args", strconv.Itoa(wrong.Line))
			case wrong.Name != "":
				at = join("/match", wrong.Name)
			}
			p.Report(c.Doc, at, wrong.Text, "words stand for themselves, {name} takes one argument, {name}… some, and […] may be left out")
		})
	},
}

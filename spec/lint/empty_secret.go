package lint

import (
	"regexp"

	"github.com/flue-run/flue/spec"
)

var emptySecret = &Rule{
	Name:     "empty-secret",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `A secret is empty, or is where its variable is not set. An empty key of a webhook or an empty token of the server lets everybody
in; flue asks for a variable that is missing before anything runs, which a default of "" keeps it from doing.`,
	Bad: `-- .flue/flue.yaml --
server:
  tokens: [{name: ci, value: '${{ env.FLUE_TOKEN ?? "" }}'}]
`,
	Good: `-- .flue/flue.yaml --
server:
  tokens: [{name: ci, value: "${{ env.FLUE_TOKEN }}"}]
`,
	Check: func(p *Pass) {
		privilegedStrings(p.Project, func(d *spec.Document, pointer, text string) {
			switch {
			case namesSecret(text) && emptyDefault.MatchString(text):
				at := emptyDefault.FindStringIndex(text)
				p.ReportIn(d, pointer, at[0], at[1], "without the variable the secret is empty", "leave the default out: flue then says what is missing")
			case secretField.MatchString(pointer) && noSecret.MatchString(text):
				p.Report(d, pointer, "the secret is empty", "write ${{ env.NAME }}")
			}
		})
	},
}

var (
	emptyDefault = regexp.MustCompile(`(?:\?\?|\|\|)\s*(?:""|'')`)
	noSecret     = regexp.MustCompile(`(?i)^\s*(?:bearer|basic|token)?\s*$`)
)

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
			if secretField.MatchString(pointer) && noSecret.MatchString(text) {
				p.Report(d, pointer, "the secret is empty", "write ${{ env.NAME }}")
			}
			for _, name := range secretsIn(text) {
				at := emptyDefault.FindStringIndex(text[name.End:])
				if at != nil && (secretField.MatchString(pointer) || secretName.MatchString(name.Path[len(name.Path)-1])) {
					p.ReportIn(d, pointer, name.Offset, name.End+at[1], "without the variable the secret is empty",
						"leave the default out: flue then says what is missing")
				}
			}
		})
	},
}

var (
	emptyDefault = regexp.MustCompile(`^["'\]]*\s*(?:\?\?|\|\|)\s*(?:""|'')`)
	secretName   = regexp.MustCompile(`(?i)token|secret|passw|key|credential|auth`)
	noSecret     = regexp.MustCompile(`(?i)^\s*(?:bearer|basic|token)?\s*$`)
)

package lint

import (
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var envOutsidePrivileged = &Rule{
	Name:     "env-outside-privileged",
	Severity: spec.Error,
	Group:    Secrets,
	Doc: `An agent, role or skill names a variable of the environment. Variables hold secrets, and what a prompt or script holds the model
can read. They exist only in flue.yaml, commands/, sandboxes/ and the http of tools/.`,
	Bad: `prompt: The token is ${{ env.GH_TOKEN }}.
`,
	Good: `prompt: List the open issues with gh.
`,
	Check: func(p *Pass) {
		reportMistakes(p)
		for _, d := range p.Project.Documents { // what is sent as it is, where an author may believe otherwise
			switch {
			case d.Kind == "role":
				reportEnv(p, d, "/body", d.Body)
			case d.Kind == "agent" && d.Has("/instructions"):
				text, _ := schema.Lookup(d.Value(), "/instructions")
				if text, ok := text.(string); ok {
					reportEnv(p, d, "/instructions", text)
				}
			}
		}
	},
}

func reportEnv(p *Pass, d *spec.Document, pointer, text string) {
	parsed, err := expr.Parse(text)
	if err != nil {
		return
	}
	for _, name := range parsed.Names() {
		if name.Path[0] == "env" {
			p.ReportIn(d, pointer, name.Offset, name.End, "env cannot be read here, and nothing else is put in here either",
				"grant a command that has the secret")
		}
	}
}

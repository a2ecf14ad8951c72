package lint

import (
	"fmt"
	"slices"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var widePermissions = &Rule{
	Name:     "wide-permissions",
	Severity: spec.Warning,
	Group:    Workflows,
	Doc: `The job that runs an agent has a token that can do more than read and talk: everything that the repository's settings allow,
because it has no permissions, or to write code, packages, deployments or identity tokens. Let a second job without an agent do
what has to be written.`,
	Bad: `-- .flue/agents/triage.yaml --
prompt: Triage the new issue.
-- .github/workflows/triage.yml --
on: {issues: {types: [opened]}}
jobs:
  triage:
    runs-on: ubuntu-latest
    steps:
      - uses: flue-run/flue@v1
        with: {agent: triage}
`,
	Good: `-- .flue/agents/triage.yaml --
prompt: Triage the new issue.
-- .github/workflows/triage.yml --
on: {issues: {types: [opened]}}
permissions: {contents: read, issues: write}
jobs:
  triage:
    runs-on: ubuntu-latest
    steps:
      - uses: flue-run/flue@v1
        with: {agent: triage}
`,
	Check: func(p *Pass) {
		for _, w := range p.workflows() {
			for _, j := range w.jobs {
				if j.runsFlue() {
					checkPermissions(p, w, j)
				}
			}
		}
	},
}

// narrow are the permissions to write that let a job do no more than talk.
var narrow = []string{"issues", "pull-requests", "discussions"}

func checkPermissions(p *Pass, w workflow, j job) {
	pointer := j.pointer + "/permissions"
	if !w.Has(pointer) {
		pointer = "/permissions"
	}
	value, ok := schema.Lookup(w.Value(), pointer)
	if !ok {
		p.ReportKey(w.Document, j.pointer, "the job has no permissions, so its token may have all",
			"add permissions: {contents: read}, and what else it needs")
		return
	}
	if value == "write-all" {
		p.Report(w.Document, pointer, "the job of an agent may write everything", "name what it needs: {contents: read}")
	}
	scopes, _ := value.(map[string]any)
	sorted(scopes, func(scope string, access any) {
		if access == "write" && !slices.Contains(narrow, scope) {
			p.Report(w.Document, join(pointer, scope), fmt.Sprintf("the job of an agent may write %s", scope),
				"let a second job, without an agent, do that")
		}
	})
}

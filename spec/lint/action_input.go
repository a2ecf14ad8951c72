package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var actionInput = &Rule{
	Name:     "action-input",
	Severity: spec.Error,
	Group:    Workflows,
	Doc: `A workflow gives flue's action an input that it does not have, or leaves out which agent it is to run. GitHub only warns of the
former, and runs the job without what it says.`,
	Bad: `-- .flue/agents/triage.yaml --
prompt: Triage the new issues.
-- .github/workflows/triage.yml --
on: {schedule: [{cron: "0 9 * * *"}]}
permissions: {contents: read}
jobs:
  triage:
    runs-on: ubuntu-latest
    steps:
      - uses: flue-run/flue@v1
        with: {agnet: triage}
`,
	Good: `-- .flue/agents/triage.yaml --
prompt: Triage the new issues.
-- .github/workflows/triage.yml --
on: {schedule: [{cron: "0 9 * * *"}]}
permissions: {contents: read}
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
				for _, step := range j.steps {
					if step.isFlue() {
						checkInputs(p, w, step)
					}
				}
			}
		}
	},
}

// actionInputs are those of action.yml.
var actionInputs = []string{"agent", "args", "flue-path", "model", "payload", "session-id", "set", "version", "working-directory"}

func checkInputs(p *Pass, w workflow, step workflowStep) {
	known, required := actionInputs, []string{"agent"}
	if strings.HasPrefix(step.uses, ".") { // the project is an action itself
		known, required = inputsOf(p.open("action.yml"))
	}
	value, _ := schema.Lookup(w.Value(), step.pointer+"/with")
	given, _ := value.(map[string]any)
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			unknown = append(unknown, spec.Suggest(name, known))
			hint := spec.DidYouMean(name, known)
			if hint == "" {
				hint = "there are: " + strings.Join(known, ", ")
			}
			p.ReportKey(w.Document, join(step.pointer, "with", name), fmt.Sprintf("the action has no input %q", name), hint)
		}
	}
	for _, name := range required {
		if given[name] == nil && !slices.Contains(unknown, name) {
			p.Report(w.Document, step.pointer+"/uses", fmt.Sprintf("the action needs the input %q", name), "write it below with")
		}
	}
}

// inputsOf are the inputs of the action that a document defines, and those of them that it needs.
func inputsOf(action *spec.Document) (known, required []string) {
	if action == nil {
		return actionInputs, nil
	}
	value, _ := schema.Lookup(action.Value(), "/inputs")
	inputs, _ := value.(map[string]any)
	sorted(inputs, func(name string, value any) {
		known = append(known, name)
		fields, _ := value.(map[string]any)
		if fields["required"] == true && fields["default"] == nil {
			required = append(required, name)
		}
	})
	return known, required
}

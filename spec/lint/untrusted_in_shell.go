package lint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var untrustedInShell = &Rule{
	Name:     "untrusted-in-shell",
	Severity: spec.Error,
	Group:    Workflows,
	Doc: `A workflow that runs flue puts a text that others write into a script: a title or a branch's name of the event, or what the agent
answered. GitHub pastes it in before the shell reads the script, so that it can be any command, with the job's token. Put it
into env: and use the variable in double quotes. The action's inputs args and set are read line by line, so that such a text
can be another argument of flue run there: hand it over as the payload, by toJSON.`,
	Bad: `-- .flue/agents/triage.yaml --
prompt: Triage the new issue.
-- .github/workflows/triage.yml --
on: {issues: {types: [opened]}}
permissions: {contents: read}
jobs:
  triage:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.issue.title }}"
      - uses: flue-run/flue@v1
        with: {agent: triage}
`,
	Good: `-- .flue/agents/triage.yaml --
prompt: Triage the new issue.
-- .github/workflows/triage.yml --
on: {issues: {types: [opened]}}
permissions: {contents: read}
jobs:
  triage:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$TITLE"
        env: {TITLE: "${{ github.event.issue.title }}"}
      - uses: flue-run/flue@v1
        with: {agent: triage}
`,
	Check: func(p *Pass) {
		for _, w := range p.workflows() {
			for _, j := range w.jobs {
				tainted := taintedOutputs(w, j)
				for _, step := range j.steps {
					const part, variable = "becomes part of the script", "put it into env: and use the variable in double quotes"
					checkPasted(p, w.Document, step.pointer+"/run", tainted, part, variable)
					switch {
					case strings.HasPrefix(step.uses, "actions/github-script@"):
						checkPasted(p, w.Document, step.pointer+"/with/script", tainted, part, "put it into env: and read process.env")
					case step.isFlue():
						for _, input := range []string{"args", "set"} {
							checkPasted(p, w.Document, join(step.pointer, "with", input), tainted, "a line of it can be another argument",
								"hand it over in payload: by toJSON")
						}
					}
				}
			}
		}
	},
}

var (
	insertion = regexp.MustCompile(`\$\{\{(.*?)\}\}`)
	// attackerText are the contexts that others write. Numbers, ids and hashes cannot be commands.
	attackerText = regexp.MustCompile(`github\s*\.\s*(?:event(?:\s*[.\[][\w.*\[\]'"-]*)?|head_ref)\b|github\s*\[|github\s*\)`)
	harmless     = regexp.MustCompile(`\.(?:number|id|sha|action)$`)
)

// checkPasted reports what others write in a text of a workflow, and what that does there.
func checkPasted(p *Pass, d *spec.Document, pointer string, tainted *regexp.Regexp, does, hint string) {
	value, _ := schema.Lookup(d.Value(), pointer)
	text, _ := value.(string)
	for _, match := range insertion.FindAllStringSubmatchIndex(text, -1) {
		inner := text[match[2]:match[3]]
		name := attackerText.FindString(inner)
		if name == "" || harmless.MatchString(name) || strings.HasPrefix(name, "github.event_") {
			if name = tainted.FindString(inner); name == "" {
				continue
			}
		}
		p.ReportIn(d, pointer, match[0], match[1], fmt.Sprintf("%s is what others write, and %s", name, does), hint)
	}
}

// taintedOutputs matches what a model wrote: the outputs of the job's steps with the action, and of other jobs that have one.
func taintedOutputs(w workflow, own job) *regexp.Regexp {
	var names []string
	for _, step := range own.steps {
		if step.isFlue() && step.id != "" {
			names = append(names, `steps\.`+regexp.QuoteMeta(step.id)+`\.outputs\.result`)
		}
	}
	for _, j := range w.jobs {
		if j.runsFlue() {
			names = append(names, `needs\.`+regexp.QuoteMeta(j.name)+`\.outputs\.[\w-]+`)
		}
	}
	return regexp.MustCompile(strings.Join(names, "|"))
}

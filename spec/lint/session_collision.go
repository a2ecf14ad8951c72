package lint

import (
	"slices"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

var sessionCollision = &Rule{
	Name:     "session-collision",
	Severity: spec.Warning,
	Group:    Triggers,
	Doc: `Runs that have nothing to do with each other share a session: a webhook's session is the same whatever it is sent, or two
schedules name the same one. They wait for each other, and each reads what the others were told.`,
	Bad: `prompt: 'What is this? ${{ untrusted(payload.text) }}'
triggers: {webhook: {preset: github, session: issues}}
limits: {turns: 5}
payload: {type: object, required: [number, text], properties: {number: {type: integer}, text: {type: string}}}
`,
	Good: `prompt: 'What is this? ${{ untrusted(payload.text) }}'
triggers: {webhook: {preset: github, session: "issue-${{ payload.number }}"}}
limits: {turns: 5}
payload: {type: object, required: [number, text], properties: {number: {type: integer}, text: {type: string}}}
`,
	Check: func(p *Pass) {
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			if w := a.Triggers.Webhook; w != nil && w.Session != "" && !dependsOnCall(w.Session) {
				p.Report(a.Doc, "/triggers/webhook/session", "every call comes into the same session",
					"name what the call is about: issue-${{ payload.issue.number }}")
			}
		})
		seen := map[string]bool{}
		eachCron(p.Project, func(a *spec.Agent, pointer string, c spec.Cron) {
			key := a.Name + " " + c.Session
			if c.Session != "" && seen[key] {
				p.Report(a.Doc, pointer+"/session", "another schedule of this agent has the same session", "name them apart")
			}
			seen[key] = true
		})
	},
}

// dependsOnCall says whether a text with expressions is another one for another call.
func dependsOnCall(text string) bool {
	parsed, err := expr.Parse(text)
	if err != nil {
		return true // reported as what it is
	}
	return slices.ContainsFunc(parsed.Names(), func(name expr.Name) bool { return name.Path[0] == "payload" || name.Path[0] == "trigger" })
}

package lint

import (
	"fmt"

	"github.com/flue-run/flue/spec"
)

var lethalTrifecta = &Rule{
	Name:     "lethal-trifecta",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `An agent brings together untrusted input (what a webhook is sent, the text of a workspace), a secret or private data, and a
way out (network, a command or tool that sends free text). Each alone is fine. With all three, one poisoned text can make the
agent send out what it should not, and no prompt prevents that. Take one of them away, or say in accept why it is safe. What
an agent's subagents and agent steps bring counts, too.`,
	Bad: `-- .flue/agents/triage.yaml --
triggers: {webhook: true}
limits: {turns: 20}
payload: {type: object, required: [body], properties: {body: {type: string}}}
prompt: 'Answer this issue: ${{ untrusted(payload.body) }}'
commands: [gh]
-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
env: {GH_TOKEN: "${{ env.GH_TOKEN }}"}
args: ["issue comment {number} --body {text}"]
match: {number: '^[0-9]{1,9}$'}
timeout: 60s
`,
	Good: `-- .flue/agents/triage.yaml --
triggers: {webhook: true}
limits: {turns: 20}
payload: {type: object, required: [body], properties: {body: {type: string}}}
prompt: 'Label this issue: ${{ untrusted(payload.body) }}'
commands: [gh]
-- .flue/commands/gh.yaml --
description: GitHub CLI.
exec: gh
env: {GH_TOKEN: "${{ env.GH_TOKEN }}"}
args: ["issue edit {number} --add-label {label}"]
match: {number: '^[0-9]{1,9}$', label: '^(bug|question)$'}
timeout: 60s
`,
	Check: func(p *Pass) {
		sorted(p.Project.Agents, func(name string, a *spec.Agent) {
			var r reach
			r.agent(p.Project, name, map[string]bool{})
			if r.untrusted != "" && r.private != "" && r.out != "" {
				p.ReportKey(a.Doc, "", fmt.Sprintf("untrusted input (%s), private data (%s) and a way out (%s) come together", r.untrusted, r.private, r.out),
					"take one away, or say why it is safe: accept: [{rule: lethal-trifecta, because: …}]")
			}
		})
	},
}

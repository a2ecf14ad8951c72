package lint

import "github.com/flue-run/flue/spec"

var noLimit = &Rule{
	Name:     "no-limit",
	Severity: spec.Warning,
	Group:    Models,
	Doc: `An agent that others or the clock start has no limit on cost, tokens or turns, of its own or in flue.yaml. A storm of calls, or
a text that keeps the model busy, is then paid for until somebody notices.`,
	Bad: `prompt: Report what is new.
triggers: {cron: [{schedule: "0 9 * * 1-5"}]}
`,
	Good: `prompt: Report what is new.
triggers: {cron: [{schedule: "0 9 * * 1-5"}]}
limits: {cost_usd: 0.5}
`,
	Check: func(p *Pass) {
		bounded := func(l spec.Limits) bool { return l.CostUSD > 0 || l.Tokens > 0 || l.Turns > 0 }
		if bounded(p.Project.Settings.Limits) {
			return
		}
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			if (a.Triggers.Webhook != nil || len(a.Triggers.Cron) > 0) && !bounded(a.Limits) {
				p.ReportKey(a.Doc, "/triggers", "nothing limits what a run of this agent may cost",
					"add limits with cost_usd, tokens or turns, here or in flue.yaml")
			}
		})
	},
}

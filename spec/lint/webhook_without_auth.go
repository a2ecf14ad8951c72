package lint

import (
	"net"

	"github.com/flue-run/flue/spec"
)

var webhookWithoutAuth = &Rule{
	Name:     "webhook-without-auth",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `Anybody who reaches the server can start the agent: its webhook has no verify and no preset, and the server has no tokens; or
the server listens on an address of the network without tokens, which flue serve refuses.`,
	Bad: `prompt: 'What is this? ${{ untrusted(payload.text) }}'
triggers:
  webhook: {session: "text-${{ payload.id }}"}
limits: {turns: 5}
payload: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}
`,
	Good: `prompt: 'What is this? ${{ untrusted(payload.text) }}'
triggers:
  webhook: {preset: github, session: "text-${{ payload.id }}"}
limits: {turns: 5}
payload: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}
`,
	Check: func(p *Pass) {
		settings := p.Project.Settings
		if len(settings.Server.Tokens) > 0 {
			return
		}
		if host, _, err := net.SplitHostPort(settings.Server.Address); err == nil && !isLoopback(host) {
			p.Report(settings.Doc, "/server/address", "the server would listen on the network, without tokens",
				"add server.tokens, or listen on 127.0.0.1")
		}
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			if w := a.Triggers.Webhook; w != nil && w.ForProviders && !w.Verified() {
				p.ReportKey(a.Doc, "/triggers/webhook", "anybody can call this webhook",
					"add verify or a preset, or tokens to the server in flue.yaml")
			}
		})
	},
}

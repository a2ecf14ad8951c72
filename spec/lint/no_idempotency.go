package lint

import "github.com/flue-run/flue/spec"

var noIdempotency = &Rule{
	Name:     "no-idempotency",
	Severity: spec.Warning,
	Group:    Triggers,
	Doc: `A webhook checks who calls, but not whether it has been called for the same delivery before. Providers send a delivery again
when the answer was late, and whoever has recorded one can send it, too: each starts a run. The presets have an id.`,
	Bad: `prompt: 'What is this? ${{ untrusted(payload.text) }}'
triggers:
  webhook: {verify: {hmac: sha256, header: X-Signature, secret_env: HOOK_SECRET}}
limits: {turns: 5}
payload: {type: object, required: [text], properties: {text: {type: string}}}
`,
	Good: `prompt: 'What is this? ${{ untrusted(payload.text) }}'
triggers:
  webhook:
    verify: {hmac: sha256, header: X-Signature, secret_env: HOOK_SECRET}
    idempotency: ${{ trigger.headers["x-delivery"] }}
limits: {turns: 5}
payload: {type: object, required: [text], properties: {text: {type: string}}}
`,
	Check: func(p *Pass) {
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			if w := a.Triggers.Webhook; w != nil && w.Verified() && w.Filled().Idempotency == "" {
				p.ReportKey(a.Doc, "/triggers/webhook/verify", "a delivery that comes twice runs twice",
					"add idempotency: an expression for the delivery's id")
			}
		})
	},
}

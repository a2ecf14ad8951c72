package lint

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flue-run/flue/spec"
)

var unusedPayload = &Rule{
	Name:     "unused-payload",
	Severity: spec.Warning,
	Group:    Expressions,
	Doc: `A property of the payload that no expression of the agent reads. The model sees of the payload only what a prompt, a task or
args hold.`,
	Bad: `prompt: Translate this to ${{ payload.language }}.
payload:
  type: object
  required: [language, text]
  properties:
    language: {type: string}
    text: {type: string}
`,
	Good: `prompt: 'Translate this to ${{ payload.language }}: ${{ payload.text }}'
payload:
  type: object
  required: [language, text]
  properties:
    language: {type: string}
    text: {type: string}
`,
	Check: func(p *Pass) {
		used := map[*spec.Agent]map[string]bool{} // "" is all of it
		for _, t := range p.templates() {
			if t.agent == nil {
				continue
			}
			if used[t.agent] == nil {
				used[t.agent] = map[string]bool{}
			}
			if t.parsed == nil {
				used[t.agent][""] = true // it may have been meant to be there
				continue
			}
			for _, name := range t.parsed.Names() {
				if name.Path[0] == "payload" {
					used[t.agent][append(name.Path, "")[1]] = true
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(p.Project.Agents)) {
			agent := p.Project.Agents[name]
			if agent.Payload == nil || agent.Payload.Doc == nil || used[agent][""] {
				continue
			}
			for _, property := range slices.Sorted(maps.Keys(schemaType(agent.Payload).Fields)) {
				at := join(agent.Payload.Pointer, "properties", property)
				if !used[agent][property] && agent.Payload.Doc.Has(at) {
					p.ReportKey(agent.Payload.Doc, at, fmt.Sprintf("nothing in the agent reads payload.%s", property), "")
				}
			}
		}
	},
}

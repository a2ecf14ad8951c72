package lint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

var unknownName = &Rule{
	Name:     "unknown-name",
	Severity: spec.Error,
	Group:    Expressions,
	Doc: `An expression names what does not exist where it stands: a property that the payload's schema does not have, a step that is
not defined or has not run yet, a property that this step's result does not have, a function, a header that trigger.headers
never has: names are in lower case there, and what lets its reader in elsewhere (authorization, cookies, signatures, tokens) is left out.`,
	Bad: `prompt: Translate this to ${{ payload.langauge }}.
payload:
  type: object
  required: [language]
  properties: {language: {type: string}}
`,
	Good: `prompt: Translate this to ${{ payload.language }}.
payload:
  type: object
  required: [language]
  properties: {language: {type: string}}
`,
	Check: func(p *Pass) {
		reportMistakes(p)
		for _, t := range p.templates() {
			if t.parsed != nil && t.agent != nil {
				t.reportHeaders(p)
			}
		}
	},
}

// reportHeaders reports headers that are never there.
func (t template) reportHeaders(p *Pass) {
	for _, name := range t.parsed.Names() {
		if len(name.Path) < 3 || name.Path[0] != "trigger" || name.Path[1] != "headers" {
			continue
		}
		header := name.Path[2]
		lower := strings.ToLower(header)
		webhook := t.agent.Triggers.Webhook
		switch {
		case webhook != nil && !webhook.Shows(lower):
			p.ReportIn(t.doc, t.pointer, name.Offset, name.End, fmt.Sprintf("trigger.headers never has %q", header),
				"what lets its reader in elsewhere is left out: authorization, cookies, signatures, tokens")
		case header != lower:
			p.ReportIn(t.doc, t.pointer, name.Offset, name.End, fmt.Sprintf("trigger.headers has no %q: its names are in lower case", header),
				"write "+strconv.Quote(lower))
		}
	}
}

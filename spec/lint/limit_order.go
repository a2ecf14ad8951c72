package lint

import (
	"cmp"
	"fmt"
	"time"

	"github.com/flue-run/flue/spec"
)

var limitOrder = &Rule{
	Name:     "limit-order",
	Severity: spec.Warning,
	Group:    Models,
	Doc: `A limit is never reached, because one around it is lower: a step's is higher than its run's, a result may be tried more often than
there are turns, a script may take longer than its run, a model's answer may be longer than its window.`,
	Bad: `limits: {turns: 10}
steps:
  - prompt: Say hello.
    limits: {turns: 20}
`,
	Good: `limits: {turns: 20}
steps:
  - prompt: Say hello.
    limits: {turns: 10}
`,
	Check: func(p *Pass) {
		settings := p.Project.Settings
		sorted(settings.Models, func(name string, m spec.ModelInfo) {
			if m.ContextWindow > 0 && m.MaxOutput > m.ContextWindow {
				p.Report(settings.Doc, join("/models", name, "max_output"), "the answer may be longer than the window", "lower it")
			}
		})
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			run := limitsOf(a.Limits, settings.Limits)
			checkAttempts(p, a.Doc, "/limits", a.Limits, run)
			if a.Sandbox != nil && a.Sandbox.Inline != nil && run.Timeout > 0 && a.Sandbox.Inline.Limits.Timeout > run.Timeout {
				p.reportLimit(a.Doc, "/sandbox/limits/timeout", time.Duration(run.Timeout))
			}
			eachStep(a.Steps, func(s *spec.Step) {
				if s.Pointer == "" {
					return // the shorthand: the limits are the agent's own
				}
				checkAttempts(p, a.Doc, s.Pointer+"/limits", s.Limits, limitsOf(s.Limits, run))
				checkWithin(p, a.Doc, s.Pointer+"/limits", s.Limits, run)
				if s.Timeout > run.Timeout && run.Timeout > 0 {
					p.reportLimit(a.Doc, s.Pointer+"/timeout", time.Duration(run.Timeout))
				}
			})
		})
	},
}

// limitsOf is what bounds something with limits of its own among others around it.
func limitsOf(own, around spec.Limits) spec.Limits {
	return spec.Limits{Turns: cmp.Or(own.Turns, around.Turns), Tokens: cmp.Or(own.Tokens, around.Tokens),
		CostUSD: cmp.Or(own.CostUSD, around.CostUSD), Timeout: cmp.Or(own.Timeout, around.Timeout)}
}

// checkAttempts reports more attempts at a result than there are turns.
func checkAttempts(p *Pass, d *spec.Document, pointer string, own, all spec.Limits) {
	if all.Turns > 0 && own.ResultAttempts > all.Turns {
		p.reportLimit(d, pointer+"/result_attempts", fmt.Sprintf("%d turns", all.Turns))
	}
}

// checkWithin reports the limits that are higher than those around them.
func checkWithin(p *Pass, d *spec.Document, pointer string, own, around spec.Limits) {
	if around.Turns > 0 && own.Turns > around.Turns {
		p.reportLimit(d, pointer+"/turns", around.Turns)
	}
	if around.Tokens > 0 && own.Tokens > around.Tokens {
		p.reportLimit(d, pointer+"/tokens", around.Tokens)
	}
	if around.CostUSD > 0 && own.CostUSD > around.CostUSD {
		p.reportLimit(d, pointer+"/cost_usd", around.CostUSD)
	}
	if around.Timeout > 0 && own.Timeout > around.Timeout {
		p.reportLimit(d, pointer+"/timeout", time.Duration(around.Timeout))
	}
}

func (p *Pass) reportLimit(d *spec.Document, pointer string, lower any) {
	p.Report(d, pointer, fmt.Sprintf("this limit is never reached, for %v is a limit, too", lower), "lower it, or raise the other")
}

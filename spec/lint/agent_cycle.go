package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var agentCycle = &Rule{
	Name:     "agent-cycle",
	Severity: spec.Error,
	Group:    Names,
	Doc:      `Agents run each other in a circle as steps without a condition, so that a run of one can only end at the limit on depth.`,
	Bad: `-- .flue/agents/ask.yaml --
steps: [{agent: answer}]
-- .flue/agents/answer.yaml --
steps: [{agent: ask}]
`,
	Good: `-- .flue/agents/ask.yaml --
steps: [{agent: answer}]
-- .flue/agents/answer.yaml --
prompt: Answer the question.
`,
	Check: func(p *Pass) {
		for _, name := range slices.Sorted(maps.Keys(p.Project.Agents)) {
			agent := p.Project.Agents[name]
			for _, call := range certainCalls(agent) {
				if circle := wayTo(p.Project, call.name, name, nil); circle != nil {
					p.Report(agent.Doc, call.pointer, "the agents run each other in a circle: "+
						strings.Join(append([]string{name}, circle...), " → "), "give one of the steps a condition, or another agent")
				}
			}
		}
	},
}

// certainCalls are the agents that an agent runs whatever happens.
func certainCalls(a *spec.Agent) []mention {
	var calls []mention
	var visit func([]*spec.Step)
	visit = func(steps []*spec.Step) {
		for _, step := range steps {
			if step.If == "" && step.ForEach == "" {
				calls = append(calls, one(a.Doc, step.Pointer+"/agent", step.Agent)...)
				visit(step.Parallel)
			}
		}
	}
	visit(a.Steps)
	return calls
}

// wayTo is a way of certain calls from one agent to another, both included; nil if there is none.
func wayTo(p *spec.Project, from, to string, passed []string) []string {
	if from == to {
		return []string{to}
	}
	agent := p.Agents[from]
	if agent == nil || slices.Contains(passed, from) {
		return nil
	}
	for _, call := range certainCalls(agent) {
		if way := wayTo(p, call.name, to, append(passed, from)); way != nil {
			return append([]string{from}, way...)
		}
	}
	return nil
}

package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
)

// runLimits is what bounds a run: the agent's limits, else the project's, else the defaults of format.md.
func runLimits(agent, project spec.Limits) spec.Limits {
	l := fillLimits(agent, project)
	return fillLimits(l, spec.Limits{Turns: 50, Timeout: spec.Duration(time.Hour), Depth: 4, ToolOutput: 50 << 10, ResultAttempts: 5})
}

// fillLimits is l with every field that is not set taken from other.
func fillLimits(l, other spec.Limits) spec.Limits {
	if l.Turns == 0 {
		l.Turns = other.Turns
	}
	if l.Tokens == 0 {
		l.Tokens = other.Tokens
	}
	if l.CostUSD == 0 {
		l.CostUSD = other.CostUSD
	}
	if l.Timeout == 0 {
		l.Timeout = other.Timeout
	}
	if l.Depth == 0 {
		l.Depth = other.Depth
	}
	if l.ToolOutput == 0 {
		l.ToolOutput = other.ToolOutput
	}
	if l.ResultAttempts == 0 {
		l.ResultAttempts = other.ResultAttempts
	}
	return l
}

// meter counts what a run, a sub-agent or a step has used of its limits. It may be used from several goroutines.
type meter struct {
	limits spec.Limits
	mu     sync.Mutex
	turns  int
	used   model.Usage
}

// exhausted says whether the turns are used up but for a last one.
func (m *meter) exhausted() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.limits.Turns > 0 && m.turns == m.limits.Turns
}

// begin counts a turn and returns its number, if another request may be sent to a model. A last turn may be one more
// than the limit.
func (m *meter) begin(asked Model, last bool) (turn int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.limits.Turns; l > 0 && m.turns >= l && !(last && m.turns == l) {
		return 0, &Error{Type: LimitTurns, Message: fmt.Sprintf("limit turns (%d) reached", l)}
	}
	if err := m.check(asked); err != nil {
		return 0, err
	}
	m.turns++
	return m.turns, nil
}

// afford says which limit, but for that on turns, forbids another request to a model.
func (m *meter) afford(asked Model) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.check(asked)
}

// add counts what was used.
func (m *meter) add(u model.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used.Add(u)
}

// totals is what was used so far.
func (m *meter) totals() (turns int, usage model.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turns, m.used
}

func (m *meter) check(asked Model) error {
	switch l := m.limits; {
	case l.Tokens > 0 && m.used.Total() >= l.Tokens:
		return &Error{Type: LimitTokens, Message: fmt.Sprintf("limit tokens (%d) reached: %d used", l.Tokens, m.used.Total())}
	case l.CostUSD > 0 && asked.Info.Price == nil && !asked.TellsCost:
		return &Error{Type: LimitCost, Message: fmt.Sprintf("limit cost_usd (%g) cannot be kept: the price of %s is not known; set input_price and output_price under `models:` in .flue/flue.yaml", l.CostUSD, asked.ID)}
	case l.CostUSD > 0 && m.used.CostUSD != nil && *m.used.CostUSD >= l.CostUSD:
		return &Error{Type: LimitCost, Message: fmt.Sprintf("limit cost_usd (%g) reached: %.4f used", l.CostUSD, *m.used.CostUSD)}
	}
	return nil
}

package engine

import (
	"github.com/flue-run/flue/expr"
)

// baseVars are the names that every expression of the run may use. item and index come with a for_each.
func (r *run) baseVars() map[string]any {
	headers := map[string]any{}
	for name, value := range r.trigger.Headers {
		headers[name] = value
	}
	return map[string]any{
		"payload":  r.payload,
		"steps":    r.steps,
		"session":  map[string]any{"id": r.key.Session},
		"run":      map[string]any{"id": r.id},
		"agent":    map[string]any{"name": r.agent.Name},
		"trigger":  map[string]any{"kind": r.trigger.Kind, "headers": headers},
		"date":     r.date(),
		expr.Nonce: r.nonce(),
	}
}

// nonce fences untrusted text. It follows from the run's id, whose random half nobody knows who writes a payload, and
// is the same when the run is resumed.
func (r *run) nonce() string {
	return hash("nonce " + r.id)[:12]
}

// values evaluates the templates inside a YAML value of the step.
func (s *step) values(key string, v any) (any, error) {
	out, err := expr.Values(v, s.vars)
	if err != nil {
		return nil, s.failed(StepFailed, key+": "+err.Error(), err)
	}
	return out, nil
}

package engine

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// Request asks for a run.
type Request struct {
	Agent   string
	Session string          // "": a new one
	Payload json.RawMessage // nil: {}
	Trigger Trigger

	// Of a run that another run's agent step begins:
	key   string // finds the run again when the other is resumed; "": a run of its own
	depth int
}

// Trigger is how a run was started.
type Trigger struct {
	Kind    string            `json:"kind"` // cli, http, webhook, cron
	Headers map[string]string `json:"headers,omitempty"`
}

// admit checks a request and has the store accept it.
func (e *Engine) admit(ctx context.Context, req Request) (*run, error) {
	now := e.cfg.Now()
	r, err := e.prepare(ctx, req, store.NewID(store.RunPrefix, now, rand.Reader), nil)
	if err != nil {
		return nil, err
	}
	if req.Session != "" && req.key == "" {
		waiting, err := e.cfg.Store.Runs(ctx, r.key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("read session %s: %w", r.key, err)
		}
		for _, w := range waiting {
			if w.Settlement == nil {
				return nil, &RequestError{fmt.Sprintf("session %s has an unfinished run; go on with it first, or end it: flue run --resume %s, flue abort %s", r.key, w.ID, w.ID)}
			}
		}
	}
	payload, err := json.Marshal(r.payload)
	if err != nil {
		return nil, fmt.Errorf("encode payload: %w", err)
	}
	trigger, err := json.Marshal(req.Trigger)
	if err != nil {
		return nil, fmt.Errorf("encode trigger: %w", err)
	}
	admitted, fresh, err := e.cfg.Store.Admit(ctx, store.Admission{Run: r.id, Session: r.key, Payload: payload, Trigger: trigger,
		IdempotencyKey: req.key, Fingerprint: hash(string(payload)), Time: now})
	if err != nil {
		return nil, fmt.Errorf("accept the run: %w", err)
	}
	if !fresh {
		return e.readmit(ctx, admitted.ID, req.depth)
	}
	return r, nil
}

// readmit takes up a run that the store accepted before and that has no outcome.
func (e *Engine) readmit(ctx context.Context, runID string, depth int) (*run, error) {
	stored, err := e.cfg.Store.RunByID(ctx, runID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, &RequestError{fmt.Sprintf("there is no run %q in this store", runID)}
	case err != nil:
		return nil, fmt.Errorf("find run %s: %w", runID, err)
	case stored.Settlement != nil && depth > 0:
		return &run{Engine: e, id: runID, key: stored.Session, settled: stored.Settlement}, nil
	case stored.Settlement != nil:
		return nil, &RequestError{fmt.Sprintf("run %s is over: %s", runID, stored.Settlement.Outcome)}
	}
	req := Request{Agent: stored.Session.Agent, Session: stored.Session.Session, Payload: stored.Payload, depth: depth}
	if len(stored.Trigger) > 0 {
		if err := json.Unmarshal(stored.Trigger, &req.Trigger); err != nil {
			return nil, fmt.Errorf("decode the trigger of run %s: %w", runID, err)
		}
	}
	state, err := loadSession(ctx, e.cfg.Store, stored.Session, runID)
	if err != nil {
		return nil, err
	}
	r, err := e.prepare(ctx, req, runID, state.told.messages)
	if err != nil {
		return nil, err
	}
	r.abort = stored.AbortRequested
	return r, nil
}

// prepare checks all that can be checked before anything is stored or sent. answered is the conversation of a run
// that is resumed.
func (e *Engine) prepare(ctx context.Context, req Request, id string, answered []model.Message) (*run, error) {
	agent := e.cfg.Project.Agents[req.Agent]
	if agent == nil {
		return nil, e.unknownAgent(req.Agent)
	}
	if req.Session == "" {
		req.Session = store.NewID(store.SessionPrefix, e.cfg.Now(), rand.Reader)
	} else if !store.ValidSession(req.Session) {
		return nil, &RequestError{fmt.Sprintf("%q is not a session id: up to 128 letters, digits and . _ : @ -, beginning with a letter or digit", req.Session)}
	}
	if err := e.broker.Check(e.reachable(agent)); err != nil {
		return nil, &RequestError{err.Error()}
	}
	r := &run{Engine: e, id: id, key: store.Key{Agent: agent.Name, Session: req.Session}, agent: agent, trigger: req.Trigger,
		limits: runLimits(agent.Limits, e.cfg.Project.Settings.Limits), steps: map[string]any{}, depth: req.depth}
	var err error
	if r.payload, err = checkPayload(agent, req.Payload); err != nil {
		return nil, err
	}
	return r, r.findModels(ctx, answered)
}

func (e *Engine) unknownAgent(name string) error {
	return &RequestError{fmt.Sprintf("there is no agent %q in this project; there are: %s", name,
		strings.Join(slices.Sorted(maps.Keys(e.cfg.Project.Agents)), ", "))}
}

// hash is a short name for a text: the first half of its SHA-256, in hex.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func checkPayload(agent *spec.Agent, raw json.RawMessage) (any, error) {
	if raw == nil {
		raw = json.RawMessage("{}")
	}
	var payload any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&payload); err != nil {
		return nil, &RequestError{fmt.Sprintf("the payload is not JSON: %v", err)}
	}
	if agent.Payload != nil {
		payload = agent.Payload.WithDefaults(payload)
		if v := agent.Payload.Validate(payload); len(v) > 0 {
			return nil, &PayloadError{Agent: agent.Name, Violations: v}
		}
	}
	return payload, nil
}

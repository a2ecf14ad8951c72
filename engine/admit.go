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
	// IdempotencyKey makes the same request again find the first one's run. Keys of one agent and kind of trigger
	// are the same when they are equal. "": none.
	IdempotencyKey string
	// KeyAlone says that the key is enough: with another session or payload it is the same request still.
	KeyAlone bool
	Watch    bool // has a node's Accept return a Watch that misses nothing of the run

	// Of a run that another's agent step begins:
	parent string
	depth  int // how many agent steps are above it
}

// Trigger is how a run was started.
type Trigger struct {
	Kind    string            `json:"kind"` // cli, http, webhook, cron
	Headers map[string]string `json:"headers,omitempty"`
}

// begin checks a request of a caller that carries the run out itself, and has the store accept it.
func (e *Engine) begin(ctx context.Context, req Request) (*run, error) {
	r, err := e.prepare(ctx, req, "", nil)
	if err != nil {
		return nil, err
	}
	if req.Session != "" && req.depth == 0 {
		waiting, err := e.cfg.Store.Runs(ctx, store.RunQuery{Session: r.key, Unfinished: true})
		if err != nil {
			return nil, fmt.Errorf("read session %s: %w", r.key, err)
		}
		if n := len(waiting); n > 0 {
			first := waiting[n-1].ID
			return nil, &RequestError{Message: fmt.Sprintf("session %s has an unfinished run; go on with it first, or end it: flue run --resume %s, flue abort %s", r.key, first, first)}
		}
	}
	admitted, err := e.admit(ctx, r, req, true)
	if err != nil {
		return nil, err
	}
	if !admitted.Fresh {
		return e.readmit(ctx, admitted.Run.ID, req.depth)
	}
	r.lease, r.session = admitted.Lease, newSession(r.id)
	return r, nil
}

// admit has the store accept a run that was prepared, and claims its session if it is free and claim says so.
func (e *Engine) admit(ctx context.Context, r *run, req Request, claim bool) (store.Admitted, error) {
	a := store.Admission{Run: r.id, Session: r.key, Parent: req.parent, Time: e.cfg.Now()}
	var err error
	if a.Payload, err = json.Marshal(r.payload); err != nil {
		return store.Admitted{}, fmt.Errorf("encode payload: %w", err)
	}
	r.payloadJSON = a.Payload
	if a.Trigger, err = json.Marshal(req.Trigger); err != nil {
		return store.Admitted{}, fmt.Errorf("encode trigger: %w", err)
	}
	if req.IdempotencyKey != "" {
		a.IdempotencyKey = req.Trigger.Kind + ":" + req.IdempotencyKey
		if !req.KeyAlone {
			a.Fingerprint = hash(req.Session + "\n" + string(a.Payload))
		}
	}
	if claim {
		a.Owner, a.TTL = e.cfg.Owner, leaseTime
	}
	admitted, err := e.cfg.Store.Admit(ctx, a)
	if err != nil {
		return store.Admitted{}, fmt.Errorf("accept the run: %w", err)
	}
	return admitted, nil
}

// readmit takes up a run that the store accepted before and that has no outcome.
func (e *Engine) readmit(ctx context.Context, runID string, depth int) (*run, error) {
	stored, err := e.cfg.Store.RunByID(ctx, runID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, &RequestError{Message: fmt.Sprintf("there is no run %q in this store", runID)}
	case err != nil:
		return nil, fmt.Errorf("find run %s: %w", runID, err)
	case stored.Settlement != nil && depth > 0:
		return &run{Engine: e, id: runID, key: stored.Session, settled: stored.Settlement}, nil
	case stored.Settlement != nil:
		return nil, &RequestError{Message: fmt.Sprintf("run %s is over: %s", runID, stored.Settlement.Outcome)}
	}
	state, err := loadSession(ctx, e.cfg.Store, stored.Session, runID)
	if err != nil {
		return nil, err
	}
	r, err := e.revive(ctx, stored, state, depth)
	if err != nil {
		return nil, err
	}
	r.session = state
	return r, nil
}

// revive prepares a run that was accepted before.
func (e *Engine) revive(ctx context.Context, stored store.Run, state *session, depth int) (*run, error) {
	req := Request{Agent: stored.Session.Agent, Session: stored.Session.Session, Payload: stored.Payload, depth: depth}
	if len(stored.Trigger) > 0 {
		if err := json.Unmarshal(stored.Trigger, &req.Trigger); err != nil {
			return nil, fmt.Errorf("decode the trigger of run %s: %w", stored.ID, err)
		}
	}
	r, err := e.prepare(ctx, req, stored.ID, state.told.messages)
	if err != nil {
		return nil, err
	}
	r.abort, r.started = stored.AbortRequested, stored.Started
	return r, nil
}

// prepare checks all that can be checked before anything is stored or sent. A run that is resumed has an id, and answered
// is its conversation.
func (e *Engine) prepare(ctx context.Context, req Request, id string, answered []model.Message) (*run, error) {
	agent := e.cfg.Project.Agents[req.Agent]
	if agent == nil {
		return nil, e.unknownAgent(req.Agent)
	}
	if req.Session == "" {
		req.Session = store.NewID(store.SessionPrefix, e.cfg.Now(), rand.Reader)
	} else if !store.ValidSession(req.Session) {
		return nil, &RequestError{Reason: BadSession, Message: fmt.Sprintf("%q is not a session id: up to 128 letters, digits and . _ : @ -, beginning with a letter or digit", req.Session)}
	}
	if err := e.broker.Check(e.reachable(agent)); err != nil {
		return nil, &RequestError{Message: err.Error()}
	}
	if id == "" {
		id = store.NewID(store.RunPrefix, e.cfg.Now(), rand.Reader)
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
	return &RequestError{Reason: UnknownAgent, Message: fmt.Sprintf("there is no agent %q in this project; there are: %s", name,
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
		return nil, &RequestError{Reason: BadJSON, Message: fmt.Sprintf("the payload is not JSON: %v", err)}
	}
	if agent.Payload != nil {
		payload = agent.Payload.WithDefaults(payload)
		if v := agent.Payload.Validate(payload); len(v) > 0 {
			return nil, &PayloadError{Agent: agent.Name, Violations: v}
		}
	}
	return payload, nil
}

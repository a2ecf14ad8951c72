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
	"iter"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// leaseTime is how long a session stays claimed without a sign of life; it is renewed at a third of it.
const leaseTime = 30 * time.Second

// Request asks for a run.
type Request struct {
	Agent   string
	Session string          // "": a new one
	Payload json.RawMessage // nil: {}
	Trigger Trigger
	// IdempotencyKey makes a second request with the same key return the first one's run; "": none.
	IdempotencyKey string
}

// Trigger is how a run was started.
type Trigger struct {
	Kind    string            `json:"kind"` // cli, http, webhook, cron
	Headers map[string]string `json:"headers,omitempty"`
}

// run is one run being carried out.
type run struct {
	*Engine
	id      string
	key     store.Key
	agent   *spec.Agent
	payload any
	trigger Trigger
	limits  spec.Limits
	models  map[string]Model // by "provider/model-id"

	journal *journal
	session *session
	box     sandbox.Sandbox
	skills  skillSet
	system  string
	vars    map[string]any // names for expressions, but for item and index
	steps   map[string]any // vars["steps"]
	meter   meter
	last    *Output // of the last executed step
}

// Run carries out a request. Its events end with Done, which carries the outcome. An error instead means
// that nothing ran (*RequestError, *PayloadError, *model.Error without a key), or that ctx ended or the
// store failed: then the run has no outcome yet and can be resumed. Leaving the loop early stops the run.
func (e *Engine) Run(ctx context.Context, req Request) iter.Seq2[Event, error] {
	return e.drive(ctx, func(ctx context.Context) (*run, error) { return e.admit(ctx, req) })
}

// Resume goes on with a run that has no outcome yet: finished steps are not repeated.
func (e *Engine) Resume(ctx context.Context, runID string) iter.Seq2[Event, error] {
	return e.drive(ctx, func(ctx context.Context) (*run, error) {
		stored, err := e.cfg.Store.RunByID(ctx, runID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, &RequestError{fmt.Sprintf("there is no run %q in this store", runID)}
		case err != nil:
			return nil, fmt.Errorf("find run %s: %w", runID, err)
		case stored.Settlement != nil:
			return nil, &RequestError{fmt.Sprintf("run %s is over: %s", runID, stored.Settlement.Outcome)}
		}
		req := Request{Agent: stored.Session.Agent, Session: stored.Session.Session, Payload: stored.Payload}
		if len(stored.Trigger) > 0 {
			if err := json.Unmarshal(stored.Trigger, &req.Trigger); err != nil {
				return nil, fmt.Errorf("decode the trigger of run %s: %w", runID, err)
			}
		}
		state, err := loadSession(ctx, e.cfg.Store, stored.Session, runID)
		if err != nil {
			return nil, err
		}
		return e.prepare(ctx, req, runID, state.messages[state.begin:])
	})
}

// drive runs what start makes in a goroutine of its own, which has ended when drive returns.
func (e *Engine) drive(ctx context.Context, start func(context.Context) (*run, error)) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r, err := start(ctx)
		if err != nil {
			yield(Event{}, err)
			return
		}
		out, left, failed := make(chan Event, 16), make(chan struct{}), make(chan error, 1)
		r.journal = &journal{store: e.cfg.Store, run: r, out: out, left: left}
		go func() {
			defer close(out)
			failed <- r.carryOut(ctx)
		}()
		here := true
		for event := range out {
			if here && !yield(event, nil) {
				here = false
				cancel() // before left: a run that ends by errLeft has to find its context ended
				close(left)
			}
		}
		if err := <-failed; err != nil && here {
			yield(Event{}, err)
		}
	}
}

// admit checks a request and has the store accept it.
func (e *Engine) admit(ctx context.Context, req Request) (*run, error) {
	now := e.cfg.Now()
	r, err := e.prepare(ctx, req, store.NewID(store.RunPrefix, now, rand.Reader), nil)
	if err != nil {
		return nil, err
	}
	if req.Session != "" {
		waiting, err := e.cfg.Store.Runs(ctx, r.key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("read session %s: %w", r.key, err)
		}
		for _, w := range waiting {
			if w.Settlement == nil {
				return nil, &RequestError{fmt.Sprintf("session %s has an unfinished run; go on with it first: flue run --resume %s", r.key, w.ID)}
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
	print := sha256.Sum256(payload)
	admitted, _, err := e.cfg.Store.Admit(ctx, store.Admission{Run: r.id, Session: r.key, Payload: payload, Trigger: trigger,
		IdempotencyKey: req.IdempotencyKey, Fingerprint: hex.EncodeToString(print[:]), Time: now})
	if err != nil {
		return nil, fmt.Errorf("accept the run: %w", err)
	}
	r.id = admitted.ID
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
	if what := missing(agent); what != "" {
		return nil, &RequestError{fmt.Sprintf("agent %q uses %s, which this version of flue does not have", agent.Name, what)}
	}
	r := &run{Engine: e, id: id, key: store.Key{Agent: agent.Name, Session: req.Session}, agent: agent, trigger: req.Trigger,
		limits: runLimits(agent.Limits, e.cfg.Project.Settings.Limits), models: map[string]Model{}, steps: map[string]any{}}
	var err error
	if r.payload, err = checkPayload(agent, req.Payload); err != nil {
		return nil, err
	}
	return r, r.findModels(ctx, answered)
}

// missing names what of the format an agent uses and this engine does not carry out: better no run than half of one.
func missing(agent *spec.Agent) string {
	switch {
	case len(agent.Commands) > 0:
		return "commands"
	case len(agent.Subagents) > 0:
		return "subagents"
	}
	for _, s := range agent.Steps {
		switch kind := s.Kind(); {
		case kind == "task" || kind == "agent" || kind == "parallel":
			return kind + " steps"
		case s.Commands != nil && len(*s.Commands) > 0:
			return "commands"
		}
	}
	return ""
}

func (e *Engine) unknownAgent(name string) error {
	return &RequestError{fmt.Sprintf("there is no agent %q in this project; there are: %s", name,
		strings.Join(slices.Sorted(maps.Keys(e.cfg.Project.Agents)), ", "))}
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

// carryOut claims the session, runs the steps and settles the run.
func (r *run) carryOut(ctx context.Context) (err error) {
	lease, err := r.cfg.Store.Claim(ctx, r.key, r.cfg.Owner, leaseTime)
	if errors.Is(err, store.ErrBusy) {
		return fmt.Errorf("session %s is in use by another process; if that one is gone, its claim ends within %s: %w", r.key, leaseTime, err)
	}
	if err != nil {
		return fmt.Errorf("claim session %s: %w", r.key, err)
	}
	r.journal.lease = lease
	ctx, stop := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() { r.renew(ctx, stop) })
	defer func() {
		stop(nil)
		renewing.Wait()
		if e := r.cfg.Store.Release(context.WithoutCancel(ctx), lease); err == nil && e != nil {
			err = fmt.Errorf("release session %s: %w", r.key, e)
		}
	}()
	if lease.Run != r.id {
		return &RequestError{fmt.Sprintf("run %s is not the next one of session %s: that is %s", r.id, r.key, lease.Run)}
	}
	if r.session, err = loadSession(ctx, r.cfg.Store, r.key, r.id); err != nil {
		return err
	}
	r.meter = meter{limits: r.limits, turns: r.session.turns, usage: r.session.usage}
	r.journal.add(Event{Type: RunStart, Payload: mustJSON(r.payload), Resumed: r.session.started})

	bounded, cancel := context.WithTimeoutCause(ctx, time.Duration(r.limits.Timeout),
		&Error{Type: LimitTimeout, Message: fmt.Sprintf("the run took longer than its timeout of %s", time.Duration(r.limits.Timeout))})
	defer cancel()
	result, stepErr := r.work(bounded)
	if ctx.Err() != nil {
		// Interrupted, or fenced off: what happened is stored, and the run can be resumed.
		return errors.Join(context.Cause(ctx), r.journal.flush(context.WithoutCancel(ctx)))
	}
	return r.settle(context.WithoutCancel(ctx), bounded, result, stepErr)
}

// renew keeps the lease until ctx ends; losing it ends the run.
func (r *run) renew(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(leaseTime / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.cfg.Store.Renew(ctx, r.journal.lease, leaseTime); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("renew the lease of session %s: %w", r.key, err))
				return
			}
		}
	}
}

// work opens the sandbox, runs all steps and evaluates `return`. A panic is an internal error of this run only.
func (r *run) work(ctx context.Context) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{Type: Internal, Message: fmt.Sprintf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	if err := r.openSandbox(ctx); err != nil {
		return nil, err
	}
	defer r.box.Close()
	if err := r.findSkills(ctx); err != nil {
		return nil, err
	}
	if r.system, err = r.systemPrompt(ctx); err != nil {
		return nil, err
	}
	r.vars = r.baseVars()
	if err := r.runSteps(ctx, r.agent.Steps); err != nil {
		return nil, err
	}
	if r.agent.Return != "" {
		result, err := expr.Eval(r.agent.Return, r.vars)
		if err != nil {
			return nil, &Error{Type: StepFailed, Message: "return: " + err.Error(), Err: err}
		}
		return result, nil
	}
	if r.last == nil {
		return nil, nil
	}
	return r.last.value(), nil
}

// openSandbox makes the session's workspace as its last snapshot left it.
func (r *run) openSandbox(ctx context.Context) error {
	req := SandboxRequest{Spec: r.sandboxSpec(), Skills: r.skillFolders()}
	var err error
	if r.box, err = r.cfg.Sandboxes(ctx, req); err != nil {
		return &Error{Type: SandboxFailed, Message: fmt.Sprintf("open the sandbox: %v", err), Err: err}
	}
	if keeper, ok := r.box.(sandbox.Snapshotter); ok && r.session.root != "" {
		if err := keeper.Restore(ctx, r.cfg.Store, r.session.root); err != nil {
			r.box.Close()
			return &Error{Type: SandboxFailed, Message: fmt.Sprintf("restore the workspace of session %s: %v", r.key, err), Err: err}
		}
	}
	return nil
}

func (r *run) sandboxSpec() *spec.Sandbox {
	switch ref := r.agent.Sandbox; {
	case ref == nil:
		return &spec.Sandbox{Type: "virtual"}
	case ref.Inline != nil:
		return ref.Inline
	case r.cfg.Project.Sandboxes[ref.Name] != nil:
		return r.cfg.Project.Sandboxes[ref.Name]
	default:
		return &spec.Sandbox{Type: ref.Name}
	}
}

// snapshot notes the workspace's files in the log if they have changed.
func (r *run) snapshot(ctx context.Context) error {
	keeper, ok := r.box.(sandbox.Snapshotter)
	if !ok {
		return nil
	}
	root, err := keeper.Snapshot(ctx, r.cfg.Store)
	if err != nil {
		return fmt.Errorf("store the workspace: %w", err)
	}
	if root != r.session.root {
		r.session.root = root
		r.journal.add(Event{Type: Workspace, Root: root})
	}
	return nil
}

// settle gives the run its outcome.
func (r *run) settle(ctx, worked context.Context, result any, err error) error {
	s := store.Settlement{Outcome: store.Completed, Usage: mustJSON(r.meter.usage), Time: r.cfg.Now()}
	done := Event{Type: Done, Usage: &r.meter.usage, Turn: r.meter.turns}
	if err != nil {
		why := failure(worked, err)
		s.Outcome, s.Error = store.Failed, mustJSON(why)
		done.Error = why
		r.journal.add(Event{Type: ErrorEvent, Step: why.Step, Error: why})
	} else {
		s.Result = mustJSON(result)
		done.Result = result
		if r.last != nil {
			done.Text = r.last.Text
		}
		r.journal.add(Event{Type: ResultData, Data: result})
	}
	done.Outcome = s.Outcome
	r.journal.add(done)
	if err := r.journal.settle(ctx, s); err != nil {
		return fmt.Errorf("settle run %s: %w", r.id, err)
	}
	return nil
}

// stamp fills in what every event has.
func (r *run) stamp(e Event) Event {
	e.Run, e.Session, e.Agent, e.Time = r.id, r.key.Session, r.key.Agent, r.cfg.Now().UTC()
	return e
}

// mustJSON encodes what cannot fail to encode: JSON values and our own structs.
func mustJSON(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("engine: encode %T: %v", v, err))
	}
	return data
}

// findModels resolves every model that the agent's steps may ask, so that a missing key is known before anything runs.
func (r *run) findModels(ctx context.Context, answered []model.Message) error {
	for _, step := range r.agent.Steps {
		if kind := step.Kind(); kind != "prompt" && kind != "skill" {
			continue
		}
		ids := r.modelIDs(step)
		if len(ids) == 0 {
			return &RequestError{fmt.Sprintf("agent %q has no model: set `model: provider/model-id` in .flue/flue.yaml or in the agent, or pass --model", r.agent.Name)}
		}
		var firstErr error
		usable := 0
		for _, id := range ids {
			if _, ok := r.models[id]; ok {
				usable++
				continue
			}
			m, err := r.cfg.Models(ctx, id, RunInfo{Run: r.id, Payload: r.payload, Answered: answered})
			if err != nil {
				if firstErr == nil {
					firstErr = err
				}
				continue
			}
			r.models[id] = m
			usable++
		}
		if usable == 0 {
			return firstErr
		}
	}
	return nil
}

// modelIDs is the chain of models for a step: the override, else the step's, its role's, the agent's, the project's.
func (r *run) modelIDs(step *spec.Step) spec.ModelList {
	if r.cfg.Model != "" {
		return spec.ModelList{r.cfg.Model}
	}
	lists := []spec.ModelList{step.Model, nil, r.agent.Model, r.cfg.Project.Settings.Model}
	if role := r.role(step); role != nil {
		lists[1] = role.Model
	}
	for _, list := range lists {
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

func (r *run) role(step *spec.Step) *spec.Role {
	name := step.Role
	if name == "" {
		name = r.agent.Role
	}
	return r.cfg.Project.Roles[name]
}

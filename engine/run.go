package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"time"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// leaseTime is how long a session stays claimed without a sign of life; it is renewed at a third of it.
const leaseTime = 30 * time.Second

// run is one run being carried out.
type run struct {
	*Engine
	id      string
	key     store.Key
	agent   *spec.Agent
	payload any
	trigger Trigger

	payloadJSON json.RawMessage // nil: it was not encoded yet

	limits spec.Limits
	models *modelSet
	depth  int // how many agents have delegated to this one

	journal *journal
	session *session
	talk    *talk
	calls   *command.Run // of privileged commands
	task    string       // names talk; "": the session's own
	box     sandbox.Sandbox
	keeper  sandbox.Snapshotter // the session's sandbox; nil where its files are kept elsewhere
	servers *servers
	skills  skillSet
	system  string
	vars    map[string]any // names for expressions, but for item and index
	steps   map[string]any // vars["steps"]
	meters  []*meter       // the run's own, then those of the sub-agents in between
	last    *Output        // of the last executed step

	lease   *store.Lease      // that came with the admission
	started time.Time         // when it started before it was resumed
	abort   bool              // was asked for before the run was resumed
	feeds   *feeds            // of the node that carries it out; nil: there is none
	crew    *crew             // likewise
	settled *store.Settlement // once it is over; of an agent step's run also when it is found again
}

// Run carries out a request. Its events end with Done, which carries the outcome. An error instead means
// that nothing ran (*RequestError, *PayloadError, *model.Error without a key), or that ctx ended or the
// store failed: then the run has no outcome yet and can be resumed. Leaving the loop early stops the run.
func (e *Engine) Run(ctx context.Context, req Request) iter.Seq2[Event, error] {
	return e.drive(ctx, nil, func(ctx context.Context) (*run, error) { return e.begin(ctx, req) })
}

// Resume goes on with a run that has no outcome yet: finished steps are not repeated.
func (e *Engine) Resume(ctx context.Context, runID string) iter.Seq2[Event, error] {
	return e.drive(ctx, nil, func(ctx context.Context) (*run, error) { return e.readmit(ctx, runID, 0) })
}

// drive runs what start makes in a goroutine of its own, which has ended when drive returns. Those who follow the
// session at a node hear of it, too.
func (e *Engine) drive(ctx context.Context, feeds *feeds, start func(context.Context) (*run, error)) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r, err := start(ctx)
		if err != nil {
			yield(Event{}, err)
			return
		}
		out, left, failed := make(chan Event, 16), make(chan struct{}), make(chan error, 1)
		r.feeds = feeds
		r.journal = newJournal(r, func(e Event, after int64) error {
			if feeds != nil {
				feeds.publish(r.key, e, after)
			}
			select {
			case out <- e:
				return nil
			case <-left:
				return errLeft
			}
		}, func() bool { return true })
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

// carryOut carries the run out under a lease, which it claims if it does not come with the admission.
func (r *run) carryOut(ctx context.Context) (err error) {
	if r.settled != nil {
		return r.replay(ctx)
	}
	if r.lease == nil {
		lease, err := r.cfg.Store.Claim(ctx, r.key, r.cfg.Owner, leaseTime)
		for errors.Is(err, store.ErrBusy) && r.depth > 0 { // an agent step's run, of which the one that began it may have died
			if err := sleep(ctx, claimAgain); err != nil {
				return err
			}
			lease, err = r.cfg.Store.Claim(ctx, r.key, r.cfg.Owner, leaseTime)
		}
		if errors.Is(err, store.ErrBusy) {
			return fmt.Errorf("session %s is in use by another process; if that one is gone, its claim ends within %s: %w", r.key, leaseTime, err)
		}
		if err != nil {
			return fmt.Errorf("claim session %s: %w", r.key, err)
		}
		r.lease = &lease
	}
	defer func() {
		if r.settled != nil {
			return // and so it was released
		}
		if e := r.cfg.Store.Release(context.WithoutCancel(ctx), *r.lease); err == nil && e != nil {
			err = fmt.Errorf("release session %s: %w", r.key, e)
		}
	}()
	if r.lease.Run != r.id {
		return &RequestError{Message: fmt.Sprintf("run %s is not the next one of session %s: that is %s", r.id, r.key, r.lease.Run)}
	}
	if r.session.last != r.lease.Last { // something happened in it since it was read, in this run perhaps
		if r.session, err = loadSession(ctx, r.cfg.Store, r.key, r.id); err != nil {
			return err
		}
		if r.session.started {
			stored, err := r.cfg.Store.RunByID(ctx, r.id)
			if err == nil {
				r.started = stored.Started
				err = r.findModels(ctx, r.session.told.messages)
			}
			if err != nil {
				return err
			}
		}
	}
	work, stop := context.WithCancelCause(ctx)
	_, err = r.carry(work, stop, *r.lease, r.session, func() store.Then { return store.Release })
	return err
}

// carry runs the steps under a lease and settles the run; stop ends ctx. then says what becomes of the lease when it is
// settled; next is the run that the lease goes on for.
func (r *run) carry(ctx context.Context, stop context.CancelCauseFunc, lease store.Lease, state *session, then func() store.Then) (next string, err error) {
	r.journal.lease = lease
	renewed := r.renewLater(ctx, stop)
	defer func() {
		stop(nil)
		renewed()
	}()
	if r.feeds != nil {
		defer r.feeds.begin(r.key, r.journal)()
	}
	r.session = state
	r.talk = r.session.talk("")
	r.calls = r.broker.NewRun(r.session.calls)
	r.meters = []*meter{{limits: r.limits, turns: r.session.turns, used: r.session.usage}}
	if r.payloadJSON == nil {
		r.payloadJSON = mustJSON(r.payload)
	}
	start := Event{Type: RunStart, Payload: r.payloadJSON, Resumed: r.session.started}
	if r.cfg.SandboxName != nil {
		start.Sandbox = r.cfg.SandboxName(ctx, r.sandboxSpec())
	}
	r.journal.add(start)
	if r.abort {
		stop(errAborted())
	}
	timeout := time.Duration(r.limits.Timeout)
	left := timeout
	if !r.started.IsZero() {
		left -= max(r.cfg.Now().Sub(r.started), 0)
	}
	bounded, cancel := context.WithTimeoutCause(ctx, left,
		&Error{Type: LimitTimeout, Message: fmt.Sprintf("the run took longer than its timeout of %s", timeout)})
	defer cancel()
	result, err := r.supervised(bounded)
	if ctx.Err() != nil && !isAborted(ctx) {
		// Interrupted, or fenced off: what happened is stored, and the run can be resumed.
		return "", errors.Join(context.Cause(ctx), r.journal.close(context.WithoutCancel(ctx)))
	}
	if err := r.journal.failed(); err != nil {
		return "", fmt.Errorf("write the log of session %s: %w", r.key, err) // the run goes on where it ends, another time
	}
	return r.settle(context.WithoutCancel(ctx), bounded, then(), result, err)
}

// grace is how long work has to come back once its context has ended.
const grace = 5 * time.Second

// supervised does the run's work. Work that does not come back when its context ends, such as that of a provider that
// never answers and takes no notice, is left to itself: the journal, once closed, takes nothing from it.
func (r *run) supervised(ctx context.Context) (any, error) {
	type end struct {
		result any
		err    error
	}
	ended := make(chan end, 1)
	r.crew.do(func() {
		result, err := r.work(ctx)
		ended <- end{result, err}
	})
	select {
	case e := <-ended:
		return e.result, e.err
	case <-ctx.Done():
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case e := <-ended:
		return e.result, e.err
	case <-patience.C:
		return nil, context.Cause(ctx)
	}
}

// replay hands out the end of a run that is over, as its log tells it.
func (r *run) replay(ctx context.Context) error {
	for entry, err := range r.cfg.Store.Entries(ctx, r.key, 0) {
		if err != nil {
			return fmt.Errorf("read session %s: %w", r.key, err)
		}
		if entry.Run != r.id || entry.Type != string(Done) {
			continue
		}
		done, err := EventOf(r.key, entry)
		if err != nil {
			return err
		}
		return r.journal.send(done, 0)
	}
	return fmt.Errorf("the log of session %s does not tell of the end of run %s", r.key, r.id)
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
	r.servers = &servers{start: r.cfg.MCP}
	defer r.servers.close()
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
		result, err := r.templates.eval(r.agent.Return, r.vars)
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

// settle gives the run its outcome.
func (r *run) settle(ctx, worked context.Context, then store.Then, result any, err error) (next string, _ error) {
	turns, usage := r.meters[0].totals()
	s := store.Settlement{Outcome: store.Completed, Usage: mustJSON(usage), Time: r.cfg.Now()}
	done := Event{Type: Done, Usage: &usage, Turn: turns}
	var last Event
	if err != nil {
		why := failure(worked, err)
		s.Outcome, s.Error = store.Failed, mustJSON(why)
		if isAborted(worked) {
			s.Outcome = store.Aborted
		}
		done.Error = why
		last = Event{Type: ErrorEvent, Step: why.Step, Error: why}
	} else {
		s.Result = mustJSON(result)
		done.Result = result
		if r.last != nil {
			done.Text = r.last.Text
		}
		last = Event{Type: ResultData, Data: result}
	}
	done.Outcome = s.Outcome
	if next, err = r.journal.settle(ctx, s, then, last, done); err != nil {
		return "", fmt.Errorf("settle run %s: %w", r.id, err)
	}
	return next, nil
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

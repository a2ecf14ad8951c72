package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/store"
)

// firing is what became of a slot.
type firing string

const (
	fired   firing = "fired"
	skipped firing = "skipped" // a run before it was unfinished
	missed  firing = "missed"  // nobody was there at the time
	failed  firing = "failed"  // it could not be started
)

// fire starts the run of a slot, unless it is not to be. It reports whether the slot is dealt with; if not, it may be tried
// again.
func (c *scheduler) fire(ctx context.Context, e *entry, slot time.Time, late time.Duration) (done bool) {
	log := c.log.With("agent", e.agent, "schedule", e.cron.Schedule, "slot", slot)
	kept, _, err := c.kept(ctx, e)
	if err != nil {
		log.Error("look a schedule up in the store", "error", err)
		return false
	}
	if !kept.New && !kept.Slot.Before(slot) && !kept.Slot.After(c.now().Add(punctual)) { // what is still to come was noted by a wrong clock
		return true // by another server on the same store
	}
	end := func(f firing) bool {
		if f != "" {
			c.count(e.agent, f)
		}
		if !kept.New || kept.Slot.Before(slot) {
			kept.Slot = slot
		}
		kept.New = false
		if err := c.keep(ctx, e, kept); err != nil {
			log.Error("keep a schedule's slot in the store", "error", err) // the slot's idempotency key keeps it from running twice
		}
		return true
	}
	if late > punctual && e.cron.CatchUp != "once" {
		log.Warn("schedule missed", "late", late)
		return end(missed)
	}
	req, err := e.request(slot)
	if err != nil {
		log.Error("schedule failed", "error", err)
		return end(failed)
	}
	if e.cron.Overlap != "queue" {
		run, err := c.unfinished(ctx, kept.Run, store.Key{Agent: req.Agent, Session: req.Session})
		if err != nil {
			log.Error("schedule failed, and will be tried again", "error", err)
			return false
		}
		if run != "" {
			log.Warn("schedule skipped: a run before it is unfinished", "run", run)
			kept.Run = run
			return end(skipped)
		}
	}
	accepted, err := c.accept(ctx, req)
	switch {
	case err == nil && accepted.Fresh:
		log.Info("schedule fired", "run", accepted.Run.ID, "session", accepted.Run.Session.Session)
		kept.Run = accepted.Run.ID
		return end(fired)
	case err == nil: // by another server at the same moment, or by this one before it died
		kept.Run = accepted.Run.ID
		return end("")
	case ctx.Err() != nil, errors.Is(err, engine.ErrDraining):
		return false
	case classify(err) != nil && !errors.As(err, new(*engine.QueueFullError)):
		log.Error("schedule failed", "error", err)
		return end(failed)
	}
	log.Error("schedule failed, and will be tried again", "error", err)
	return false
}

// request asks for the run of a slot, a time in the schedule's zone. Its key is the same whoever fires the slot, and whenever.
func (e *entry) request(slot time.Time) (engine.Request, error) {
	req := engine.Request{Agent: e.agent, Trigger: engine.Trigger{Kind: "cron"}, IdempotencyKey: e.id + " " + slot.UTC().Format(time.RFC3339)}
	vars := map[string]any{
		"agent":   map[string]any{"name": e.agent},
		"date":    slot.Format(time.DateOnly),
		"trigger": map[string]any{"kind": "cron", "headers": map[string]any{}},
	}
	if e.cron.Session != "" {
		session, err := expr.Parse(e.cron.Session)
		if err != nil {
			return req, fmt.Errorf("session: %w", err)
		}
		if req.Session, err = session.Text(vars); err != nil {
			return req, fmt.Errorf("session: %w", err)
		}
		if err := (store.Key{Agent: e.agent, Session: req.Session}).Check(); err != nil {
			return req, fmt.Errorf("session: %w", err)
		}
	}
	if e.cron.Payload != nil {
		payload, err := expr.Values(e.cron.Payload, vars)
		if err != nil {
			return req, fmt.Errorf("payload: %w", err)
		}
		if req.Payload, err = json.Marshal(payload); err != nil {
			return req, fmt.Errorf("payload: %w", err)
		}
	}
	return req, nil
}

// unfinished is a run that keeps a schedule from firing: the one before, or any of the session. "": there is none.
func (c *scheduler) unfinished(ctx context.Context, before string, session store.Key) (string, error) {
	if before != "" {
		run, err := c.store.RunByID(ctx, before)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", fmt.Errorf("read run %s: %w", before, err)
		}
		if err == nil && run.Settlement == nil {
			return run.ID, nil
		}
	}
	if session.Session == "" {
		return "", nil
	}
	runs, err := c.store.Runs(ctx, store.RunQuery{Session: session, Unfinished: true})
	if err != nil {
		return "", fmt.Errorf("read session %s: %w", session, err)
	}
	if n := len(runs); n > 0 {
		return runs[n-1].ID, nil
	}
	return "", nil
}

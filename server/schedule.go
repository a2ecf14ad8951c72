package server

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// scheduler starts agents by the clock: run does, and reload tells it that the project has changed.
type scheduler struct {
	project func() *spec.Project
	accept  func(context.Context, engine.Request) (engine.Accepted, error)
	store   store.Store
	log     *slog.Logger
	now     func() time.Time
	after   func(time.Duration) <-chan time.Time
	count   func(agent string, f firing)

	changed chan struct{} // holds a signal when the project is another; of length 1
	entries []*entry      // run's own
}

// entry is one schedule of one agent.
type entry struct {
	agent    string
	cron     spec.Cron
	schedule *spec.Schedule
	id       string    // names it in the store, as long as it says the same
	next     time.Time // the slot that comes next; zero: never
}

const (
	// lookAgain is the longest wait, so that a clock that was set, or a machine that slept, is noticed.
	lookAgain = time.Minute
	// punctual is how late a slot may be that is not caught up with.
	punctual = time.Minute
	// retryFiring is the pause after a firing that failed for a passing reason.
	retryFiring = 10 * time.Second
)

// reload has run take the schedules of the project as it is now.
func (c *scheduler) reload() {
	select {
	case c.changed <- struct{}{}:
	default: // there is a signal already
	}
}

// run fires schedules until ctx ends.
func (c *scheduler) run(ctx context.Context) {
	c.load(ctx, true)
	for {
		pause := c.fireDue(ctx)
		var timer <-chan time.Time
		if len(c.entries) > 0 {
			timer = c.after(pause)
		}
		select {
		case <-ctx.Done():
			return
		case <-timer:
		case <-c.changed:
			c.load(ctx, false)
		}
	}
}

// load takes the project's schedules. Those that were there before keep their next slot; only when the server starts, slots
// that have passed count.
func (c *scheduler) load(ctx context.Context, start bool) {
	before := map[string]*entry{}
	for _, e := range c.entries {
		before[e.id] = e
	}
	c.entries = nil
	now, taken := c.now(), map[string]bool{}
	agents := c.project().Agents
	for _, name := range slices.Sorted(maps.Keys(agents)) {
		for _, cron := range agents[name].Triggers.Cron {
			schedule, err := spec.ParseSchedule(cron.Schedule, cron.Timezone)
			if err != nil { // which lint refuses before
				c.log.Error("read a schedule", "agent", name, "schedule", cron.Schedule, "error", err)
				continue
			}
			e := &entry{agent: name, cron: cron, schedule: schedule, id: scheduleID(name, cron)}
			if taken[e.id] {
				continue // written twice
			}
			taken[e.id] = true
			c.entries = append(c.entries, e)
			if old := before[e.id]; old != nil {
				e.next = old.next
				continue
			}
			e.next = schedule.Next(now)
			if slot := c.owed(ctx, e, now); start && !slot.IsZero() {
				e.next = slot
			}
		}
	}
}

// owed is the last slot that has passed without anybody to deal with it; the zero time if there is none. A schedule that is
// new to the store owes nothing for the time before now.
func (c *scheduler) owed(ctx context.Context, e *entry, now time.Time) time.Time {
	kept, known, err := c.kept(ctx, e)
	if err == nil && !known {
		err = c.keep(ctx, e, keptSchedule{Slot: now, New: true})
	}
	switch {
	case err != nil:
		c.log.Error("look a schedule up in the store", "agent", e.agent, "schedule", e.cron.Schedule, "error", err)
	case known:
		return e.schedule.Last(kept.Slot, now)
	}
	return time.Time{}
}

// fireDue fires what is due, and says for how long nothing more is.
func (c *scheduler) fireDue(ctx context.Context) time.Duration {
	pause := lookAgain
	for _, e := range c.entries {
		now := c.now()
		if next := e.schedule.Next(now); e.next.After(next) { // the clock was set back
			e.next = next
		}
		if !e.next.IsZero() && !e.next.After(now) {
			slot := e.schedule.Last(e.next.Add(-1), now) // of several that have passed, the last
			if c.fire(ctx, e, slot, now.Sub(slot)) {
				e.next = e.schedule.Next(slot)
			} else {
				pause = min(pause, retryFiring)
				continue
			}
		}
		if !e.next.IsZero() {
			pause = min(pause, max(e.next.Sub(now), 0))
		}
	}
	return pause
}

package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/google/go-cmp/cmp"
)

// clock is the time of a scheduler under test. It stands still but in until.
type clock struct {
	mu      sync.Mutex
	time    time.Time
	asked   chan wait
	pending *wait
}

type wait struct {
	until time.Time
	ring  chan time.Time
}

func newClock(t *testing.T, start string) *clock {
	return &clock{time: parseTime(t, start), asked: make(chan wait, 1)}
}

func parseTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time = at
}

func (c *clock) after(d time.Duration) <-chan time.Time {
	w := wait{c.now().Add(d), make(chan time.Time, 1)}
	c.asked <- w
	return w.ring
}

// settle returns when the scheduler waits.
func (c *clock) settle() {
	if c.pending == nil {
		w := <-c.asked
		c.pending = &w
	}
}

// until lets time pass. When it returns, the scheduler has done what was due and waits.
func (c *clock) until(at time.Time) {
	for {
		c.settle()
		if c.pending.until.After(at) {
			c.set(at)
			return
		}
		c.set(c.pending.until)
		c.pending.ring <- c.pending.until
		c.pending = nil
	}
}

// sleep lets time pass while the machine sleeps: the scheduler wakes late.
func (c *clock) sleep(d time.Duration) {
	c.settle()
	c.set(c.now().Add(d))
	c.pending.ring <- c.now()
	c.pending = nil
	c.settle()
}

// wind sets the clock, as an administrator does: who waits waits as long as before.
func (c *clock) wind(at time.Time) {
	c.settle()
	rest := c.pending.until.Sub(c.now())
	c.set(at)
	c.pending.until = at.Add(rest)
}

// plant is a store with servers on it, whose runs do not end by themselves.
type plant struct {
	*testing.T
	store  store.Store
	agents map[string]*spec.Agent
	refuse error // what Accept answers

	mu    sync.Mutex
	slots []string // as they were started, each with its session and payload
	runs  []store.Run
	count map[string]int
}

func newPlant(t *testing.T, crons ...spec.Cron) *plant {
	p := &plant{T: t, store: memory.New(), count: map[string]int{}}
	t.Cleanup(func() { p.store.Close() })
	p.schedule(crons...)
	return p
}

func (p *plant) schedule(crons ...spec.Cron) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.agents = map[string]*spec.Agent{"report": {Name: "report", Triggers: spec.Triggers{Cron: crons}}}
}

func (p *plant) project() *spec.Project {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &spec.Project{Agents: p.agents}
}

// start starts a server's scheduler; stop ends it.
func (p *plant) start(c *clock) (s *scheduler, stop func()) {
	var log bytes.Buffer
	s = &scheduler{project: p.project, accept: p.accept, store: p.store, log: slog.New(slog.NewTextHandler(&log, nil)),
		now: c.now, after: c.after, changed: make(chan struct{}, 1), count: func(agent string, f firing) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.count[string(f)]++
		}}
	ctx, cancel := context.WithCancel(p.Context())
	var running sync.WaitGroup
	running.Go(func() { s.run(ctx) })
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			running.Wait()
			c.pending = nil
			select {
			case <-c.asked:
			default:
			}
			if p.Failed() {
				p.Log(log.String())
			}
		})
	}
	p.Cleanup(stop)
	return s, stop
}

// accept is what an engine.Node does with the store.
func (p *plant) accept(ctx context.Context, req engine.Request) (engine.Accepted, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil {
		return engine.Accepted{}, p.refuse
	}
	now := time.Now()
	session := req.Session
	if session == "" {
		session = store.NewID(store.SessionPrefix, now, rand.Reader)
	}
	admitted, err := p.store.Admit(ctx, store.Admission{Run: store.NewID(store.RunPrefix, now, rand.Reader), Session: store.Key{Agent: req.Agent, Session: session},
		Payload: req.Payload, IdempotencyKey: req.IdempotencyKey, Fingerprint: req.Session + string(req.Payload), Time: now})
	if err == nil && admitted.Fresh {
		_, slot, _ := strings.Cut(req.IdempotencyKey, " ")
		p.slots = append(p.slots, strings.Join(slices.DeleteFunc([]string{slot, req.Session, string(req.Payload)}, func(s string) bool { return s == "" }), " "))
		p.runs = append(p.runs, admitted.Run)
	}
	return engine.Accepted{Run: admitted.Run, Fresh: admitted.Fresh}, err
}

// finish gives all runs their outcome.
func (p *plant) finish() {
	p.Helper()
	for _, run := range p.runs {
		lease, err := p.store.Claim(p.Context(), run.Session, "me", time.Minute)
		if err != nil {
			p.Fatal(err)
		}
		if lease.Run != "" {
			if _, err := p.store.Settle(p.Context(), lease, lease.Run, store.Settlement{Outcome: store.Completed}, store.Keep); err != nil {
				p.Fatal(err)
			}
		}
		if err := p.store.Release(p.Context(), lease); err != nil {
			p.Fatal(err)
		}
	}
}

func (p *plant) want(slots ...string) {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if diff := cmp.Diff(slots, p.slots); diff != "" {
		p.Errorf("started, -want +got:\n%s", diff)
	}
}

func (p *plant) wantCount(want map[string]int) {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if diff := cmp.Diff(want, maps.Clone(p.count)); diff != "" {
		p.Errorf("counted, -want +got:\n%s", diff)
	}
}

func TestSchedulerOverClockChanges(t *testing.T) {
	tests := []struct {
		name  string
		cron  spec.Cron
		start string
		hours int
		want  []string
	}{
		{"Berlin, the hour that is skipped", spec.Cron{Schedule: "30 2 * * *", Timezone: "Europe/Berlin", Session: "day-${{ date }}"}, "2026-03-28T00:00:00Z", 72,
			[]string{"2026-03-28T01:30:00Z day-2026-03-28", "2026-03-29T01:00:00Z day-2026-03-29", "2026-03-30T00:30:00Z day-2026-03-30"}},
		{"Berlin, the hour that comes twice", spec.Cron{Schedule: "30 2 * * *", Timezone: "Europe/Berlin", Session: "day-${{ date }}"}, "2026-10-24T00:00:00Z", 72,
			[]string{"2026-10-24T00:30:00Z day-2026-10-24", "2026-10-25T00:30:00Z day-2026-10-25", "2026-10-26T01:30:00Z day-2026-10-26"}},
		{"New York, the hour that is skipped", spec.Cron{Schedule: "30 2 * * 0", Timezone: "America/New_York"}, "2026-03-08T00:00:00Z", 24, []string{"2026-03-08T07:00:00Z"}},
		{"New York, the hour that comes twice", spec.Cron{Schedule: "*/30 1 * * *", Timezone: "America/New_York"}, "2026-11-01T00:00:00Z", 24,
			[]string{"2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z"}},
		{"New York, every hour", spec.Cron{Schedule: "0 * * * *", Timezone: "America/New_York"}, "2026-11-01T04:30:00Z", 4,
			[]string{"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z", "2026-11-01T08:00:00Z"}},
		{"the day is the time zone's", spec.Cron{Schedule: "0 1 * * *", Timezone: "Pacific/Auckland", Payload: map[string]any{"day": "${{ date }}", "n": []any{1, "${{ trigger.kind }}"}}},
			"2026-06-01T00:00:00Z", 24, []string{`2026-06-01T13:00:00Z {"day":"2026-06-02","n":[1,"cron"]}`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.cron.Overlap = "queue"
			p, c := newPlant(t, test.cron), newClock(t, test.start)
			p.start(c)
			c.until(c.now().Add(time.Duration(test.hours) * time.Hour))
			p.want(test.want...)
		})
	}
}

// TestSchedulerRestarts has the server end and begin again in the middle of a slot, and over one.
func TestSchedulerRestarts(t *testing.T) {
	for _, catchUp := range []string{"", "none", "once"} {
		t.Run(catchUp, func(t *testing.T) {
			p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *", CatchUp: catchUp, Overlap: "queue"}), newClock(t, "2026-03-02T08:59:30Z")
			_, stop := p.start(c)
			c.until(parseTime(t, "2026-03-02T09:00:20Z"))
			p.want("2026-03-02T09:00:00Z")
			stop()
			_, stop = p.start(c)
			c.until(parseTime(t, "2026-03-03T08:00:00Z"))
			p.want("2026-03-02T09:00:00Z") // not again
			stop()

			c.set(parseTime(t, "2026-03-05T12:00:00Z")) // three slots later
			_, stop = p.start(c)
			c.settle()
			want := []string{"2026-03-02T09:00:00Z"}
			if catchUp == "once" {
				want = append(want, "2026-03-05T09:00:00Z")
			}
			p.want(want...)
			c.until(parseTime(t, "2026-03-06T10:00:00Z"))
			p.want(append(want, "2026-03-06T09:00:00Z")...)
			stop()
			p.start(c)
			c.settle()
			p.want(append(want, "2026-03-06T09:00:00Z")...)
		})
	}
}

// TestSchedulerRestartsOverASlot has the server be away for some seconds, as for an update.
func TestSchedulerRestartsOverASlot(t *testing.T) {
	p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *"}), newClock(t, "2026-03-02T08:59:00Z")
	_, stop := p.start(c)
	c.settle()
	stop()
	c.set(parseTime(t, "2026-03-02T09:00:20Z"))
	p.start(c)
	c.settle()
	p.want("2026-03-02T09:00:00Z")
	p.wantCount(map[string]int{"fired": 1})
}

func TestSchedulerNewScheduleOwesNothing(t *testing.T) {
	p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *", CatchUp: "once"}), newClock(t, "2026-03-02T09:00:30Z")
	_, stop := p.start(c)
	c.settle()
	stop()
	c.set(parseTime(t, "2026-03-02T20:00:00Z"))
	p.start(c)
	c.until(parseTime(t, "2026-03-03T08:00:00Z"))
	p.want()
}

// forgetful is a store that dies before it keeps a schedule's slot.
type forgetful struct {
	store.Store
	fail func() bool
}

func (f forgetful) SetValue(ctx context.Context, key string, value []byte) error {
	if f.fail() {
		return errors.New("the disk is full")
	}
	return f.Store.SetValue(ctx, key, value)
}

// TestSchedulerDiesAfterAccept has the server end after a run was accepted and before that was noted.
func TestSchedulerDiesAfterAccept(t *testing.T) {
	p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *", CatchUp: "once"}), newClock(t, "2026-03-02T08:59:30Z")
	whole := p.store
	p.store = forgetful{whole, func() bool { return len(p.runs) > 0 }}
	_, stop := p.start(c)
	c.until(parseTime(t, "2026-03-02T09:00:10Z"))
	stop()
	p.finish()
	p.store = whole
	p.start(c)
	c.until(parseTime(t, "2026-03-02T10:00:00Z"))
	p.want("2026-03-02T09:00:00Z")
}

// TestSchedulersShareAStore has two servers fire the same slots, one of them with a clock that is behind.
func TestSchedulersShareAStore(t *testing.T) {
	for _, overlap := range []string{"skip", "queue"} {
		t.Run(overlap, func(t *testing.T) {
			p := newPlant(t, spec.Cron{Schedule: "*/10 * * * *", Session: "s-${{ date }}", Overlap: overlap, CatchUp: "once"},
				spec.Cron{Schedule: "*/20 * * * *", Overlap: overlap, CatchUp: "once"})
			one, other := newClock(t, "2026-03-02T08:55:00Z"), newClock(t, "2026-03-02T08:54:57Z")
			p.start(one)
			p.start(other)
			var want []string
			for range 4 {
				next := one.now().Add(10 * time.Minute)
				var both sync.WaitGroup
				both.Go(func() { one.until(next) })
				both.Go(func() { other.until(next) })
				both.Wait()
				slot := next.Truncate(10 * time.Minute)
				want = append(want, slot.Format(time.RFC3339)+" s-2026-03-02")
				if slot.Minute()%20 == 0 {
					want = append(want, slot.Format(time.RFC3339))
				}
				p.finish()
			}
			slices.Sort(want)
			slices.Sort(p.slots)
			p.want(want...)
		})
	}
}

// hasty is a store whose reader has looked before another server wrote.
type hasty struct{ store.Store }

func (hasty) Value(context.Context, string) ([]byte, error) { return nil, store.ErrNotFound }

// TestSchedulersMeetANewSchedule has two servers see a schedule for the first time, one right before a slot and one right
// behind it, neither of which finds it in the store: the first one fires the slot.
func TestSchedulersMeetANewSchedule(t *testing.T) {
	p := newPlant(t, spec.Cron{Schedule: "0 9 * * *"})
	one, other := newClock(t, "2026-03-02T08:59:59Z"), newClock(t, "2026-03-02T09:00:01Z")
	p.start(one)
	one.settle()
	whole := p.store
	p.store = hasty{whole}
	_, stop := p.start(other)
	other.settle()
	stop()
	p.store = whole
	one.until(parseTime(t, "2026-03-02T09:00:02Z"))
	p.want("2026-03-02T09:00:00Z")
	p.start(other) // anew: nothing is owed
	other.until(parseTime(t, "2026-03-02T10:00:00Z"))
	p.want("2026-03-02T09:00:00Z")
}

// TestSchedulerComesSecond has a server look at a slot that another one has fired: that run is none before it.
func TestSchedulerComesSecond(t *testing.T) {
	p := newPlant(t, spec.Cron{Schedule: "0 9 * * *", Session: "same"})
	one, other := newClock(t, "2026-03-02T08:59:00Z"), newClock(t, "2026-03-02T08:59:00Z")
	p.start(one)
	p.start(other)
	other.settle() // it knows of the schedule
	one.until(parseTime(t, "2026-03-02T09:00:00Z"))
	other.until(parseTime(t, "2026-03-02T09:00:00Z"))
	p.want("2026-03-02T09:00:00Z same")
	p.wantCount(map[string]int{"fired": 1})
}

func TestSchedulerOverlap(t *testing.T) {
	first, second, third := "2026-03-02T09:00:00Z", "2026-03-02T09:10:00Z", "2026-03-02T09:20:00Z"
	for _, session := range []string{"", "same"} {
		t.Run("skip "+session, func(t *testing.T) {
			p, c := newPlant(t, spec.Cron{Schedule: "*/10 * * * *", Session: session}), newClock(t, "2026-03-02T08:59:00Z")
			p.start(c)
			c.until(parseTime(t, "2026-03-02T09:15:00Z"))
			p.wantCount(map[string]int{"fired": 1, "skipped": 1})
			p.finish()
			c.until(parseTime(t, "2026-03-02T09:25:00Z"))
			p.want(strings.TrimSpace(first+" "+session), strings.TrimSpace(third+" "+session))
		})
		t.Run("queue "+session, func(t *testing.T) {
			p, c := newPlant(t, spec.Cron{Schedule: "*/10 * * * *", Session: session, Overlap: "queue"}), newClock(t, "2026-03-02T08:59:00Z")
			p.start(c)
			c.until(parseTime(t, "2026-03-02T09:15:00Z"))
			p.want(strings.TrimSpace(first+" "+session), strings.TrimSpace(second+" "+session))
		})
	}
	t.Run("somebody else's run in the session", func(t *testing.T) {
		p, c := newPlant(t, spec.Cron{Schedule: "*/10 * * * *", Session: "same"}), newClock(t, "2026-03-02T08:59:00Z")
		if _, err := p.accept(t.Context(), engine.Request{Agent: "report", Session: "same", IdempotencyKey: "x mine"}); err != nil {
			t.Fatal(err)
		}
		p.start(c)
		c.until(parseTime(t, "2026-03-02T09:05:00Z"))
		p.want("mine same")
		p.finish()
		c.until(parseTime(t, "2026-03-02T09:15:00Z"))
		p.want("mine same", second+" same")
	})
}

// TestSchedulerAfterSleep has the machine sleep over several slots.
func TestSchedulerAfterSleep(t *testing.T) {
	for catchUp, want := range map[string][]string{"none": nil, "once": {"2026-03-02T16:30:00Z"}} {
		p, c := newPlant(t, spec.Cron{Schedule: "30 * * * *", CatchUp: catchUp}), newClock(t, "2026-03-02T08:59:00Z")
		p.start(c)
		c.sleep(8 * time.Hour)
		p.want(want...)
		c.until(parseTime(t, "2026-03-02T17:10:00Z"))
		p.want(want...)
	}
	p, c := newPlant(t, spec.Cron{Schedule: "0 * * * *", CatchUp: "none"}), newClock(t, "2026-03-02T08:59:30Z")
	p.start(c)
	c.sleep(8 * time.Hour)
	c.until(parseTime(t, "2026-03-02T17:00:05Z"))
	c.sleep(59*time.Minute + 30*time.Second)
	c.until(parseTime(t, "2026-03-02T18:00:05Z"))
	p.want("2026-03-02T17:00:00Z")
	p.wantCount(map[string]int{"missed": 1, "fired": 1, "skipped": 1})
}

// TestSchedulerAfterWrongClock has the clock be four years ahead for a while, and an hour.
func TestSchedulerAfterWrongClock(t *testing.T) {
	p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *", Overlap: "queue"}), newClock(t, "2030-03-02T08:59:00Z")
	p.start(c)
	c.until(parseTime(t, "2030-03-02T09:30:00Z"))
	c.wind(parseTime(t, "2026-03-02T08:30:00Z"))
	c.until(parseTime(t, "2026-03-02T09:30:00Z"))
	c.wind(parseTime(t, "2026-03-02T08:30:00Z"))
	c.until(parseTime(t, "2026-03-03T10:00:00Z"))
	p.want("2030-03-02T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z")
}

func TestSchedulerReload(t *testing.T) {
	nine, ten := spec.Cron{Schedule: "0 9 * * *", CatchUp: "once", Overlap: "queue"}, spec.Cron{Schedule: "0 10 * * *", CatchUp: "once", Overlap: "queue"}
	p, c := newPlant(t, nine), newClock(t, "2026-03-02T08:00:00Z")
	s, _ := p.start(c)
	reload := func(crons ...spec.Cron) {
		c.settle()
		p.schedule(crons...)
		s.reload()
		c.pending = nil // it waits anew
		c.settle()
	}
	reload(nine, ten)
	c.until(parseTime(t, "2026-03-02T09:00:00Z"))
	p.want("2026-03-02T09:00:00Z")
	reload(ten, nine, nine) // in the very slot; in another order, and one twice
	c.until(parseTime(t, "2026-03-02T10:30:00Z"))
	p.want("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")
	c.settle()
	c.set(parseTime(t, "2026-03-03T09:00:00Z")) // the slot has come, and the files have changed before anybody has looked
	p.schedule(nine, ten)
	s.reload()
	c.pending = nil
	c.settle()
	p.want("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-03T09:00:00Z")
	changed := nine
	changed.Payload = map[string]any{"n": 1}
	reload(changed, ten)
	c.until(parseTime(t, "2026-03-03T09:50:00Z"))
	reload(changed)
	c.until(parseTime(t, "2026-03-04T12:00:00Z"))
	reload(changed, ten)
	c.until(parseTime(t, "2026-03-04T13:00:00Z"))
	// Of the changed one not the nine o'clock that had passed, and no ten o'clock while there was none.
	p.want("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-03T09:00:00Z", `2026-03-04T09:00:00Z {"n":1}`)
}

func TestSchedulerFailures(t *testing.T) {
	set := func(p *plant, err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.refuse = err
	}
	t.Run("one that passes is tried again", func(t *testing.T) {
		p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *"}), newClock(t, "2026-03-02T08:59:00Z")
		set(p, errors.New("the disk is full"))
		p.start(c)
		c.until(parseTime(t, "2026-03-02T09:00:15Z"))
		set(p, nil)
		c.until(parseTime(t, "2026-03-02T09:00:30Z"))
		p.want("2026-03-02T09:00:00Z")
	})
	t.Run("one that lasts is a slot that is missed", func(t *testing.T) {
		p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *"}), newClock(t, "2026-03-02T08:59:00Z")
		set(p, &engine.QueueFullError{})
		p.start(c)
		c.until(parseTime(t, "2026-03-02T09:05:00Z"))
		p.wantCount(map[string]int{"missed": 1})
	})
	for name, cron := range map[string]spec.Cron{
		"a session id that is none": {Schedule: "0 9 * * *", Session: "not one"},
		"an expression that fails":  {Schedule: "0 9 * * *", Session: "s", Payload: map[string]any{"x": "${{ nothing }}"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, c := newPlant(t, cron), newClock(t, "2026-03-02T08:59:00Z")
			p.start(c)
			c.until(parseTime(t, "2026-03-03T09:05:00Z"))
			p.want()
			p.wantCount(map[string]int{"failed": 2})
		})
	}
	t.Run("a request that is refused is not tried again", func(t *testing.T) {
		p, c := newPlant(t, spec.Cron{Schedule: "0 9 * * *"}), newClock(t, "2026-03-02T08:59:00Z")
		set(p, &engine.RequestError{Message: "no"})
		p.start(c)
		c.until(parseTime(t, "2026-03-02T09:05:00Z"))
		p.wantCount(map[string]int{"failed": 1})
	})
}

func TestScheduleLast(t *testing.T) {
	for _, test := range [][4]string{
		{"0 9 * * *", "2026-03-01T09:00:00Z", "2026-03-05T12:00:00Z", "2026-03-05T09:00:00Z"},
		{"0 9 * * *", "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"},
		{"0 9 * * *", "2026-03-01T09:00:00Z", "2026-03-02T08:59:59Z", "0001-01-01T00:00:00Z"},
		{"* * * * *", "1996-03-01T09:00:00Z", "2026-03-02T08:59:59Z", "2026-03-02T08:59:00Z"},
		{"0 0 29 2 *", "2024-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2024-02-29T00:00:00Z"},
		{"0 0 1 1 *", "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z", "0001-01-01T00:00:00Z"},
	} {
		s, err := spec.ParseSchedule(test[0], "")
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Last(parseTime(t, test[1]), parseTime(t, test[2])).Format(time.RFC3339); got != test[3] {
			t.Errorf("the last of %q is %s, want %s", fmt.Sprint(test[:3]), got, test[3])
		}
	}
}

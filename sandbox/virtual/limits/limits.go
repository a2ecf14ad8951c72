// Package limits is the budget that everything one Exec starts has in common:
// the shell, nested shells, and every command. Start at Budget.
package limits

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Limits says how much one Exec may use. A zero field means its default.
type Limits struct {
	Timeout     time.Duration // wall clock; 120 s
	Commands    int64         // commands and loop rounds; 10,000,000
	Work        int64         // work units, about one per byte or element touched; 20,000,000,000
	LiveBytes   int64         // variables, arrays, pipe buffers, sort and hold spaces; 512 MiB
	Output      int64         // bytes on stdout and stderr together; 1 MiB
	Descriptors int64         // open files and pipes; 1,024
	Jobs        int64         // subshells, pipeline members and background jobs alive at once; 256
	Depth       int64         // functions, eval, source, substitutions and subshells within each other; 1,000
	Script      int64         // bytes of one script; 1 MiB
	Nesting     int64         // brackets and keywords open at once in a script; 500
}

// Defaults returns l with every zero field set to its default.
func (l Limits) Defaults() Limits {
	set := func(field *int64, value int64) {
		if *field == 0 {
			*field = value
		}
	}
	if l.Timeout == 0 {
		l.Timeout = 120 * time.Second
	}
	set(&l.Commands, 10_000_000)
	set(&l.Work, 20_000_000_000)
	set(&l.LiveBytes, 512<<20)
	set(&l.Output, 1<<20)
	set(&l.Descriptors, 1024)
	set(&l.Jobs, 256)
	set(&l.Depth, 1000)
	set(&l.Script, 1<<20)
	set(&l.Nesting, 500)
	return l
}

// Exceeded is the error of a limit that struck.
type Exceeded struct {
	Name  string // as users set and read it: "live-bytes"
	Limit string // "512 MiB", "200", "2m0s"
}

func (e *Exceeded) Error() string {
	return fmt.Sprintf("flue: limit %s (%s) exceeded", e.Name, e.Limit)
}

// Status is the exit status of an Exec that the limit ended: 124 for the time limit, else 126.
func (e *Exceeded) Status() int {
	if e.Name == "timeout" {
		return 124
	}
	return 126
}

// Budget is spent by everything one Exec starts. Its methods may be called from any goroutine. Once
// a limit has struck, or the context has ended, every method returns that error and the budget's
// context is cancelled, so that all of the Exec comes to an end.
type Budget struct {
	Limits Limits

	ctx    context.Context
	done   <-chan struct{} // of ctx
	cancel context.CancelCauseFunc
	clock  *time.Timer
	struck atomic.Pointer[error]

	commands, work, live, output, descriptors, jobs atomic.Int64
}

// New starts a budget whose clock runs from now. The caller must call End when the Exec is over.
func New(ctx context.Context, l Limits) *Budget {
	b := &Budget{Limits: l.Defaults()}
	b.ctx, b.cancel = context.WithCancelCause(ctx)
	b.done = b.ctx.Done()
	b.clock = time.AfterFunc(b.Limits.Timeout, func() {
		b.Strike(&Exceeded{"timeout", b.Limits.Timeout.String()})
	})
	return b
}

// Context is cancelled when a limit strikes, when the Exec ends, or with its parent.
func (b *Budget) Context() context.Context { return b.ctx }

// End releases the clock and cancels what still runs.
func (b *Budget) End() {
	b.clock.Stop()
	b.cancel(context.Canceled)
}

// Strike ends the Exec with err; the first one counts. It returns what counts.
func (b *Budget) Strike(err error) error {
	b.struck.CompareAndSwap(nil, &err)
	b.cancel(err)
	return *b.struck.Load()
}

// Err is what ended the Exec, or nil while it may go on.
func (b *Budget) Err() error {
	if p := b.struck.Load(); p != nil {
		return *p
	}
	select {
	case <-b.done:
		return b.Strike(context.Cause(b.ctx))
	default:
		return nil
	}
}

// Exceeded is the limit that struck, or nil.
func (b *Budget) Exceeded() *Exceeded {
	err := b.Err()
	if err == nil {
		return nil
	}
	var e *Exceeded
	errors.As(err, &e)
	return e
}

// Command spends one command or loop round.
func (b *Budget) Command() error { return b.spend(&b.commands, 1, b.Limits.Commands, "commands") }

// Work spends n units: about one per byte or element touched.
func (b *Budget) Work(n int) error { return b.spend(&b.work, int64(n), b.Limits.Work, "work") }

// Output spends n bytes of what leaves the Exec on stdout and stderr.
func (b *Budget) Output(n int) error {
	return b.spendBytes(&b.output, int64(n), b.Limits.Output, "output")
}

// Hold takes n bytes of live memory until Release.
func (b *Budget) Hold(n int) error {
	return b.spendBytes(&b.live, int64(n), b.Limits.LiveBytes, "live-bytes")
}

// Release gives back n bytes that Hold took.
func (b *Budget) Release(n int) { b.live.Add(-int64(n)) }

// Held is how many bytes are held now.
func (b *Budget) Held() int64 { return b.live.Load() }

// Open takes a descriptor until Close.
func (b *Budget) Open() error {
	return b.spend(&b.descriptors, 1, b.Limits.Descriptors, "descriptors")
}

// Close gives a descriptor back.
func (b *Budget) Close() { b.descriptors.Add(-1) }

// StartJob takes a place for a goroutine of the shell until EndJob.
func (b *Budget) StartJob() error { return b.spend(&b.jobs, 1, b.Limits.Jobs, "jobs") }

// EndJob gives a job's place back.
func (b *Budget) EndJob() { b.jobs.Add(-1) }

// Enter checks a nesting depth, which the caller counts along its own chain of calls.
func (b *Budget) Enter(depth int) error {
	if int64(depth) > b.Limits.Depth {
		return b.Strike(&Exceeded{"depth", fmt.Sprint(b.Limits.Depth)})
	}
	return b.Err()
}

func (b *Budget) spend(counter *atomic.Int64, n, limit int64, name string) error {
	if counter.Add(n) > limit {
		return b.Strike(&Exceeded{name, fmt.Sprint(limit)})
	}
	return b.Err()
}

func (b *Budget) spendBytes(counter *atomic.Int64, n, limit int64, name string) error {
	if counter.Add(n) > limit {
		return b.Strike(&Exceeded{name, Size(limit)})
	}
	return b.Err()
}

// Size writes a number of bytes as format.md does: "64 KiB", "1 MiB".
func Size(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

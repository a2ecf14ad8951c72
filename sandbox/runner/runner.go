// Package runner carries out the scripts of sandboxes whose programs run elsewhere, in a container or on a server:
// limits, output and closing are the same for all of them. Start at Runner.
package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// ErrClosed ends what runs when its sandbox is closed, and whatever comes after.
var ErrClosed = fmt.Errorf("the sandbox was closed: %w", fs.ErrClosed)

// Runner is the part of a sandbox that runs scripts. The zero value has the default limits.
type Runner struct {
	Timeout time.Duration      // of a script; 0 is 2m
	Output  int64              // of a script, in bytes; 0 is 1 MiB
	Struck  func(limit string) // is told the name of each limit that ends a script, from several goroutines; nil: nobody is

	mu      sync.Mutex
	closed  bool
	running map[*limits.Budget]struct{}
	execs   sync.WaitGroup
}

// Exec is a sandbox's: run starts the script and returns its exit status, with nothing of it left once it, or ctx, has
// ended. What it writes to stdout and stderr is counted, collected and passed on; a Write that fails ends the script.
// timeout is the script's own, as far as the time limits go.
func (r *Runner) Exec(ctx context.Context, e sandbox.Exec, run func(ctx context.Context, timeout time.Duration, stdout, stderr io.Writer) (int, error)) (result sandbox.ExecResult, err error) {
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	l := limits.Limits{Timeout: r.Timeout, Output: r.Output}.Defaults()
	if e.Timeout > 0 {
		l.Timeout = min(l.Timeout, e.Timeout)
	}
	budget := limits.New(ctx, l)
	defer budget.End()
	if err := r.begin(budget); err != nil {
		return result, err
	}
	defer r.end(budget)

	out := &output{budget: budget, callback: e.Output}
	status, err := run(budget.Context(), l.Timeout, stream{out, sandbox.Stdout}, stream{out, sandbox.Stderr})
	if x := budget.Exceeded(); x != nil {
		if x.Name != "timeout" {
			out.note(x.Error() + "\n")
		}
		result.Stdout, result.Stderr = out.texts()
		result.Limit, result.ExitCode = x.Name, x.Status()
		if r.Struck != nil {
			r.Struck(x.Name)
		}
		return result, nil
	}
	result.Stdout, result.Stderr = out.texts()
	result.ExitCode = status
	switch {
	case errors.Is(budget.Err(), ErrClosed):
		return result, ErrClosed
	case ctx.Err() != nil:
		return result, context.Cause(ctx)
	case err != nil:
		return result, fmt.Errorf("run a script: %w", err)
	}
	return result, nil
}

// Close ends what runs, and waits for it. It says whether it is the first to do so.
func (r *Runner) Close() (first bool) {
	r.mu.Lock()
	first = !r.closed
	r.closed = true
	for b := range r.running {
		b.Strike(ErrClosed)
	}
	r.mu.Unlock()
	r.execs.Wait()
	return first
}

// Closed says whether Close has been called.
func (r *Runner) Closed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

func (r *Runner) begin(b *limits.Budget) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	if r.running == nil {
		r.running = map[*limits.Budget]struct{}{}
	}
	r.running[b] = struct{}{}
	r.execs.Add(1)
	return nil
}

func (r *Runner) end(b *limits.Budget) {
	r.mu.Lock()
	delete(r.running, b)
	r.mu.Unlock()
	r.execs.Done()
}

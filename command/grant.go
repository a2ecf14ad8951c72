package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/flue-run/flue/sandbox"
)

// Exit statuses of a call that the program did not end itself.
const (
	statusTimeout = 124
	statusBroken  = 125 // a limit on output, or a fault of flue
	statusRefused = 126 // or a program that cannot be started
	statusUnknown = 127 // not granted
	statusPipe    = 141 // nobody reads what it writes
)

// Run counts the calls of one run, for max_calls.
type Run struct {
	broker *Broker
	mu     sync.Mutex
	calls  map[string]int
}

// NewRun begins a run. calls are those that it has made before, when it is resumed; nil: none.
func (b *Broker) NewRun(calls map[string]int) *Run {
	r := &Run{broker: b, calls: map[string]int{}}
	for name, n := range calls {
		r.calls[name] = n
	}
	return r
}

// count takes one call, unless all are taken.
func (r *Run) count(c *ready) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.MaxCalls > 0 && r.calls[c.Name] >= c.MaxCalls {
		return fmt.Errorf("this run has made all of its %d calls (max_calls)", c.MaxCalls)
	}
	r.calls[c.Name]++
	return nil
}

// Scope is where and before whom the calls of a Grant happen.
type Scope struct {
	// HostDir is the host's folder for a directory of the sandbox; false: it has none. nil: none has.
	HostDir func(dir string) (string, bool)
	// Started is told of each call that the rules let through, before it happens; an error keeps it from happening.
	// Ended is told of its end. nil: nobody is told.
	Started func(ctx context.Context, name string, args []string) error
	Ended   func(name string, status int)
}

// Grant is the commands of one step. They exist until Revoke.
type Grant struct {
	run   *Run
	scope Scope
	names []string

	ctx     context.Context // ends with the grant
	end     context.CancelCauseFunc
	mu      sync.Mutex
	revoked bool
	calls   sync.WaitGroup
}

var errRevoked = errors.New("the step has ended")

// Grant gives commands to a step. ctx bounds its calls, besides their own.
func (r *Run) Grant(ctx context.Context, names []string, scope Scope) *Grant {
	g := &Grant{run: r, scope: scope, names: slices.Clone(names)}
	g.ctx, g.end = context.WithCancelCause(ctx)
	return g
}

// Revoke takes the commands away: those that run are killed, and have ended when it returns.
func (g *Grant) Revoke() {
	g.mu.Lock()
	g.revoked = true
	g.mu.Unlock()
	g.end(errRevoked)
	g.calls.Wait()
}

// Grants are the commands as a sandbox takes them.
func (g *Grant) Grants() sandbox.Grants {
	if g == nil {
		return nil
	}
	grants := sandbox.Grants{}
	for _, name := range g.names {
		grants[name] = func(ctx context.Context, c sandbox.Call) int { return g.Call(ctx, name, c) }
	}
	return grants
}

// begin is false when the grant is over.
func (g *Grant) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.revoked {
		return false
	}
	g.calls.Add(1)
	return true
}

// Call does one call and returns its exit status. What it prints, errors included, holds no secret.
func (g *Grant) Call(ctx context.Context, name string, c sandbox.Call) (status int) {
	if c.Stdin == nil {
		c.Stdin = strings.NewReader("")
	}
	if !slices.Contains(g.names, name) || !g.begin() {
		fmt.Fprintf(c.Stderr, "%s: not granted to this step\n", name)
		return statusUnknown
	}
	defer g.calls.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(g.ctx, func() { cancel(context.Cause(g.ctx)) })()

	stdout, stderr := g.run.broker.redactor.Writer(c.Stdout), g.run.broker.redactor.Writer(c.Stderr)
	c.Stdout, c.Stderr = stdout, stderr
	defer func() {
		if p := recover(); p != nil { // a hook of the embedding program, or a fault of ours
			fmt.Fprintf(stderr, "%s: internal error: %v\n", name, p)
			status = statusBroken
		}
		for _, w := range []io.Closer{stdout, stderr} {
			_ = w.Close() // who reads it has gone: the status says so
		}
	}()
	cmd, err := g.run.broker.commands[name].prepare()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return statusRefused
	}
	if err := g.admit(cmd, c); err != nil {
		fmt.Fprintf(stderr, "%s: refused: %v\n", name, err)
		return statusRefused
	}
	if g.scope.Started != nil {
		if err := g.scope.Started(ctx, name, c.Args); err != nil {
			fmt.Fprintf(stderr, "%s: not run: %v\n", name, err)
			return statusBroken
		}
	}
	status = g.carryOut(ctx, cmd, c)
	if g.scope.Ended != nil {
		g.scope.Ended(name, status)
	}
	return status
}

// admit checks a call against the command's rules. It counts last, so that refused calls cost nothing.
func (g *Grant) admit(cmd *ready, c sandbox.Call) error {
	if cmd.rules != nil {
		if err := cmd.rules.Check(c.Args); err != nil {
			return err
		}
	}
	if cmd.profile != nil {
		if err := cmd.profile.refuse(cmd, c.Args); err != nil {
			return err
		}
	}
	return g.run.count(cmd)
}

func (g *Grant) carryOut(ctx context.Context, cmd *ready, c sandbox.Call) int {
	timeout := fmt.Errorf("stopped after %s (timeout)", cmd.timeout())
	ctx, cancel := context.WithTimeoutCause(ctx, cmd.timeout(), timeout)
	defer cancel()
	status, err := 0, error(nil)
	if cmd.hook == nil {
		status, err = g.exec(ctx, cmd, c)
	} else {
		status, err = callHook(ctx, cmd, c)
	}
	if err != nil {
		fmt.Fprintf(c.Stderr, "%s: %v\n", cmd.Name, err)
		if errors.Is(err, timeout) {
			return statusTimeout
		}
	}
	return status
}

// callHook calls a Go function.
func callHook(ctx context.Context, cmd *ready, c sandbox.Call) (int, error) {
	env := map[string]string{}
	for name, value := range cmd.env {
		env[name] = value
	}
	res, err := cmd.hook(ctx, Call{Command: cmd.Name, Args: slices.Clone(c.Args), Dir: c.Dir, Env: env, Stdin: &limitedReader{c.Stdin, streamLimit}})
	for _, out := range []struct {
		to   io.Writer
		text string
	}{{c.Stdout, res.Stdout}, {c.Stderr, res.Stderr}} {
		if len(out.text) > streamLimit {
			return statusBroken, fmt.Errorf("stopped: %w", errTooMuch)
		}
		if _, e := io.WriteString(out.to, out.text); e != nil && err == nil {
			return statusPipe, nil
		}
	}
	switch {
	case ctx.Err() != nil:
		return statusBroken, context.Cause(ctx)
	case err != nil && res.ExitCode == 0:
		return 1, err
	}
	return res.ExitCode, err
}

package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// Exec runs a script. Files stay; everything else of it ends with it, what it left in the background too.
func (s *Sandbox) Exec(ctx context.Context, e sandbox.Exec) (result sandbox.ExecResult, err error) {
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	l := limits.Limits{Timeout: s.cfg.Timeout, Output: s.cfg.Output}.Defaults()
	if e.Timeout > 0 {
		l.Timeout = min(l.Timeout, e.Timeout)
	}
	budget := limits.New(ctx, l)
	defer budget.End()
	if err := s.begin(budget); err != nil {
		return result, err
	}
	defer s.end(budget)

	out := &output{budget: budget, callback: e.Output}
	dir := s.path(e.Dir)
	if i, err := s.files.Stat(budget.Context(), dir); err != nil || !i.IsDir() {
		fmt.Fprintf(out.stream(sandbox.Stderr), "flue: the working directory %s does not exist, or is not a directory\n", dir)
		result.Stdout, result.Stderr = out.texts()
		result.ExitCode = 1
		return result, nil
	}
	status, err := s.engine.run(budget.Context(), script{text: e.Script, args: e.Args, dir: dir, env: e.Env, stdin: e.Stdin,
		stdout: out.stream(sandbox.Stdout), stderr: out.stream(sandbox.Stderr), grants: e.Grants})
	if x := budget.Exceeded(); x != nil {
		if x.Name != "timeout" {
			out.note(x.Error() + "\n")
		}
		result.Stdout, result.Stderr = out.texts()
		result.Limit, result.ExitCode = x.Name, x.Status()
		if s.cfg.Struck != nil {
			s.cfg.Struck(x.Name)
		}
		return result, nil
	}
	result.Stdout, result.Stderr = out.texts()
	result.ExitCode = status
	switch {
	case errors.Is(budget.Err(), errClosed):
		return result, errClosed
	case ctx.Err() != nil:
		return result, context.Cause(ctx)
	case err != nil:
		return result, fmt.Errorf("run a script: %w", err)
	}
	return result, nil
}

func (s *Sandbox) begin(b *limits.Budget) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	s.running[b] = struct{}{}
	s.execs.Add(1)
	return nil
}

func (s *Sandbox) end(b *limits.Budget) {
	s.mu.Lock()
	delete(s.running, b)
	s.mu.Unlock()
	s.execs.Done()
}

// output collects what a script writes up to its limit, and passes it on as it comes.
type output struct {
	budget   *limits.Budget
	mu       sync.Mutex
	callback func(sandbox.Stream, []byte)
	text     [2]strings.Builder
}

type outputStream struct {
	*output
	stream sandbox.Stream
}

func (o *output) stream(s sandbox.Stream) io.Writer { return outputStream{o, s} }

// Write keeps p and passes it on. Past the limit it fails, which ends the script.
func (o outputStream) Write(p []byte) (int, error) {
	if err := o.budget.Output(len(p)); err != nil {
		return 0, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(o.stream, p)
	return len(p), nil
}

// note adds what flue itself has to say.
func (o *output) note(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(sandbox.Stderr, []byte(text))
}

func (o *output) keep(stream sandbox.Stream, p []byte) {
	if o.callback != nil {
		o.callback(stream, p)
	}
	o.text[stream-sandbox.Stdout].Write(p)
}

func (o *output) texts() (stdout, stderr string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text[0].String(), o.text[1].String()
}

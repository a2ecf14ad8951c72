package virtual

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// Exec runs a script. Files stay; variables, functions and the working directory do not. When ctx ends, it returns what
// there was by then, with the cause.
func (s *Sandbox) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	return s.exec(ctx, e, func(ctx context.Context, cfg shell.Config) int { return shell.Run(ctx, cfg, e.Script) })
}

// exec makes the world of a script, which run runs.
func (s *Sandbox) exec(ctx context.Context, e sandbox.Exec, run func(context.Context, shell.Config) int) (result sandbox.ExecResult, err error) {
	if err := ctx.Err(); err != nil {
		return result, context.Cause(ctx)
	}
	l := s.cfg.Limits
	if e.Timeout > 0 && (l.Timeout == 0 || e.Timeout < l.Timeout) {
		l.Timeout = e.Timeout
	}
	budget := limits.New(ctx, l)
	defer budget.End()
	if err := s.begin(budget); err != nil {
		return result, err
	}
	defer s.end(budget)

	out := &output{callback: e.Output}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("running a script: internal error: %v", r)
		}
	}()
	dir := s.cfg.Dir
	if e.Dir != "" {
		dir = s.path(e.Dir)
	}
	if e.Dir == "" && s.files.MkdirAll(dir, 0o755) != nil { // a script has removed it, and put something in its place
		dir = "/"
	}
	if i, err := s.files.Stat(dir); err != nil || !i.IsDir() {
		text := fmt.Sprintf("flue: the working directory %s does not exist, or is not a directory\n", dir)
		io.WriteString(out.stream(sandbox.Stderr), text)
		return sandbox.ExecResult{Stderr: text, ExitCode: 1}, nil
	}
	files := s.files.For(budget)
	result.ExitCode = run(budget.Context(), shell.Config{
		FS:        files,
		Commands:  s.cfg.Commands,
		Granted:   granted(e.Grants),
		Known:     s.cfg.Known,
		Budget:    budget,
		Env:       s.environ(e.Env),
		Args:      e.Args,
		Dir:       dir,
		Stdin:     stdin(budget.Context(), e.Stdin),
		Stdout:    out.stream(sandbox.Stdout),
		Stderr:    out.stream(sandbox.Stderr),
		Now:       s.cfg.Now,
		Fetch:     s.cfg.Fetch,
		Databases: s.cfg.Databases,
	})
	for _, err := range files.Unwritten() {
		fmt.Fprintf(out.stream(sandbox.Stderr), "flue: not written: %v\n", err)
		result.ExitCode = max(result.ExitCode, 1)
	}
	result.Stdout, result.Stderr = out.texts()
	if x := budget.Exceeded(); x != nil {
		result.Limit, result.ExitCode = x.Name, x.Status()
		if s.cfg.Struck != nil {
			s.cfg.Struck(x.Name)
		}
		return result, nil
	}
	if err := budget.Err(); errors.Is(err, errClosed) {
		return result, err
	}
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
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
	heap.watch(b, s.cfg.HeapCeiling)
	return nil
}

func (s *Sandbox) end(b *limits.Budget) {
	heap.forget(b)
	s.mu.Lock()
	delete(s.running, b)
	s.mu.Unlock()
	s.execs.Done()
}

// environ is the sandbox's variables and those of one call.
func (s *Sandbox) environ(env map[string]string) []string {
	if len(env) == 0 {
		return s.env
	}
	list := slices.Clone(s.env)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// granted makes programs of the privileged commands of one call.
func granted(grants sandbox.Grants) func(name string) (shell.Command, bool) {
	if len(grants) == 0 {
		return nil
	}
	return func(name string) (shell.Command, bool) {
		run, ok := grants[name]
		return func(ctx context.Context, inv *shell.Invocation) int {
			return run(ctx, sandbox.Call{Args: inv.Args[1:], Dir: inv.Dir, Stdin: inv.Stdin, Stdout: inv.Stdout, Stderr: inv.Stderr})
		}, ok
	}
}

// output collects what a script writes, and passes it on as it comes, in order.
type output struct {
	mu       sync.Mutex
	callback func(sandbox.Stream, []byte)
	text     [2]strings.Builder
}

type outputStream struct {
	*output
	stream sandbox.Stream
}

func (o *output) stream(s sandbox.Stream) io.Writer { return outputStream{o, s} }

// Write keeps p and passes it on.
func (o outputStream) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.callback != nil {
		o.callback(o.stream, p)
	}
	return o.text[o.stream-sandbox.Stdout].Write(p)
}

func (o *output) texts() (stdout, stderr string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text[0].String(), o.text[1].String()
}

// stdin makes reads of r end with ctx. A read of r that never returns keeps one goroutine until it does.
func stdin(ctx context.Context, r io.Reader) io.Reader {
	switch r.(type) {
	case nil, *strings.Reader, *bytes.Reader, *bytes.Buffer:
		return r
	}
	return &stdinReader{ctx: ctx, r: r}
}

type stdinReader struct {
	ctx     context.Context
	r       io.Reader
	pending chan stdinChunk // of a read that is under way
	rest    []byte
	err     error
}

// Unread hands on what was read ahead, if the reader takes it back.
func (s *stdinReader) Unread(data []byte) {
	if back, ok := s.r.(sandbox.Unreader); ok {
		back.Unread(append(bytes.Clone(data), s.rest...))
		s.rest = nil
	}
}

type stdinChunk struct {
	data []byte
	err  error
}

// Read reads ahead by one chunk, which a read that the context ends leaves behind.
func (s *stdinReader) Read(p []byte) (int, error) {
	if len(s.rest) == 0 && s.err == nil {
		if s.pending == nil {
			pending := make(chan stdinChunk, 1)
			s.pending = pending
			go func() {
				buf := make([]byte, max(len(p), 1))
				n, err := s.r.Read(buf)
				pending <- stdinChunk{buf[:n], err}
			}()
		}
		select {
		case c := <-s.pending:
			s.pending, s.rest, s.err = nil, c.data, c.err
		case <-s.ctx.Done():
			return 0, context.Cause(s.ctx)
		}
	}
	n := copy(p, s.rest)
	if s.rest = s.rest[n:]; n > 0 {
		return n, nil
	}
	return 0, s.err
}

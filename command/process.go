//go:build unix

package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// drainTime is how long output may still come from pipes after everything that was started has been killed.
const drainTime = time.Second

// process is one program of the host, with everything that it starts.
type process struct {
	path    string
	args    []string // with its name
	env     []string
	dir     string
	marker  string       // a path that is in env and in no other process's
	confine *confinement // nil: not confined

	stdin          io.Reader
	stdout, stderr io.Writer
}

// run starts the program and waits for its end, or for that of ctx, of a stream's limit or of its reader: then it is
// killed. Nothing that it started is left when run returns. The error says what stopped it.
func (p *process) run(ctx context.Context) (int, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if ctx.Err() != nil {
		return statusBroken, context.Cause(ctx)
	}
	pipes, err := openPipes()
	if err != nil {
		return statusBroken, fmt.Errorf("open pipes: %w", err)
	}
	defer pipes.close()
	cmd := &exec.Cmd{Path: p.path, Args: p.args, Env: p.env, Dir: p.dir, Stdin: pipes.stdin.r, Stdout: pipes.stdout.w, Stderr: pipes.stderr.w}
	cmd.SysProcAttr = attributes()
	release, err := p.start(cmd)
	if err != nil {
		return statusRefused, fmt.Errorf("start %s: %w", p.path, err)
	}
	defer release()
	pipes.stdout.w.Close()
	pipes.stderr.w.Close()

	var reading sync.WaitGroup
	for _, out := range []struct {
		from *os.File
		to   io.Writer
	}{{pipes.stdout.r, p.stdout}, {pipes.stderr.r, p.stderr}} {
		reading.Go(func() {
			if err := pass(out.to, out.from); err != nil {
				stop(err)
			}
		})
	}
	feeding := feed(p.stdin, pipes.stdin.w, stop)

	var wait func() (*os.ProcessState, error)
	exited := make(chan struct{})
	go func() {
		wait = awaitExit(cmd.Process)
		close(exited)
	}()
	select {
	case <-exited:
	case <-ctx.Done():
		killGroup(cmd.Process.Pid)
		<-exited
	}
	cause := context.Cause(ctx)
	killGroup(cmd.Process.Pid) // what it left behind, while its own entry still keeps the group's number from others
	state, err := wait()
	sweep(p.marker)
	deadline := time.Now().Add(drainTime)
	_ = errors.Join(pipes.stdout.r.SetReadDeadline(deadline), pipes.stderr.r.SetReadDeadline(deadline)) // os.Pipe has deadlines
	reading.Wait()
	feeding.end(ctx, p.stdin, pipes.stdin.r)
	if cause == nil {
		cause = context.Cause(ctx) // the last of the output was too much, or found no reader
	}
	switch {
	case err != nil:
		return statusBroken, fmt.Errorf("wait for %s: %w", p.path, err)
	case errors.Is(cause, errNoReader):
		return statusPipe, nil
	case cause != nil:
		return statusBroken, cause
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return state.ExitCode(), nil
}

// pipe has the two ends of a pipe.
type pipe struct{ r, w *os.File }

type pipes struct{ stdin, stdout, stderr pipe }

func openPipes() (p *pipes, err error) {
	p = &pipes{}
	for _, end := range []*pipe{&p.stdin, &p.stdout, &p.stderr} {
		if end.r, end.w, err = os.Pipe(); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

func (p *pipes) close() {
	for _, f := range []*os.File{p.stdin.r, p.stdin.w, p.stdout.r, p.stdout.w, p.stderr.r, p.stderr.w} {
		f.Close() // nil and closed ones say so, which is nothing to tell
	}
}

var errNoReader = errors.New("nobody reads its output")

// pass copies what a program prints, up to the limit.
func pass(to io.Writer, from *os.File) error {
	limited := &limitedReader{from, streamLimit}
	buf := make([]byte, 32<<10)
	for {
		n, err := limited.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return errNoReader
			}
		}
		switch {
		case errors.Is(err, errTooMuch):
			return fmt.Errorf("stopped: %w", err)
		case err != nil:
			return nil // its end, or that of drainTime
		}
	}
}

// feeder copies a script's stdin to a program.
type feeder struct {
	w    *os.File
	done chan struct{}
	rest []byte // was read, and not taken by the pipe
}

func feed(from io.Reader, w *os.File, stop context.CancelCauseFunc) *feeder {
	f := &feeder{w: w, done: make(chan struct{})}
	limited := &limitedReader{from, streamLimit}
	go func() {
		defer close(f.done)
		defer w.Close()
		buf := make([]byte, 4<<10)
		for {
			n, err := limited.Read(buf)
			if errors.Is(err, errTooMuch) {
				stop(fmt.Errorf("stopped: %w", err))
				return
			}
			if written, e := w.Write(buf[:n]); e != nil {
				f.rest = append(f.rest, buf[written:n]...)
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return f
}

// end stops the copying and gives back what the program has not read, so that `while read` loops keep their lines.
// A read that the context has to end may outlive this.
func (f *feeder) end(ctx context.Context, from io.Reader, r *os.File) {
	_ = f.w.SetWriteDeadline(time.Now()) // os.Pipe has deadlines; it may be closed
	select {
	case <-f.done:
	case <-ctx.Done():
		return
	}
	back, ok := from.(sandbox.Unreader)
	if !ok {
		return
	}
	unread, err := io.ReadAll(r)
	if err != nil {
		return // what the program has taken cannot be known
	}
	if unread = append(unread, f.rest...); len(unread) > 0 {
		back.Unread(unread)
	}
}

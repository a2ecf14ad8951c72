package awk

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// process is a command that runs beside the program: one that getline reads, or a coprocess.
type process struct {
	stdin  *conduit // of a coprocess; nil once it is closed
	stdout *conduit
	done   chan struct{} // closed when it has ended
	status int
}

// errLate is a read that had to wait for longer than PROCINFO[…, "READ_TIMEOUT"] says.
var errLate = errors.New("Connection timed out")

// pipeSize is how much of a command's output waits to be read.
const pipeSize = 64 << 10

// start runs a script. Its output can be read, and as a coprocess it reads what is written to it.
func (in *interp) start(script string, coprocess bool) *process {
	p := &process{stdout: newConduit(in.ctx, in.inv.Budget, pipeSize), done: make(chan struct{})}
	n := in.nested(script)
	n.Stdout = p.stdout
	var stdin *conduit
	if coprocess {
		stdin = newConduit(in.ctx, in.inv.Budget, 0)
		p.stdin, n.Stdin = stdin, stdin
	}
	exec := in.inv.Exec
	go func() {
		defer close(p.done)
		p.status = exec(in.ctx, n)
		p.stdout.closeWriter()
		if stdin != nil {
			stdin.closeReader()
		}
	}()
	return p
}

// close ends both pipes and waits for the command.
func (p *process) close() int {
	if p.stdin != nil {
		p.stdin.closeWriter()
	}
	p.stdout.closeReader()
	<-p.done
	return p.status
}

// conduit is a pipe between the program and a command.
type conduit struct {
	ctx      context.Context
	budget   *limits.Budget
	most     int // bytes after which a writer waits; 0: it never does
	mu       sync.Mutex
	changed  *sync.Cond
	buf      []byte
	noReader bool
	noWriter bool
	forget   func() bool   // stops the waking when the script ends
	patience time.Duration // of the reader; 0: it waits for ever
}

func newConduit(ctx context.Context, budget *limits.Budget, most int) *conduit {
	c := &conduit{ctx: ctx, budget: budget, most: most}
	c.changed = sync.NewCond(&c.mu)
	c.forget = context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	})
	return c
}

// wait waits for a change; false when the script has ended.
func (c *conduit) wait() bool {
	if c.ctx.Err() == nil {
		c.changed.Wait()
	}
	return c.ctx.Err() == nil
}

func (c *conduit) Write(b []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.most > 0 && len(c.buf) >= c.most && !c.noReader {
		if !c.wait() {
			return 0, cli.ErrStop
		}
	}
	if c.noReader || c.budget.Hold(len(b)) != nil {
		return 0, cli.ErrStop
	}
	c.buf = append(c.buf, b...)
	c.changed.Broadcast()
	return len(b), nil
}

func (c *conduit) Read(b []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	late := false
	if c.patience > 0 && len(c.buf) == 0 {
		timer := time.AfterFunc(c.patience, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			late = true
			c.changed.Broadcast()
		})
		defer timer.Stop()
	}
	for len(c.buf) == 0 {
		if late {
			return 0, errLate
		}
		if c.noWriter || !c.wait() {
			return 0, io.EOF
		}
	}
	n = copy(b, c.buf)
	c.buf = c.buf[n:]
	c.budget.Release(n)
	c.changed.Broadcast()
	return n, nil
}

func (c *conduit) closeWriter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noWriter = true
	c.changed.Broadcast()
}

func (c *conduit) closeReader() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noReader = true
	c.budget.Release(len(c.buf))
	c.buf = nil
	c.forget()
	c.changed.Broadcast()
}

package commands

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// call runs the command; false ends xargs.
func (x *xargsRun) call(args []string) bool {
	if x.ctx.Err() != nil || x.inv.Budget.Err() != nil {
		return false
	}
	if x.trace {
		shown := make([]string, len(args))
		for i, arg := range args {
			shown[i] = cli.QuoteNeeded(arg)
		}
		fmt.Fprintln(x.inv.Stderr, strings.Join(shown, " "))
	}
	x.slots <- struct{}{}
	x.mu.Lock()
	stop := x.fatal != 0
	x.mu.Unlock()
	if stop {
		<-x.slots
		return false
	}
	if status, err := cannotStart(x.inv, args[0]); err != nil {
		x.inv.Errorf("%s: %v", args[0], err)
		x.fatal = status
		<-x.slots
		return false
	}
	if x.procs == 1 {
		x.result(args[0], x.inv.Exec(x.ctx, shell.Nested{Args: args, Stdin: strings.NewReader("")}))
		<-x.slots
		return x.fatal == 0
	}
	before, done := x.last, make(chan struct{})
	x.last = done
	x.wait.Add(1)
	go func() {
		defer x.wait.Done()
		defer close(done)
		out := &heldOutput{budget: x.inv.Budget}
		defer out.release()
		status := x.inv.Exec(x.ctx, shell.Nested{Args: args, Stdin: strings.NewReader(""), Stdout: out})
		<-x.slots
		if before != nil {
			<-before
		}
		x.inv.Stdout.Write(out.Bytes())
		x.result(args[0], status)
	}()
	return true
}

// heldOutput keeps what a command that runs beside others writes, so that outputs come in the order of the calls.
type heldOutput struct {
	bytes.Buffer
	budget *limits.Budget
}

func (h *heldOutput) Write(b []byte) (int, error) {
	if err := h.budget.Hold(len(b)); err != nil {
		return 0, err
	}
	return h.Buffer.Write(b)
}

func (h *heldOutput) release() { h.budget.Release(h.Len()) }

func (x *xargsRun) result(name string, status int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case status == 255:
		x.inv.Errorf("%s: exited with status 255; aborting", name)
		x.fatal = 124
	case status > 128:
		x.inv.Errorf("%s: terminated by signal %d", name, status-128)
		x.fatal = 125
	case status != 0:
		x.status = 123
	}
}

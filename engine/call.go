package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/tools"
)

// parallelCalls is how many calls of one answer run side by side.
const parallelCalls = 8

// pendingCall is a call of one answer, looked up and checked.
type pendingCall struct {
	model.Block
	tool  tools.Tool
	notes []string
	reply *tools.Result // set when it is answered
}

// call answers the calls of one answer: looked up in order, run side by side, their results in order, finish last.
// It returns the value of a valid finish, or nil.
func (c *conversation) call(ctx context.Context, answer model.Message) (json.RawMessage, error) {
	var work, endings []*pendingCall
	blocks := answer.Calls()
	calls := make([]*pendingCall, len(blocks))
	for i, block := range blocks {
		call := &pendingCall{Block: block}
		calls[i] = call
		ends := c.result != nil && (call.Name == finishTool || call.Name == giveUpTool)
		switch {
		case answer.Stop == model.StopLength && i == len(blocks)-1:
			call.fail("the call was cut off at the output limit and was not carried out; make it again, in smaller pieces")
		case !ends:
			c.lookUp(call)
		}
		c.journal.add(c.event(Event{Type: ToolStart, Tool: call.Name, Call: call.ID, Args: call.shownArgs(), Notes: call.notes}))
		switch {
		case call.reply != nil:
		case ends:
			endings = append(endings, call)
		default:
			work = append(work, call)
		}
	}
	var err error
	if len(work) > 0 {
		// What the model asked for is in the log before it happens: a crash then shows what may have been done.
		if err := c.journal.flush(ctx); err != nil {
			return nil, err
		}
		err = c.runCalls(ctx, work)
	}
	var value json.RawMessage
	if err == nil {
		value, err = c.end(endings)
	}
	if e := c.answer(ctx, calls, len(work) > 0); e != nil {
		return nil, e
	}
	return value, err
}

// answer puts the results of calls into the conversation and in line for the log. If something was done, it is kept
// together with the files that it left, even when the run is being stopped.
func (c *conversation) answer(ctx context.Context, calls []*pendingCall, done bool) error {
	for _, call := range calls {
		if call.reply == nil {
			continue // stopped
		}
		block := model.Block{Type: model.ResultBlock, ID: call.ID, Name: call.Name, Text: call.reply.Text, IsError: call.reply.IsError}
		c.talk.answer(block)
		c.journal.add(c.event(Event{Type: ToolEnd, Tool: call.Name, Call: call.ID, IsError: &call.reply.IsError, Result: call.reply.Text}))
	}
	if !done {
		return nil
	}
	kept := context.WithoutCancel(ctx)
	return errors.Join(c.snapshot(kept), c.journal.flush(kept))
}

// repeat sees to the calls that an interruption left without a result: those that may be made again are, the others may or
// may not have happened.
func (c *conversation) repeat(ctx context.Context) error {
	var again []*pendingCall
	for _, block := range c.talk.unanswered() {
		call := &pendingCall{Block: block}
		if c.lookUp(call); call.reply == nil && call.tool.Idempotent {
			again = append(again, call)
			notes := append(call.notes, "made again, since its outcome is unknown")
			c.journal.add(c.event(Event{Type: ToolStart, Tool: call.Name, Call: call.ID, Args: call.shownArgs(), Notes: notes}))
		}
	}
	if len(again) > 0 {
		if err := c.journal.flush(ctx); err != nil {
			return err
		}
		err := c.runCalls(ctx, again)
		if e := c.answer(ctx, again, true); e != nil {
			return e
		}
		if err != nil {
			return err
		}
	}
	c.talk.close()
	return nil
}

// lookUp finds a call's tool and checks its arguments; a call that cannot be carried out is answered.
func (c *conversation) lookUp(call *pendingCall) {
	var known bool
	if call.tool, known = c.tool(call.Name); !known {
		call.fail(c.unknownTool(call.Name))
		return
	}
	if call.BadArgs != "" {
		call.fail(fmt.Sprintf("the arguments are not a JSON object and the call was not carried out: %.200s", call.BadArgs))
		return
	}
	args, notes, err := tools.Coerce(call.tool.Def.Parameters, call.Args)
	if err != nil {
		call.fail(err.Error())
		return
	}
	call.Args, call.notes = args, notes
}

func (call *pendingCall) succeed(text string) {
	call.reply = &tools.Result{Text: text}
}

func (call *pendingCall) fail(text string) {
	call.reply = &tools.Result{Text: text, IsError: true}
}

// shownArgs is the arguments as an event shows them: what is not JSON as a string.
func (call *pendingCall) shownArgs() []byte {
	if call.BadArgs != "" {
		return mustJSON(call.BadArgs)
	}
	return call.Args
}

// runCalls runs calls side by side; those that write the same file run one after another, in order.
func (c *conversation) runCalls(ctx context.Context, calls []*pendingCall) error {
	together, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	places := make(chan struct{}, parallelCalls)
	before := map[string]chan struct{}{} // the latest call that writes a file
	for _, call := range calls {
		var wait chan struct{}
		done := make(chan struct{})
		if call.tool.Writes != nil {
			if file := call.tool.Writes(call.Args); file != "" {
				wait, before[file] = before[file], done
			}
		}
		running.Go(func() {
			defer close(done)
			if wait != nil {
				<-wait
			}
			places <- struct{}{}
			defer func() { <-places }()
			err := c.runCall(together, call)
			if ctx.Err() != nil { // whatever it says, it was stopped: a command may hear of it before the calls do
				call.reply, err = nil, context.Cause(ctx)
			}
			if err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	return context.Cause(together)
}

// runCall runs one call. A tool that panics is an internal error of the run, not the end of the process.
func (c *conversation) runCall(ctx context.Context, call *pendingCall) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{Type: Internal, Message: fmt.Sprintf("tool %s: %v", call.Name, p), Step: c.label}
		}
	}()
	result, err := call.tool.Run(tools.WithCall(ctx, call.ID), call.Args)
	if ctx.Err() != nil {
		return context.Cause(ctx) // by another call's error
	}
	if err != nil {
		return &Error{Type: SandboxFailed, Message: fmt.Sprintf("tool %s: %v", call.Name, err), Step: c.label, Err: err}
	}
	call.reply = &result
	return nil
}

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/tools"
)

// conversation is a prompt or skill step: turns in the session's conversation until the model is done.
type conversation struct {
	*step
	models   []Model // a fallback chain
	thinking model.Thinking
	defs     []model.ToolDef       // of all tools, as the model is told of them
	tools    map[string]tools.Tool // those that are not built in, by name
	builtin  []tools.Tool          // nil: none was called
	own      []string              // the names of those that the project declares
	remote   []string              // and of those that MCP servers have
	bound    *command.Grant        // the commands that tools call
	result   *resultTool           // nil where the step has no result schema
	meters   []*meter              // all that bound it: the run's, the sub-agents' and the step's own
	number   int                   // of the current turn, in the run
	last     bool                  // the limit on turns is reached, and one last turn is left
	attempts int                   // at a valid result, that failed
	failures []int                 // of each check
}

// prompt runs a prompt or skill step.
func (s *step) prompt(ctx context.Context) (*Output, error) {
	text := ""
	if s.spec.Skill == "" {
		var err error
		if text, err = s.text("prompt", s.spec.Prompt); err != nil {
			return nil, err
		}
	}
	return s.converse(ctx, text)
}

// converse sends the step's text and drives turns until the model is done.
func (s *step) converse(ctx context.Context, text string) (*Output, error) {
	defer s.grant(ctx)()
	c := s.begin()
	var err error
	if c.models, err = s.chain(ctx, s.spec); err != nil {
		return nil, err
	}
	c.journal.add(c.event(Event{Type: StepStart, Kind: c.spec.Kind(), Model: c.models[0].ID}))
	release, err := c.equip(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	var answer model.Message
	var value json.RawMessage
	stopped := false // the model has, and what it said was not looked at yet
	if c.talk.asked[c.label] {
		delete(c.talk.asked, c.label) // resumed: the text is in the conversation already
		if err := c.repeat(ctx); err != nil {
			return nil, err
		}
		if answer, value, stopped, err = c.leftOff(); err != nil {
			return nil, err
		}
	} else {
		text, err := c.opening(text)
		if err != nil {
			return nil, err
		}
		m := model.UserText(text)
		c.talk.begin(m)
		c.journal.add(c.event(Event{Type: MessageStored, Message: &m, opens: true}))
	}
	for {
		if !stopped {
			if answer, value, err = c.untilItStops(ctx); err != nil {
				return nil, err
			}
		}
		stopped = false
		if answer.Stop == model.StopRefusal {
			return nil, c.failed(Refused, "the model refused: "+answer.Text(), nil)
		}
		complaint, err := c.complaint(ctx, answer, value)
		if err != nil {
			return nil, err
		}
		if complaint == "" {
			return &Output{Result: value, Text: answer.Text()}, nil
		}
		c.say(model.UserText(complaint))
	}
}

// untilItStops drives turns until the model makes no more calls, or a valid one of finish, which gives the value.
func (c *conversation) untilItStops(ctx context.Context) (model.Message, json.RawMessage, error) {
	for {
		if err := c.breakLoop(); err != nil {
			return model.Message{}, nil, err
		}
		answer, err := c.turn(ctx)
		if err != nil || answer.Stop == model.StopRefusal || len(answer.Calls()) == 0 {
			return answer, nil, err
		}
		if value, err := c.call(ctx, answer); value != nil || err != nil {
			return answer, value, err
		}
	}
}

// leftOff is the answer with which the model had stopped when the run was interrupted, and the value of its finish; an
// error where it had given up.
func (c *conversation) leftOff() (answer model.Message, value json.RawMessage, stopped bool, err error) {
	last := len(c.talk.messages) - 1
	if answer = c.talk.messages[last]; answer.Role == model.Assistant {
		return answer, nil, true, nil
	}
	results := answer.Blocks
	answer = c.talk.messages[max(last-1, 0)]
	for _, call := range answer.Calls() {
		accepted := slices.ContainsFunc(results, func(b model.Block) bool { return b.Type == model.ResultBlock && b.ID == call.ID && !b.IsError })
		switch {
		case !accepted || c.result == nil:
		case call.Name == giveUpTool:
			return answer, nil, true, c.gaveUp(call)
		case call.Name == finishTool:
			if value, err := c.result.value(call); err == nil {
				return answer, value, true, nil
			}
		}
	}
	return answer, nil, false, nil
}

// begin resolves what the step works with: step, then role, then agent, then project.
func (s *step) begin() *conversation {
	c := &conversation{step: s, failures: make([]int, len(s.spec.Checks))}
	c.meters = append(s.meters[:len(s.meters):len(s.meters)], &meter{limits: s.spec.Limits})
	levels := []string{s.spec.Thinking, "", s.agent.Thinking, s.cfg.Project.Settings.Thinking}
	lists := []*[]string{s.spec.Tools, nil, s.agent.Tools}
	if role := s.role(s.spec); role != nil {
		levels[1], lists[1] = role.Thinking, role.Tools
	}
	for _, level := range levels {
		if level != "" {
			c.thinking = model.Thinking(level)
			break
		}
	}
	var allow *[]string
	for _, list := range lists {
		if list != nil {
			allow = list
			break
		}
	}
	if s.spec.Result != nil {
		c.result = newResultTool(s.spec.Result, s.spec.Strict)
	}
	c.collectTools(allow)
	return c
}

// say adds a message to the conversation and the log.
func (c *conversation) say(m model.Message) {
	c.talk.say(m)
	c.journal.add(c.event(Event{Type: MessageStored, Message: &m}))
}

// The reasons of a message that is flue's own word with the model.
const (
	inCircles = "loop"
	lastTurn  = "last_turn"
)

// remind adds a message of flue's own.
func (c *conversation) remind(reason, text string) {
	m := model.UserText(text)
	c.talk.say(m)
	c.journal.add(c.event(Event{Type: MessageStored, Message: &m, Reason: reason}))
}

// complaint is what the model is told when it wants to stop and may not yet; "" lets it.
func (c *conversation) complaint(ctx context.Context, answer model.Message, value json.RawMessage) (string, error) {
	switch {
	case c.result != nil && value == nil:
		if err := c.attempt("the model ended without calling finish"); err != nil {
			return "", err
		}
		return "You ended without a result. Call the finish tool with the result, or give_up with a reason. Text alone does not count.", nil
	case answer.Stop == model.StopLength && value == nil:
		if err := c.attempt("the answer was cut at the model's output limit"); err != nil {
			return "", err
		}
		return "Your answer was cut off at the output limit. Continue, more briefly.", nil
	}
	for i, check := range c.spec.Checks {
		output, err := c.check(ctx, i, check)
		if output != "" || err != nil {
			return output, err
		}
	}
	return "", nil
}

// attempt counts a try at a result that failed.
func (c *conversation) attempt(why string) error {
	c.attempts++
	most := c.limits.ResultAttempts
	if c.spec.Limits.ResultAttempts > 0 {
		most = c.spec.Limits.ResultAttempts
	}
	if c.attempts >= most {
		return c.failed(ResultInvalid, fmt.Sprintf("no valid result after %d attempts: %s", c.attempts, why), nil)
	}
	return nil
}

// check runs one of the step's checks and returns what to tell the model if it failed.
func (c *conversation) check(ctx context.Context, i int, check spec.Check) (string, error) {
	script, err := c.script("checks", check.Shell)
	if err != nil {
		return "", err
	}
	if err := c.journal.flush(ctx); err != nil {
		return "", err
	}
	res, err := c.box.Exec(ctx, sandbox.Exec{Script: script, Grants: c.commands.Grants()})
	if err != nil {
		return "", &Error{Type: SandboxFailed, Message: err.Error(), Step: c.label, Err: err}
	}
	if err := c.snapshot(ctx); err != nil {
		return "", err
	}
	passed := res.ExitCode == 0
	output := strings.TrimSpace(res.Stdout + res.Stderr)
	c.journal.add(c.event(Event{Type: CheckRun, Attempt: c.failures[i] + 1, Passed: &passed, Text: output}))
	if passed {
		return "", nil
	}
	c.failures[i]++
	most := 3
	if check.Attempts > 0 {
		most = check.Attempts
	}
	if c.failures[i] >= most {
		return "", c.failed(CheckFailed, fmt.Sprintf("the check %q failed %d times%s", check.Shell, c.failures[i], lastLines(output)), nil)
	}
	return fmt.Sprintf("You are not done: this check failed with exit status %d.\n\n$ %s\n%s\n\nMend it, then finish again.", res.ExitCode, script, output), nil
}

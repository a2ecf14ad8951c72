package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/tools"
)

// delegate makes the run of a sub-agent: in the same sandbox and under the same limits, with a conversation of its own
// and the AGENTS.md and skills of folder ("" is the working directory). task names the conversation.
func (r *run) delegate(ctx context.Context, agent *spec.Agent, task, folder string) (*run, error) {
	if r.depth >= r.limits.Depth {
		return nil, &Error{Type: LimitDepth, Message: fmt.Sprintf("limit depth (%d) reached: sub-agents may not delegate further", r.limits.Depth)}
	}
	child := *r
	child.agent, child.depth, child.task = agent, r.depth+1, task
	child.talk = r.session.talk(task)
	if agent != r.agent {
		child.meters = append(r.meters[:len(r.meters):len(r.meters)], &meter{limits: agent.Limits})
	}
	if folder != "" {
		child.box = inFolder{r.box, folder}
		if info, err := child.box.FS().Stat(ctx, "."); err != nil || !info.IsDir() {
			return nil, &Error{Type: StepFailed, Message: fmt.Sprintf("workspace %q is not a folder of the sandbox", folder), Err: err}
		}
	}
	if err := child.findSkills(ctx); err != nil {
		return nil, err
	}
	var err error
	child.system, err = child.systemPrompt(ctx)
	return &child, err
}

// taskPath names a conversation below that of r.
func (r *run) taskPath(name string) string {
	if r.task == "" {
		return name
	}
	return r.task + "/" + name
}

// taskStep runs a task step: the same agent, with a conversation of its own.
func (s *step) taskStep(ctx context.Context) (*Output, error) {
	text, err := s.text("task", s.spec.Task)
	if err != nil {
		return nil, err
	}
	folder, err := s.text("workspace", s.spec.Worktree)
	if err != nil {
		return nil, err
	}
	child, err := s.delegate(ctx, s.agent, s.taskPath(s.label), folder)
	if err != nil {
		return nil, err
	}
	return (&step{run: child, spec: s.spec, label: s.label, vars: s.vars}).reported(ctx, text)
}

// taskTool is the task tool of a conversation: the model delegates to one of the agent's sub-agents.
func (c *conversation) taskTool() tools.Tool {
	var agents []tools.Subagent
	for _, name := range c.agent.Subagents {
		if sub := c.cfg.Project.Agents[name]; sub != nil {
			agents = append(agents, tools.Subagent{Name: name, Description: sub.Description})
		}
	}
	return tools.Task(agents, func(ctx context.Context, call string, a tools.TaskArgs) (tools.Result, error) {
		sub := c.cfg.Project.Agents[a.Agent]
		child, err := c.delegate(ctx, sub, c.taskPath(call), a.Workspace)
		if err == nil {
			var out *Output
			out, err = (&step{run: child, spec: &spec.Step{Prompt: a.Prompt, Result: sub.Result}, label: c.label, vars: c.vars}).reported(ctx, a.Prompt)
			if err == nil {
				return tools.Result{Text: textOf(out)}, nil
			}
		}
		if ctx.Err() != nil || errors.Is(err, errLeft) {
			return tools.Result{}, err
		}
		return tools.Result{Text: fmt.Sprintf("the sub-agent %s failed: %v", a.Agent, failure(ctx, err)), IsError: true}, nil
	})
}

// reported runs a sub-agent's conversation between its task_start and task_end.
func (s *step) reported(ctx context.Context, text string) (*Output, error) {
	if !s.talk.asked[s.label] {
		s.journal.add(s.event(Event{Type: TaskStart, Subagent: s.agent.Name, Text: text}))
	}
	out, err := s.converse(ctx, text)
	end := Event{Type: TaskEnd, Subagent: s.agent.Name}
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, errLeft) {
			return nil, err
		}
		end.Error = failure(ctx, err)
	} else {
		end.Text = textOf(out)
	}
	s.journal.add(s.event(end))
	return out, err
}

// textOf is what a sub-agent hands back: its typed result as JSON, else its last words.
func textOf(out *Output) string {
	if out.typed() {
		return string(out.Result)
	}
	return out.Text
}

// agentStep runs another agent of the project, in a session of its own below this one. The run is a run like any
// other: when this one is resumed, it is found again by its key.
func (s *step) agentStep(ctx context.Context) (*Output, error) {
	if s.depth >= s.limits.Depth {
		return nil, s.failed(LimitDepth, fmt.Sprintf("limit depth (%d) reached: agents may not delegate further", s.limits.Depth), nil)
	}
	payload, err := s.values("payload", s.spec.Payload)
	if err != nil {
		return nil, err
	}
	raw := json.RawMessage("{}")
	if s.spec.Payload != nil {
		raw = mustJSON(payload)
	}
	s.journal.add(s.event(Event{Type: StepStart, Kind: "agent"}))
	req := Request{Agent: s.spec.Agent, Session: childSession(s.key.Session, s.label), Payload: raw, Trigger: Trigger{Kind: agentTrigger},
		IdempotencyKey: s.id + "/" + s.label, parent: s.id, depth: s.depth + 1}
	var done *Event
	for e, err := range s.drive(ctx, s.feeds, func(ctx context.Context) (*run, error) { return s.Engine.begin(ctx, req) }) {
		if err != nil {
			return nil, s.childFailed(ctx, err)
		}
		if e.Type == RunStart {
			s.journal.add(s.event(Event{Type: TaskStart, Subagent: req.Agent, Child: e.Run}))
			if err := s.journal.flush(ctx); err != nil {
				return nil, err
			}
		}
		if e.Type == Done {
			done = &e
		}
	}
	if done == nil {
		return nil, context.Cause(ctx)
	}
	for _, m := range s.meters {
		m.add(*done.Usage)
	}
	end := Event{Type: TaskEnd, Subagent: req.Agent, Child: done.Run, Text: done.Text, Error: done.Error, Usage: done.Usage}
	s.journal.add(s.event(end))
	if done.Outcome != store.Completed {
		why := *done.Error
		why.Message, why.Step = fmt.Sprintf("agent %s: %s", req.Agent, done.Error.Error()), s.label
		return nil, &why
	}
	return &Output{Result: mustJSON(done.Result), Text: done.Text}, nil
}

// childFailed makes a step's failure of what kept another agent's run from beginning. Where the other run has no outcome
// because the store failed, this one has none either: both go on another time.
func (s *step) childFailed(ctx context.Context, err error) error {
	var request *RequestError
	var payload *PayloadError
	var ask *model.Error
	switch {
	case errors.As(err, &request), errors.As(err, &payload):
		return s.failed(StepFailed, err.Error(), err)
	case ctx.Err() == nil && !errors.As(err, &ask):
		s.journal.fail(err)
	}
	return err
}

// agentTrigger is the kind of trigger of an agent step's run.
const agentTrigger = "agent"

// childSession is the id of the session of an agent step's run, within what an id may be.
func childSession(parent, label string) string {
	id := []byte(parent + ":" + label)
	for i, b := range id {
		if b == '[' || b == ']' || b == '/' {
			id[i] = '-'
		}
	}
	if len(id) > maxSession {
		id = append(id[:maxSession-13:maxSession-13], []byte("-"+hash(parent + ":" + label)[:12])...)
	}
	return string(id)
}

// maxSession is the longest session id, in bytes.
const maxSession = 128

// parallel runs steps side by side and waits for all; the first failure, in their order, is its own.
func (s *step) parallel(ctx context.Context) (*Output, error) {
	if s.session.outputs[s.label] == nil {
		s.journal.add(s.event(Event{Type: StepStart, Kind: "parallel"}))
	}
	ends := make([]stepEnd, len(s.spec.Parallel))
	errs := make([]error, len(s.spec.Parallel))
	var running sync.WaitGroup
	for i, sub := range s.spec.Parallel {
		label := sub.ID
		if label == "" {
			label = fmt.Sprintf("%s.%d", s.label, i+1)
		}
		running.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = s.failed(Internal, fmt.Sprintf("panic in step %s: %v", label, p), nil)
				}
			}()
			ends[i], errs[i] = s.runStep(ctx, sub, label, s.vars)
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	outputs := make([]*Output, len(ends))
	for i, end := range ends {
		outputs[i] = end.output
		if id := s.spec.Parallel[i].ID; id != "" {
			s.steps[id] = end.vars
		}
	}
	return joinOutputs(outputs), nil
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/flue-run/flue/command"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
)

// step is one step of a run being carried out; of a for_each, one round of it.
type step struct {
	*run
	spec  *spec.Step
	label string // its id or number, with "[n]" in a for_each: unique in the run
	vars  map[string]any

	commands *command.Grant // while it runs
}

// runSteps runs steps one after another.
func (r *run) runSteps(ctx context.Context, steps []*spec.Step) error {
	for i, s := range steps {
		label := s.ID
		if label == "" {
			label = strconv.Itoa(i + 1)
		}
		end, err := r.runStep(ctx, s, label, r.vars)
		if err != nil {
			return err
		}
		if !end.output.Skipped {
			r.last = end.output
		}
		if s.ID != "" {
			r.steps[s.ID] = end.vars
		}
	}
	return nil
}

// stepEnd is what a step leaves behind: its output, and what expressions see as steps.<id>.
type stepEnd struct {
	output *Output
	vars   map[string]any
}

// runStep runs a step, or each round of it.
func (r *run) runStep(ctx context.Context, s *spec.Step, label string, vars map[string]any) (stepEnd, error) {
	st := &step{run: r, spec: s, label: label, vars: vars}
	if s.If != "" {
		value, err := st.templates.eval(s.If, vars)
		if err != nil {
			return stepEnd{}, st.failed(StepFailed, "if: "+err.Error(), err)
		}
		yes, ok := value.(bool)
		if !ok {
			return stepEnd{}, st.failed(StepFailed, fmt.Sprintf("if: the expression gives %s, not true or false", expr.TypeName(value)), nil)
		}
		if !yes {
			out := &Output{Skipped: true}
			st.ended(out)
			return stepEnd{out, out.vars()}, nil
		}
	}
	if s.ForEach == "" {
		out, err := st.guarded(ctx)
		if err != nil {
			return stepEnd{}, err
		}
		return stepEnd{out, out.vars()}, nil
	}
	value, err := st.templates.eval(s.ForEach, vars)
	if err != nil {
		return stepEnd{}, st.failed(StepFailed, "for_each: "+err.Error(), err)
	}
	items, ok := value.([]any)
	if !ok {
		return stepEnd{}, st.failed(StepFailed, fmt.Sprintf("for_each: the expression gives %s, not a list", expr.TypeName(value)), nil)
	}
	rounds := make([]*Output, len(items))
	for i, item := range items {
		round := &step{run: r, spec: s, label: fmt.Sprintf("%s[%d]", label, i), vars: maps.Clone(vars)}
		round.vars["item"], round.vars["index"] = item, i
		if rounds[i], err = round.guarded(ctx); err != nil {
			return stepEnd{}, err
		}
	}
	return stepEnd{joinOutputs(rounds), listOutput(rounds)}, nil
}

// guarded runs the step with its retry, timeout and continue_on_error. A step that the log has an output of is not run again.
func (s *step) guarded(ctx context.Context) (*Output, error) {
	if out := s.session.outputs[s.label]; out != nil && s.spec.Parallel == nil {
		return out, nil // the steps of a parallel one are looked up one by one
	}
	attempts, backoff := 1, time.Second
	if retry := s.spec.Retry; retry != nil {
		attempts = 3
		if retry.Attempts > 0 {
			attempts = retry.Attempts
		}
		if retry.Backoff > 0 {
			backoff = time.Duration(retry.Backoff)
		}
	}
	for attempt := 1; ; attempt++ {
		out, err := s.once(ctx)
		if err == nil {
			s.ended(out)
			return out, nil
		}
		if ctx.Err() != nil || errors.Is(err, errLeft) {
			return nil, err
		}
		why := failure(ctx, err)
		if why.Step == "" {
			why.Step = s.label
		}
		switch {
		case attempt < attempts:
			if err := s.wait(ctx, why.Message, backoff<<(attempt-1)); err != nil {
				return nil, err
			}
		case s.spec.ContinueOnError:
			if out == nil {
				out = &Output{}
			}
			out.Error = why
			s.ended(out)
			return out, nil
		default:
			return nil, why
		}
	}
}

// ended notes the step's output in the log, unless a run that is resumed has it there.
func (s *step) ended(out *Output) {
	if s.session.outputs[s.label] == nil {
		s.journal.add(s.event(Event{Type: StepEnd, Kind: s.spec.Kind(), Output: out}))
	}
}

// once runs the step one time. With an error it may return what there is of an output.
func (s *step) once(ctx context.Context) (*Output, error) {
	if t := time.Duration(s.spec.Timeout); t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t, &Error{Type: LimitTimeout, Message: fmt.Sprintf("the step took longer than its timeout of %s", t), Step: s.label})
		defer cancel()
	}
	out, err := s.act(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return out, err
}

func (s *step) act(ctx context.Context) (*Output, error) {
	switch s.spec.Kind() {
	case "shell":
		return s.shell(ctx)
	case "task":
		return s.taskStep(ctx)
	case "agent":
		return s.agentStep(ctx)
	case "parallel":
		return s.parallel(ctx)
	}
	return s.prompt(ctx)
}

// shell runs a script without the model.
func (s *step) shell(ctx context.Context) (*Output, error) {
	script, err := s.script("shell", s.spec.Shell)
	if err != nil {
		return nil, err
	}
	dir, err := s.text("cwd", s.spec.Cwd)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for name, value := range s.spec.Env {
		text, err := s.text("env."+name, fmt.Sprint(value))
		if err != nil {
			return nil, err
		}
		env[name] = text
	}
	if err := s.interrupted(); err != nil {
		return nil, err
	}
	s.journal.add(s.event(Event{Type: StepStart, Kind: "shell"}))
	if err := s.journal.flush(ctx); err != nil {
		return nil, err
	}
	defer s.grant(ctx)()
	res, err := s.box.Exec(ctx, sandbox.Exec{Script: script, Dir: dir, Env: env, Grants: s.commands.Grants()})
	if err != nil {
		return nil, &Error{Type: SandboxFailed, Message: err.Error(), Step: s.label, Err: err}
	}
	out := &Output{Stdout: res.Stdout, Stderr: res.Stderr, ExitCode: res.ExitCode, Text: res.Stdout}
	if err := s.snapshot(ctx); err != nil {
		return nil, err
	}
	if res.ExitCode != 0 {
		return out, s.failed(StepFailed, fmt.Sprintf("the script ended with exit status %d%s", res.ExitCode, lastLines(res.Stderr)), nil)
	}
	return out, nil
}

// interrupted is an error if the script was interrupted after it had called a command that may not be called again without
// somebody saying so, which a retry of the step does. What else a script does is undone with the files of the sandbox.
func (s *step) interrupted() error {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	begun := s.session.begun[s.label]
	delete(s.session.begun, s.label)
	for _, name := range begun {
		if c := s.cfg.Project.Commands[name]; c == nil || !c.Idempotent {
			return s.failed(StepFailed, fmt.Sprintf("the script was interrupted after it had called %s, which may not be repeated: "+
				"look what has happened, or write `idempotent: true` in .flue/commands/%s.yaml", name, name), nil)
		}
	}
	return nil
}

// text evaluates a template of the step to plain text.
func (s *step) text(key, source string) (string, error) {
	template, err := s.templates.text(source)
	if err == nil {
		var text string
		if text, err = template.Text(s.vars); err == nil {
			return text, nil
		}
	}
	return "", s.failed(StepFailed, key+": "+err.Error(), err)
}

// script evaluates a template of the step to a script in which every value is one quoted word.
func (s *step) script(key, source string) (string, error) {
	template, err := s.templates.text(source)
	if err == nil {
		var script string
		if script, err = template.Shell(s.vars); err == nil {
			return script, nil
		}
	}
	return "", s.failed(StepFailed, key+": "+err.Error(), err)
}

// wait tells of a retry and waits for it.
func (s *step) wait(ctx context.Context, reason string, d time.Duration) error {
	if err := s.journal.live(ctx, s.event(Event{Type: RetryWait, Reason: reason, Delay: d.Round(time.Millisecond).String()})); err != nil {
		return err
	}
	return s.cfg.Sleep(ctx, d)
}

func (s *step) failed(t ErrorType, message string, err error) *Error {
	return &Error{Type: t, Message: message, Step: s.label, Err: err}
}

func (s *step) event(e Event) Event {
	e.Step, e.Task = s.label, s.task
	return e
}

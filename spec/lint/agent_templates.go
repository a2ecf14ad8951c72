package lint

import (
	"maps"
	"strconv"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/spec"
)

// addAgent adds the templates of an agent, each with the names that exist when it is evaluated.
func (c *collector) addAgent(p *spec.Project, a *spec.Agent) {
	text := expr.Of(expr.String)
	s := c.in(a.Doc, expr.Types{
		"agent": object(map[string]*expr.Type{"name": text}), "date": text,
		"trigger": object(map[string]*expr.Type{"kind": text, "headers": expr.Of(expr.Object)}),
	})
	s.agent = a
	for i := range a.Triggers.Cron {
		pointer := join("/triggers/cron", strconv.Itoa(i))
		s.add(pointer+"/session", plainText, 0)
		s.add(pointer+"/payload", plainText, 0)
	}
	s = s.with(expr.Types{"payload": schemaType(a.Payload)})
	s.add("/triggers/webhook/if", expression, expr.Bool)
	s.add("/triggers/webhook/session", plainText, 0)
	s.add("/triggers/webhook/idempotency", plainText, 0)

	s = s.with(expr.Types{"session": object(map[string]*expr.Type{"id": text}), "run": object(map[string]*expr.Type{"id": text})})
	s.add("/sandbox", plainText, 0)
	done := &outputs{project: p}
	for _, step := range a.Steps {
		s.addStep(step, done)
		done.add(s, step)
	}
	s.with(expr.Types{"steps": done.before(nil)}).add("/return", expression, 0)
}

// addStep adds the templates of a step, after the steps in done.
func (s scope) addStep(step *spec.Step, done *outputs) {
	s = s.with(expr.Types{"steps": done.before(step)})
	s.add(step.Pointer+"/if", expression, expr.Bool)
	s.present = provenBy(step.If)
	s.add(step.Pointer+"/for_each", expression, expr.List)
	if step.ForEach != "" {
		s = s.with(expr.Types{"item": itemOf(step.ForEach, s.types), "index": expr.Of(expr.Number)})
	}
	s.add(step.Pointer+"/shell", script, 0)
	for _, key := range []string{"prompt", "task", "cwd", "env", "workspace", "args", "payload"} {
		if step.Pointer == "" && key == "payload" {
			continue // of the shorthand: the agent's schema
		}
		s.add(join(step.Pointer, key), plainText, 0)
	}
	for i := range step.Checks {
		s.add(join(step.Pointer, "checks", strconv.Itoa(i), "shell"), script, 0)
	}
	for _, side := range step.Parallel {
		s.addStep(side, done)
	}
}

// provenBy lists what a condition shows to be there.
func provenBy(condition string) []string {
	if parsed, err := expr.ParseExpr(condition); err == nil {
		return parsed.Present()
	}
	return nil
}

func itemOf(forEach string, types expr.Types) *expr.Type {
	parsed, err := expr.ParseExpr(forEach)
	if err != nil {
		return expr.Any
	}
	if list := parsed.Type(types); list.Items != nil {
		return list.Items
	}
	return expr.Any
}

// outputs are the steps that have run, as expressions see them.
type outputs struct {
	project *spec.Project
	steps   []output
}

type output struct {
	step   *spec.Step
	result *expr.Type // nil: it has none
}

// add notes that step, and those side by side in it, have run.
func (o *outputs) add(s scope, step *spec.Step) {
	for _, side := range step.Parallel {
		o.add(s, side)
	}
	if step.ID == "" {
		return
	}
	result := o.result(s, step)
	o.steps = append(o.steps, output{step, result})
}

// result is the type of a step's result; nil for one that has only text.
func (o *outputs) result(s scope, step *spec.Step) *expr.Type {
	switch {
	case step.Result != nil:
		return schemaType(step.Result)
	case step.Kind() == "agent" || step.Kind() == "parallel":
		return expr.Any
	}
	return nil
}

// before is the type of steps where step stands; step nil is the end of the agent.
func (o *outputs) before(step *spec.Step) *expr.Type {
	all := map[string]expr.Field{}
	for _, done := range o.steps {
		all[done.step.ID] = expr.Field{Type: done.fields(step)}
	}
	return expr.ObjectOf(all)
}

// fields are what steps.<id> has, as seen by a later step.
func (o output) fields(later *spec.Step) *expr.Type {
	text := expr.Field{Type: expr.Of(expr.String)}
	fields := map[string]expr.Field{"skipped": {Type: expr.Of(expr.Bool)}, "text": text}
	if o.step.Kind() == "shell" {
		maps.Copy(fields, map[string]expr.Field{"stdout": text, "stderr": text, "exit_code": {Type: expr.Of(expr.Number)}})
	}
	if o.result != nil {
		skipped := o.step.If != "" && (later == nil || later.If != o.step.If)
		fields["result"] = expr.Field{Type: o.result, Optional: skipped || o.step.ContinueOnError}
	}
	if o.step.ForEach != "" {
		for name, f := range fields {
			fields[name] = expr.Field{Type: expr.ListOf(f.Type), Optional: f.Optional}
		}
	}
	return expr.ObjectOf(fields)
}

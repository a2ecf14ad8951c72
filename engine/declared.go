package engine

import (
	"encoding/json"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/tools"
)

// declared makes a tool of one of the project's tools/. What the model says stands in it as data only: one word of a
// script, one argument of a command, one part of a URL, one value of a header or of a JSON body.
func (c *conversation) declared(t *spec.Tool, env tools.Env) tools.Tool {
	d := tools.Declaration{Def: model.ToolDef{Name: t.Name, Description: t.Description}, Timeout: time.Duration(t.Timeout), Idempotent: t.Idempotent}
	if t.Parameters != nil {
		d.Def.Parameters = t.Parameters.JSON()
	}
	switch {
	case t.Shell != "":
		d.Script = func(args map[string]any) (string, error) {
			template, err := expr.Parse(t.Shell)
			if err != nil {
				return "", err
			}
			return template.Shell(c.toolVars(args))
		}
	case t.Command != nil:
		d.Command = t.Command.Name
		if granted := c.cfg.Project.Commands[d.Command]; granted != nil {
			d.Idempotent = d.Idempotent || granted.Idempotent
		}
		d.Args = func(args map[string]any) ([]string, error) { return commandArgs(t.Command.Args, c.toolVars(args)) }
	default:
		d.Request = func(args map[string]any) (tools.Request, error) {
			vars := c.toolVars(args)
			vars["env"] = c.variables(httpTemplates(t.HTTP))
			return request(t.HTTP, vars)
		}
		d.Redact = c.broker.Redactor().String
	}
	return tools.Declared(env, d)
}

// toolVars are the names that the expressions of a tool may use.
func (c *conversation) toolVars(args map[string]any) map[string]any {
	return map[string]any{"args": args, "payload": c.vars["payload"], "session": c.vars["session"], "run": c.vars["run"], "agent": c.vars["agent"]}
}

// command finds a command that a tool of the step calls. The agent's list of tools is what grants it.
func (c *conversation) command(name string) (sandbox.GrantedCommand, bool) {
	granted, ok := c.bound.Grants()[name]
	return granted, ok
}

// commandArgs evaluates the arguments that a tool binds, each to one argument.
func commandArgs(sources []string, vars map[string]any) ([]string, error) {
	words := make([]string, len(sources))
	for i, source := range sources {
		template, err := expr.Parse(source)
		if err != nil {
			return nil, err
		}
		words[i], err = template.Fill(vars, func(before, value string, _ []expr.Name) (string, error) {
			if before == "" && strings.HasPrefix(value, "-") {
				return "", fmt.Errorf("%q begins with -, so that the command would take it for an option", value)
			}
			return value, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return words, nil
}

// request evaluates what a tool sends.
func request(h *spec.ToolHTTP, vars map[string]any) (tools.Request, error) {
	r := tools.Request{Method: h.Method, Headers: map[string]string{}}
	template, err := expr.Parse(h.URL)
	if err != nil {
		return r, err
	}
	r.URL, err = template.Fill(vars, func(before, value string, names []expr.Name) (string, error) {
		return tools.EscapeURL(before, value, onlyEnv(names))
	})
	if err != nil {
		return r, err
	}
	kind := ""
	for name, source := range h.Headers {
		template, err := expr.Parse(source)
		if err != nil {
			return r, err
		}
		if r.Headers[name], err = template.Text(vars); err != nil {
			return r, err
		}
		if strings.EqualFold(name, "Content-Type") {
			if kind, _, err = mime.ParseMediaType(r.Headers[name]); err != nil {
				return r, fmt.Errorf("the header Content-Type cannot be read")
			}
		}
	}
	if h.Body == nil {
		return r, nil
	}
	if text, ok := h.Body.(string); ok {
		r.Body, err = textBody(text, kind, vars)
		return r, err
	}
	if kind == "" {
		r.Headers["Content-Type"] = "application/json"
	}
	value, err := expr.Values(h.Body, vars)
	if err != nil {
		return r, err
	}
	r.Body, err = json.Marshal(value)
	return r, err
}

// onlyEnv says that the model has no part in an expression: it uses variables of the environment only.
func onlyEnv(names []expr.Name) bool {
	for _, name := range names {
		if name.Path[0] != "env" {
			return false
		}
	}
	return true
}

// textBody evaluates a body that is a text. Values are escaped for a form; any other text that they stand in has to be
// plain, since a value could end a string or an element of it.
func textBody(source, kind string, vars map[string]any) ([]byte, error) {
	template, err := expr.Parse(source)
	if err != nil {
		return nil, err
	}
	form := kind == "application/x-www-form-urlencoded"
	plain := kind == "" && !strings.HasPrefix(strings.TrimSpace(source), "{") && !strings.HasPrefix(strings.TrimSpace(source), "[") || kind == "text/plain"
	text, err := template.Fill(vars, func(before, value string, names []expr.Name) (string, error) {
		switch {
		case form:
			return tools.EscapeURL("https://form/?"+before, value, false)
		case plain, strings.HasPrefix(source, "${{") && before == "" && len(names) > 0 && isWhole(source):
			return value, nil
		}
		return "", fmt.Errorf("a value cannot stand inside this body: write the body as a mapping, so that it is sent as JSON")
	})
	return []byte(text), err
}

// isWhole says that a source is one expression and nothing else.
func isWhole(source string) bool {
	return strings.Count(source, "${{") == 1 && strings.HasSuffix(strings.TrimSpace(source), "}}")
}

// httpTemplates are the strings of a request that may name variables of the environment.
func httpTemplates(h *spec.ToolHTTP) []string {
	list := []string{h.URL}
	for _, value := range h.Headers {
		list = append(list, value)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			list = append(list, v)
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(h.Body)
	return list
}

// variables are the variables of the environment that templates name, but for those that are not set.
func (e *Engine) variables(templates []string) map[string]any {
	values := map[string]any{}
	for name, value := range namedVariables(templates, e.cfg.Env) {
		values[name] = value
	}
	return values
}

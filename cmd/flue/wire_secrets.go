package main

import (
	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
)

// secrets are the values that commands, tools, MCP servers, tokens and providers name, as far as they are set.
func (w *wiring) secrets() (map[string]string, error) {
	secrets := engine.ToolSecrets(w.project.Project, w.env)
	for _, c := range w.project.Commands {
		for _, source := range c.Env {
			_, names, _ := expr.Privileged(source, w.env) // what is wrong with it is said where it is used
			for _, name := range names {
				if value, ok := w.env(name); ok && value != "" {
					secrets[name] = value
				}
			}
		}
	}
	for _, t := range w.project.Settings.Server.Tokens {
		if value, _, err := expr.Privileged(t.Value, w.env); err == nil && value != "" { // else flue serve says it
			secrets["server.tokens/"+t.Name] = value
		}
	}
	for _, s := range w.project.Sandboxes {
		for _, source := range []string{s.AccessKey, s.SecretKey, s.APIKey} {
			_, names, _ := expr.Privileged(source, w.env) // likewise
			for _, name := range names {
				if value, ok := w.env(name); ok && value != "" {
					secrets[name] = value
				}
			}
		}
	}
	for _, value := range secrets {
		if err := w.tell(value); err != nil {
			return nil, err
		}
	}
	keys := []string{}
	for _, e := range model.Endpoints() {
		keys = append(keys, e.KeyEnv, e.KeyEnv2)
	}
	for _, own := range w.project.Settings.Providers {
		keys = append(keys, own.KeyEnv)
	}
	for _, agent := range w.project.Agents {
		if hook := agent.Triggers.Webhook; hook != nil && hook.Verified() {
			keys = append(keys, hook.Filled().Verify.SecretEnv)
		}
	}
	for _, name := range keys {
		if value, ok := w.env(name); ok && len(value) >= 8 { // a local server's "none" is no secret
			secrets[name] = value
		}
	}
	return secrets, nil
}

// privileged evaluates a string of flue.yaml, commands, tools or sandboxes: the only places that may name a variable of
// the environment.
func (w *wiring) privileged(text string) (string, error) {
	value, names, err := expr.Privileged(text, w.env)
	for _, name := range names {
		if secret, ok := w.env(name); ok && err == nil {
			err = w.tell(secret)
		}
	}
	return value, err
}

// tell says what is a secret to the one who keeps it out of a log.
func (w *wiring) tell(secret string) error {
	if w.secret == nil {
		return nil
	}
	return w.secret(secret)
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/anthropic"
	"github.com/flue-run/flue/model/gemini"
	"github.com/flue-run/flue/model/openai"
	"github.com/flue-run/flue/model/responses"
	"github.com/flue-run/flue/model/scripted"
	"github.com/flue-run/flue/model/wire"
)

// model finds a provider for "provider/model-id".
func (w *wiring) model(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
	provider, name, ok := model.SplitID(id)
	if !ok {
		return engine.Model{}, usage(fmt.Errorf("%q is not a model: write provider/model-id, such as anthropic/claude-sonnet-4-6", id))
	}
	if provider == "scripted" {
		return w.scripted(id, name, run)
	}
	if found, ok := w.models.Load(id); ok {
		return found.(engine.Model), nil
	}
	endpoint, err := w.endpoint(provider)
	if err != nil {
		return engine.Model{}, err
	}
	key, err := w.key(ctx, id, endpoint)
	if err != nil {
		return engine.Model{}, err
	}
	m := engine.Model{ID: id, Info: w.info(id), TellsCost: endpoint.Compat.Cost}
	cfg := wire.Config{Name: provider, BaseURL: endpoint.BaseURL, Key: key, Headers: endpoint.Headers, Compat: endpoint.Compat,
		Info: func(string) (model.Info, bool) { return m.Info, true }}
	switch endpoint.API {
	case model.Anthropic:
		m.Provider = anthropic.New(cfg)
	case model.Gemini:
		m.Provider = gemini.New(cfg)
	case model.OpenAI:
		m.Provider = openai.New(cfg)
	case model.Responses:
		m.Provider = responses.New(cfg)
	default:
		return m, usage(fmt.Errorf("provider %q has the api %q; the apis are: %v", provider, endpoint.API, model.APIs()))
	}
	if len(endpoint.KeyCmd) == 0 { // else the next run asks for its key again
		w.models.Store(id, m)
	}
	return m, nil
}

// scripted finds a model of .flue/models.
func (w *wiring) scripted(id, name string, run engine.RunInfo) (engine.Model, error) {
	document := w.project.Models[name]
	if document == nil {
		known := cmp.Or(strings.Join(slices.Sorted(maps.Keys(w.project.Models)), ", "), "none")
		return engine.Model{}, usage(fmt.Errorf("there is no scripted model %q in .flue/models; those there are: %s", name, known))
	}
	var script scripted.Script
	if err := document.Doc.Root.Decode(&script); err != nil {
		return engine.Model{}, fmt.Errorf("decode the script of %s: %w", id, err)
	}
	eval := func(template string, vars map[string]any) (any, error) {
		t, err := expr.Parse(template)
		if err != nil {
			return nil, err
		}
		return t.Value(vars)
	}
	return engine.Model{ID: id, Info: model.Info{ContextWindow: script.ContextWindow},
		Provider: scripted.New(script, scripted.Config{Name: name, Payload: run.Payload, Eval: eval, Answered: run.Answered})}, nil
}

// endpoint is the row of a provider: flue's own with what flue.yaml puts over it.
func (w *wiring) endpoint(name string) (model.Endpoint, error) {
	names := []string{"scripted"}
	var found model.Endpoint
	known := false
	for _, e := range model.Endpoints() {
		names = append(names, e.Name)
		if e.Name == name {
			found, known = e, true
			if url, ok := w.env(e.BaseURLEnv); ok && e.BaseURLEnv != "" && url != "" {
				found.BaseURL = url
				if e.EnvAPI != "" && strings.TrimSuffix(url, "/") != e.BaseURL {
					found.API = e.EnvAPI
				}
			}
		}
	}
	if own, ok := w.project.Settings.Providers[name]; ok {
		known = true
		found.Name = name
		found.API = cmp.Or(model.API(own.API), found.API)
		found.BaseURL = cmp.Or(own.BaseURL, found.BaseURL)
		if own.KeyEnv != "" {
			found.KeyEnv, found.KeyEnv2 = own.KeyEnv, ""
		}
		if len(own.KeyCmd) > 0 {
			found.KeyCmd = own.KeyCmd
		}
		if node := w.project.Settings.Doc.Node("/providers/" + name + "/compat"); node != nil {
			if err := node.Decode(&found.Compat); err != nil {
				return found, fmt.Errorf("decode compat of provider %s: %w", name, err)
			}
		}
		found.Headers = map[string]string{}
		for header, value := range own.Headers {
			text, err := w.privileged(value)
			if err != nil {
				return found, usage(fmt.Errorf("provider %s, header %s: %w", name, header, err))
			}
			found.Headers[header] = text
		}
	}
	if !known {
		names = slices.Compact(slices.Sorted(slices.Values(slices.Concat(names, slices.Collect(maps.Keys(w.project.Settings.Providers))))))
		return found, usage(fmt.Errorf("there is no provider %q; there are: %s; flue.yaml may add others under `providers:`", name, strings.Join(names, ", ")))
	}
	if found.BaseURL == "" {
		return found, usage(fmt.Errorf("provider %q needs a base_url in .flue/flue.yaml", name))
	}
	return found, nil
}

// key finds a provider's key, which may be none for a server that asks for none.
func (w *wiring) key(ctx context.Context, id string, e model.Endpoint) (string, error) {
	if len(e.KeyCmd) > 0 {
		out, err := exec.CommandContext(ctx, e.KeyCmd[0], e.KeyCmd[1:]...).Output()
		if err != nil {
			return "", &model.Error{Kind: model.ErrNoKey, Provider: e.Name, Message: fmt.Sprintf("key_cmd %s failed: %v", e.KeyCmd[0], err)}
		}
		key := strings.TrimSpace(string(out))
		return key, w.tell(key)
	}
	if e.KeyEnv == "" {
		return "", nil
	}
	if key, _ := w.env(w.keyEnv(e)); key != "" {
		return key, w.tell(key)
	}
	return "", &model.Error{Kind: model.ErrNoKey, Provider: e.Name, Message: fmt.Sprintf(`there is no key for %s. Three ways on:
  - a key:            export %s=…
  - a local server:   flue run … --model ollama/qwen3   (or any provider in .flue/flue.yaml)
  - no model at all:  flue run … --model scripted/%s`, id, e.KeyEnv, cmp.Or(firstKey(w.project.Models), "NAME   (.flue/models/NAME.yaml)"))}
}

// keyEnv is the variable that a provider's key is read from: the first that is set.
func (w *wiring) keyEnv(e model.Endpoint) string {
	if e.KeyEnv2 != "" {
		first, _ := w.env(e.KeyEnv)
		second, _ := w.env(e.KeyEnv2)
		if first == "" && second != "" {
			return e.KeyEnv2
		}
	}
	return e.KeyEnv
}

func firstKey[V any](m map[string]V) string {
	keys := slices.Sorted(maps.Keys(m))
	if len(keys) == 0 {
		return ""
	}
	return keys[0]
}

// info is what is known of a model: flue's table with what flue.yaml puts over it.
func (w *wiring) info(id string) model.Info {
	info, _ := model.Lookup(id)
	own := w.project.Settings.Models[id]
	over := model.Info{ContextWindow: own.ContextWindow, MaxOutput: own.MaxOutput}
	if own.InputPrice != nil && own.OutputPrice != nil {
		over.Price = &model.Price{Input: *own.InputPrice, Output: *own.OutputPrice}
	}
	if own.Thinking != nil {
		over.Thinking = []model.Thinking{}
		if *own.Thinking {
			over.Thinking = []model.Thinking{model.ThinkingLow, model.ThinkingMedium, model.ThinkingHigh}
		}
	}
	return info.Merge(over)
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/anthropic"
	"github.com/flue-run/flue/model/gemini"
	"github.com/flue-run/flue/model/openai"
	"github.com/flue-run/flue/model/responses"
	"github.com/flue-run/flue/model/scripted"
	"github.com/flue-run/flue/model/wire"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bucket"
	"github.com/flue-run/flue/sandbox/fetch"
	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/local"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/sqlite"
)

// wiring puts the adapters in place that a project names. It is the only code that knows them all.
type wiring struct {
	project *project
	env     func(name string) (string, bool) // the process's variables and those of --var-file
	secret  func(value string) error         // is told each secret before it is used; nil: nobody is
	struck  func(limit string)               // is told of each limit of a sandbox that ends a script; nil: nobody is
	stored  string                           // the store's file, absolute, once it is open; "": it is in memory
	values  store.Store                      // where the ids of sandboxes elsewhere are kept; engine sets it
	buckets *buckets                         // those that are open; engine makes it
	models  *sync.Map                        // engine.Model by id: those that are the same for every run; engine makes it
	ownPort uint16                           // on which flue itself listens, and which no sandbox reaches; 0: none
}

// tokens let clients into the server.
func (w *wiring) tokens() ([]server.Token, error) {
	var tokens []server.Token
	for _, t := range w.project.Settings.Server.Tokens {
		value, err := w.privileged(t.Value)
		if err != nil {
			return nil, usage(fmt.Errorf("the token %q of server.tokens: %w", t.Name, err))
		}
		tokens = append(tokens, server.Token{Name: t.Name, Value: value})
	}
	return tokens, nil
}

// engine makes an engine for the project on a store. model overrides every other; "" does not.
func (w *wiring) engine(st store.Store, model string) (*engine.Engine, error) {
	if w.buckets == nil {
		w.buckets = &buckets{open: map[string]bucket.Bucket{}}
	}
	w.models = &sync.Map{}
	w.values = st
	secrets, err := w.secrets()
	if err != nil {
		return nil, err
	}
	return engine.New(engine.Config{Project: w.project.Project, Models: w.model, Sandboxes: w.sandbox, Store: st, Model: model,
		SandboxName: w.sandboxName, Env: w.env, MCP: w.mcp, Folder: w.project.dir, Secrets: secrets})
}

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

// store opens the store by name: "memory", or the path of a SQLite file; "" is what flue.yaml says, else the default.
func (w *wiring) store(ctx context.Context, name string) (store.Store, error) {
	file, err := w.storeFile(name)
	switch {
	case err != nil:
		return nil, err
	case file == "memory":
		return memory.New(), nil
	}
	return w.sqlite(ctx, file)
}

// sqlite opens a store whose sessions may have workspaces.
func (w *wiring) sqlite(ctx context.Context, file string) (store.Store, error) {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	if w.stored, err = filepath.Abs(file); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return daytonaStore{workspaceStore{st, w.workspaces(), w.stored, w.env}, w}, nil
}

// kept opens the store by name for commands that need something in it. One that is not there is empty, and is not made.
func (w *wiring) kept(ctx context.Context, name string) (store.Store, error) {
	file, err := w.storeFile(name)
	if err != nil {
		return nil, err
	}
	if file == "memory" {
		return nil, usage(errors.New("a store in memory keeps nothing: name the SQLite file with --store"))
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return memory.New(), nil
	}
	return w.sqlite(ctx, file)
}

// storeFile is the path of the store of that name, or "memory".
func (w *wiring) storeFile(name string) (string, error) {
	own := w.project.Settings.Store
	name = cmp.Or(name, own.Path, own.URL, "sqlite")
	switch {
	case name == "sqlite" && w.project.built != "":
		return filepath.Join(w.project.dir, w.project.built+".db"), nil
	case name == "sqlite":
		return filepath.Join(w.project.dir, ".flue", "state", "flue.db"), nil
	case strings.Contains(name, "://"):
		return "", usage(fmt.Errorf("the store %q is not one that this flue has: sqlite, memory, or the path of a SQLite file", strings.SplitN(name, "://", 2)[0]))
	}
	return name, nil
}

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

// tell says what is a secret to the one who keeps it out of a log.
func (w *wiring) tell(secret string) error {
	if w.secret == nil {
		return nil
	}
	return w.secret(secret)
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

// sandbox makes the sandbox that a spec describes.
func (w *wiring) sandbox(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
	s := req.Spec
	switch s.Type {
	case "", "virtual", "local":
	case "container":
		return w.container(ctx, req)
	case "daytona":
		return w.daytona(ctx, req)
	default:
		return nil, fmt.Errorf("this version of flue has no %q sandbox: those there are are virtual, local, container and daytona", s.Type)
	}
	cfg := virtual.Config{
		Dir: cmp.Or(s.Cwd, local.Workspace),
		Limits: limits.Limits{Timeout: time.Duration(s.Limits.Timeout), Commands: s.Limits.Commands, Work: s.Limits.Work,
			LiveBytes: int64(s.Limits.Memory), Output: int64(s.Limits.Output), Descriptors: s.Limits.Descriptors, Jobs: s.Limits.Jobs,
			Depth: s.Limits.Depth, Script: int64(s.Limits.Script), Nesting: s.Limits.Nesting},
		Quota:     vfs.Quota{Bytes: int64(s.Limits.Files), Files: s.Limits.FileCount},
		Struck:    w.struck,
		Known:     func(name string) bool { return w.project.Commands[name] != nil },
		Databases: sqlitedb.Engine{},
	}
	if s.Network != nil && len(s.Network.Allow) > 0 {
		network, err := fetch.New(fetch.Config{Allow: s.Network.Allow, OwnPort: w.ownPort})
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
		cfg.Fetch = network
	}
	var err error
	if cfg.Env, err = w.sandboxEnv(s); err != nil {
		return nil, err
	}
	for name, folder := range req.Skills {
		cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: path.Join(engine.SkillsDir, name), Source: vfs.FromFS(folder), Mode: vfs.ReadOnlyMount})
	}
	return w.open(ctx, s, cfg)
}

// sandboxEnv are the variables of a sandbox's file.
func (w *wiring) sandboxEnv(s *spec.Sandbox) (map[string]string, error) {
	env := map[string]string{}
	for name, value := range s.Env {
		text, err := w.privileged(value)
		if err != nil {
			return nil, fmt.Errorf("env %s: %w", name, err)
		}
		env[name] = text
	}
	return env, nil
}

// open opens the folders and buckets that a sandbox mounts, and makes it.
func (w *wiring) open(ctx context.Context, s *spec.Sandbox, cfg virtual.Config) (box sandbox.Sandbox, err error) {
	defer func() {
		if err != nil {
			for _, opened := range cfg.Owned {
				opened.Close()
			}
		}
	}()
	for i, m := range s.Mounts {
		if strings.HasPrefix(m.Source, "s3://") {
			err = w.mountBucket(ctx, s, i, &cfg)
		} else {
			err = w.mount(m, &cfg)
		}
		if err != nil {
			return nil, fmt.Errorf("%smount %s: %w", place(s, fmt.Sprintf("/mounts/%d/source", i)), m.Path, err)
		}
	}
	if s.Type == "local" {
		return local.New(w.project.dir, cfg)
	}
	return virtual.New(cfg)
}

var mountModes = map[string]vfs.MountMode{"": vfs.ReadOnlyMount, "ro": vfs.ReadOnlyMount, "overlay": vfs.OverlayMount, "rw": vfs.ReadWriteMount}

// mount opens a folder of the project, or of the host by file://, for a sandbox.
func (w *wiring) mount(m spec.Mount, cfg *virtual.Config) error {
	dir := m.Source
	switch {
	case w.project.built != "" && !strings.Contains(dir, "://"):
		folder, err := fs.Sub(w.project.FS, path.Clean(dir))
		if err != nil {
			return err
		}
		if m.Mode == "rw" {
			return errors.New("a folder in a built project cannot be written to: use mode overlay, or a folder of the host by file://")
		}
		cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: m.Path, Source: vfs.FromFS(folder), Mode: mountModes[m.Mode]})
		return nil
	case strings.HasPrefix(dir, "file://"):
		dir = strings.TrimPrefix(dir, "file://")
	case strings.Contains(dir, "://"):
		return fmt.Errorf("%q cannot be mounted: write ./folder, file:///folder or s3://bucket/prefix", dir)
	default:
		dir = filepath.Join(w.project.dir, filepath.FromSlash(dir))
	}
	source, err := hostdir.Open(dir)
	if err != nil {
		return err
	}
	cfg.Owned = append(cfg.Owned, source)
	cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: m.Path, Source: hostdir.Protect(source), Mode: mountModes[m.Mode]})
	return nil
}

package main

import (
	"fmt"
	"sync"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox/bucket"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/store"
)

// wiring puts the adapters in place that a project names. It is the only code that knows them all; wire_x.go makes an x.
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

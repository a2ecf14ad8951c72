// Package server is flue over HTTP: runs, sessions, files, webhooks and schedules of one project. Start at routes, which
// lists every route with the function that answers it; each group of them has a file of its own.
package server

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

// Config is what a Server needs from outside. Runner, Store and Log are required.
type Config struct {
	Runner Runner
	Store  store.Store
	Log    *slog.Logger

	// Tokens let clients in. Without any, only clients of this machine are, by a loopback name.
	Tokens []Token
	// CORS are the origins whose pages may call the server, such as https://app.example.com. None: pages of other
	// origins may not.
	CORS []string
	// Env looks up the variables that hold the secrets of webhooks. nil: there are none.
	Env func(name string) (string, bool)

	// Limits says how often each limit of sandboxes has ended a script, by its name. nil: it is not told.
	Limits func() map[string]int64

	Version string // of flue, for clients to see

	Now       func() time.Time                     // time.Now
	After     func(time.Duration) <-chan time.Time // time.After
	Heartbeat time.Duration                        // how long a stream may be silent before a comment shows that it lives; 15 s
	Patience  time.Duration                        // how long one write to a client, or the reading of a request's body, may take; 30 s
}

// Runner carries out runs: an *engine.Node.
type Runner interface {
	Engine() *engine.Engine
	Accept(ctx context.Context, req engine.Request) (engine.Accepted, error)
	Wait(ctx context.Context, run string) (store.Run, error)
	Watch(session store.Key) *engine.Watch
	Follow(ctx context.Context, session store.Key, after int64) iter.Seq2[engine.Event, error]
	Flush(ctx context.Context, session store.Key)
	Abort(ctx context.Context, run string) (store.Run, error)
	Stats() engine.NodeStats
	Close(ctx context.Context) error
}

// Token lets a client in.
type Token struct {
	Name  string // appears in the log
	Value string // the secret; it is kept as a hash only
}

// Server answers HTTP requests. Its methods may be called from any goroutine.
type Server struct {
	cfg     Config
	tokens  []hashedToken
	handler http.Handler
	clock   *scheduler
	metrics metrics
	api     apiDocument
	closing atomic.Bool
	large   chan struct{} // one for each large body at work

	endless    context.Context // of streams that have no end of their own
	endStreams context.CancelFunc
}

// New returns a server. An error says which field of cfg is missing or wrong.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.Runner == nil:
		return nil, errors.New("server: Config.Runner is missing")
	case cfg.Store == nil:
		return nil, errors.New("server: Config.Store is missing")
	case cfg.Log == nil:
		return nil, errors.New("server: Config.Log is missing")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	if cfg.Env == nil {
		cfg.Env = func(string) (string, bool) { return "", false }
	}
	cfg.Heartbeat = cmp.Or(cfg.Heartbeat, 15*time.Second)
	cfg.Patience = cmp.Or(cfg.Patience, 30*time.Second)
	s := &Server{cfg: cfg}
	s.large = make(chan struct{}, maxLarge)
	s.endless, s.endStreams = context.WithCancel(context.Background())
	var err error
	if s.tokens, err = hashTokens(cfg.Tokens); err != nil {
		return nil, err
	}
	if missing := MissingSecrets(s.project(), cfg.Env); len(missing) > 0 {
		return nil, errors.New(missing[0].String())
	}
	s.clock = &scheduler{project: s.project, accept: cfg.Runner.Accept, store: cfg.Store, log: cfg.Log, now: cfg.Now, after: cfg.After,
		count: s.metrics.firing, changed: make(chan struct{}, 1)}
	s.handler = s.logged(s.shared(s.mux()))
	return s, nil
}

// Handler answers every route.
func (s *Server) Handler() http.Handler { return s.handler }

// Reloaded tells the server that its Runner has another project: the schedules of that one count from now on.
func (s *Server) Reloaded() { s.clock.reload() }

// project is the one that is served now; --watch may have it replaced at any time.
func (s *Server) project() *spec.Project { return s.cfg.Runner.Engine().Project() }

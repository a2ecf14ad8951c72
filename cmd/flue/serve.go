package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/store"
)

type serveCmd struct {
	Address   string        `placeholder:"HOST:PORT" help:"Where to listen; port 0 is any that is free (default: server.address of flue.yaml, else 127.0.0.1:3000)."`
	Dir       string        `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
	Store     string        `placeholder:"PATH" help:"The store: a SQLite file, or memory (default: .flue/state/flue.db, or NAME.db here for a built project)."`
	Model     string        `env:"FLUE_MODEL" placeholder:"PROVIDER/ID" help:"The model, whatever the files say."`
	VarFile   string        `placeholder:"FILE" help:"Variables for keys and privileged files, NAME=value a line."`
	Watch     bool          `help:"Serve the project anew when its files change."`
	Drain     time.Duration `default:"30s" help:"How long runs may take to end once the server is to stop."`
	LogFormat string        `enum:"text,json" default:"text" help:"The log on stderr: text or json."`
}

func (c *serveCmd) Help() string {
	return `Agents with a webhook trigger are started by POST /agents/NAME and POST /agents/NAME/SESSION, with the payload as JSON;
GET /openapi.json describes every route. Without server.tokens in flue.yaml only this machine is served, but for the calls
of POST /webhooks/NAME that a provider signs. Schedules fire while the server runs: each of their times once, however many
servers share the store.

SIGTERM or SIGINT: no new runs, those at work finish within --drain. What is left, or was left by a crash, goes on when
the store is served again. A second signal ends the process at once. --watch takes the new files for new runs, and keeps
the old ones while the new have errors; server in flue.yaml counts at the next start.

Exit status: 0 stopped, nothing was left; 2 usage or project error, nothing was served; 4 the store or the network failed;
130, 143 stopped, runs are left.`
}

func (c *serveCmd) Run(ctx context.Context, s streams) (err error) {
	env, err := variables(c.VarFile)
	if err != nil {
		return usage(err)
	}
	p, err := openProject(c.Dir)
	if err != nil {
		return err
	}
	defer p.Close()
	p.problems = append(p.problems, server.MissingSecrets(p.Project, env)...)
	if err := p.refuse(s); err != nil {
		return err
	}
	struck := &limitCounts{}
	w := &wiring{project: p, env: env, struck: struck.add}
	tokens, err := w.tokens()
	if err != nil {
		return err
	}
	ln, err := server.Listen(ctx, cmp.Or(c.Address, p.Settings.Server.Address, "127.0.0.1:3000"), len(tokens) > 0)
	if err != nil {
		return usage(err)
	}
	defer ln.Close()
	if at, ok := ln.Addr().(*net.TCPAddr); ok {
		w.ownPort = uint16(at.Port)
	}
	st, err := w.store(ctx, c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	e, err := w.engine(st, c.Model)
	if err != nil {
		return err
	}
	log, end := newLog(s.err, c.LogFormat)
	defer end()
	node := engine.NewNode(e, engine.NodeConfig{})
	srv, err := server.New(server.Config{Runner: node, Store: st, Log: log, Tokens: tokens, CORS: p.Settings.Server.CORS, Env: env,
		Limits: struck.all, Version: version})
	if err != nil {
		return errors.Join(usage(err), node.Close(ctx))
	}
	if err := c.greet(s.err, log, w, "http://"+ln.Addr().String()); err != nil {
		return errors.Join(err, node.Close(ctx))
	}
	defer tidyWhenIdle(node)()
	if c.Watch {
		watching := &watcher{wiring: w, store: st, model: c.Model, node: node, server: srv, stderr: s.err}
		if c.LogFormat == "json" {
			watching.log = log
		}
		defer watching.start(ctx)()
	}
	if err := srv.Serve(ctx, ln, c.Drain); err != nil {
		return err
	}
	return left(ctx, st)
}

// greet says that the server is ready, and where.
func (c *serveCmd) greet(stderr io.Writer, log *slog.Logger, w *wiring, url string) error {
	file, err := w.storeFile(c.Store)
	if err != nil {
		return err
	}
	agents := len(server.Served(w.project.Project))
	if c.LogFormat == "json" {
		log.Info("listening", "url", url, "store", file, "agents", agents)
		return nil
	}
	_, err = fmt.Fprintf(stderr, "flue: listening on %s (store %s, %s)\n", url, file, count(agents, "agent"))
	return err
}

// left says how many runs wait for the store to be served again.
func left(ctx context.Context, st store.Store) error {
	runs, err := st.Unfinished(context.WithoutCancel(ctx))
	if err != nil || len(runs) == 0 {
		return err
	}
	return fmt.Errorf("stopped; %s left: flue serve goes on with what is unfinished", count(len(runs), "run"))
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

type runCmd struct {
	Agent     string   `arg:"" optional:"" help:"A name, or the path of an agent file outside any project."`
	Payload   string   `placeholder:"JSON" help:"The payload: JSON, @FILE, or - for standard input."`
	Set       []string `sep:"none" placeholder:"KEY=VALUE" help:"Set one field of the payload; a value that is JSON keeps its type. May be repeated."`
	SessionID string   `name:"session-id" aliases:"session" placeholder:"ID" help:"Continue this session, or begin it (default: a new one)."`
	Model     string   `env:"FLUE_MODEL" placeholder:"PROVIDER/ID" help:"The model, whatever the files say."`
	Dir       string   `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
	Output    string   `enum:"auto,text,json,events" default:"auto" help:"What stdout gets: auto (JSON for a typed result, else text), text, json (one envelope) or events (one a line)."`
	Ephemeral bool     `help:"Keep nothing: the session lives in memory."`
	Store     string   `placeholder:"PATH" help:"The store: a SQLite file, or memory (default: .flue/state/flue.db, or NAME.db here for a built project)."`
	Events    string   `name:"events-file" placeholder:"PATH" help:"Write every event to this file, too, as JSON lines."`
	VarFile   string   `placeholder:"FILE" help:"Variables for keys and privileged files, NAME=value a line."`
	Server    string   `placeholder:"URL" help:"Have this flue serve run the agent, with the token in FLUE_TOKEN, if it wants one."`
	TokenFile string   `placeholder:"FILE" help:"The token for --server is in this file, not in FLUE_TOKEN."`
	Resume    string   `placeholder:"RUN" help:"Go on with a run that was interrupted, instead of a new one."`
	Quiet     bool     `short:"q" help:"No story on stderr."`
	LogFormat string   `enum:"text,json" default:"text" help:"The story on stderr: text or json."`
}

func (c *runCmd) Help() string {
	return `stdout is the result and nothing else; stderr is the story. In a GitHub Actions job the result and its fields are
outputs of the step, too, and the job's summary tells of the run.

Exit status: 0 completed; 1 the model gave up, the result stayed invalid, a step or check failed; 2 usage or project
error, nothing ran; 3 a limit or deadline; 4 provider or infrastructure; 130, 143 interrupted, resumable.`
}

func (c *runCmd) Run(ctx context.Context, s streams) error {
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		return inGitHub(ctx, s, func(s streams, g *github) error { return c.run(ctx, s, g) })
	}
	return c.run(ctx, s, nil)
}

// run carries out the command; g is the GitHub Actions job that it is a step of, or nil.
func (c *runCmd) run(ctx context.Context, s streams, g *github) error {
	if (c.Agent == "") == (c.Resume == "") {
		return usage(errors.New("run: name an agent, or a run with --resume"))
	}
	payload, err := c.payload(s.in)
	if err != nil {
		return usage(err)
	}
	if c.Server != "" || c.TokenFile != "" {
		return c.runThere(ctx, s, g, payload)
	}
	env, err := variables(c.VarFile)
	if err != nil {
		return usage(err)
	}
	p, agent, err := c.open(s, g)
	if err != nil {
		return err
	}
	defer p.Close()
	w := &wiring{project: p, env: env, secret: g.mask}
	name := c.Store
	if c.Ephemeral || name == "" && p.alone {
		name = "memory" // an agent outside any project leaves nothing behind
	}
	st, err := w.store(ctx, name)
	if err != nil {
		return err
	}
	defer st.Close()
	e, err := w.engine(st, c.Model)
	if err != nil {
		return err
	}
	events := e.Run(ctx, engine.Request{Agent: agent, Session: c.SessionID, Payload: payload, Trigger: engine.Trigger{Kind: "cli"}})
	if c.Resume != "" {
		events = e.Resume(ctx, c.Resume)
	}
	err = c.tell(s, g, events, func(run string) {
		if ctx.Err() != nil {
			fmt.Fprintf(s.err, "flue: stopped; go on with: flue run --resume %s\n", run)
		}
	})
	if err != nil {
		return err
	}
	return e.Prune(ctx)
}

// runThere has a server carry out the run.
func (c *runCmd) runThere(ctx context.Context, s streams, g *github, payload json.RawMessage) error {
	for flag, given := range map[string]bool{"--dir": c.Dir != "", "--store": c.Store != "", "--ephemeral": c.Ephemeral, "--resume": c.Resume != "",
		"--var-file": c.VarFile != "", "an agent's file": isAgentFile(c.Agent)} {
		if given {
			return usage(fmt.Errorf("run: %s is for a run in this process, not for one on a server", flag))
		}
	}
	if c.Server == "" {
		return usage(errors.New("--token-file is for --server"))
	}
	r, err := newRemote(s, c.Server, c.TokenFile)
	if err != nil {
		return err
	}
	defer r.Close()
	err = c.tell(s, g, r.run(ctx, c.Agent, c.SessionID, payload), func(run string) {
		fmt.Fprintf(s.err, "flue: the run goes on at the server; it ends with: flue abort %s --server %s\n", run, r.url)
	})
	if errors.Is(err, store.ErrNotFound) {
		return usage(err)
	}
	return err
}

// tell shows a run to whom it may concern, and returns what became of it. left is called where its events end too early.
func (c *runCmd) tell(s streams, g *github, events iter.Seq2[engine.Event, error], left func(run string)) error {
	file, err := openEventsFile(c.Events)
	if err != nil {
		return usage(err)
	}
	defer file.Close()
	view := newView(s.err, c.Quiet, c.LogFormat)
	defer view.Close()
	out := &output{w: s.out, mode: c.Output}
	run := ""
	for event, err := range events {
		if err != nil {
			view.Close()
			if run != "" {
				left(run)
			}
			return err
		}
		run = event.Run
		view.Event(event)
		if err := errors.Join(file.event(event), g.event(event), out.event(event)); err != nil {
			return fmt.Errorf("tell of the run: %w", err)
		}
		if event.Type == engine.Done && event.Outcome != store.Completed {
			return told(runStatus(event.Error))
		}
	}
	return nil
}

// open loads what AGENT names: an agent of the project, or a file.
func (c *runCmd) open(s streams, g *github) (p *project, name string, err error) {
	if isAgentFile(c.Agent) {
		p, name, _, err = openAgentFile(c.Agent)
	} else {
		p, err = openProject(c.Dir)
		name = c.Agent
	}
	if err != nil {
		return nil, "", err
	}
	return p, name, errors.Join(p.refuse(s), g.annotate(p))
}

// payload is --payload with each --set put over it; nil where neither is given.
func (c *runCmd) payload(stdin io.Reader) (json.RawMessage, error) {
	data := []byte(c.Payload)
	var err error
	switch {
	case c.Payload == "-":
		data, err = io.ReadAll(stdin)
	case strings.HasPrefix(c.Payload, "@"):
		data, err = os.ReadFile(c.Payload[1:])
	case c.Payload == "" && len(c.Set) == 0:
		return nil, nil
	case c.Payload == "":
		data = []byte("{}")
	}
	if err != nil {
		return nil, fmt.Errorf("read the payload: %w", err)
	}
	if !json.Valid(data) {
		return nil, fmt.Errorf("the payload is not JSON: %s\n(a shell takes quotes away: write --payload '{\"key\": \"value\"}', or --set key=value)", jsonError(data))
	}
	if len(c.Set) == 0 {
		return data, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil || object == nil {
		return nil, errors.New("--set needs a payload that is a JSON object")
	}
	for _, set := range c.Set {
		key, value, ok := strings.Cut(set, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--set %s: write KEY=VALUE", set)
		}
		object[key] = json.RawMessage(value)
		if !json.Valid(object[key]) {
			object[key], _ = json.Marshal(value) // a string always encodes
		}
	}
	return json.Marshal(object)
}

// jsonError says where data stops being JSON.
func jsonError(data []byte) string {
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, new(any)); errors.As(err, &syntax) {
		line := 1 + bytes.Count(data[:syntax.Offset], []byte("\n"))
		return fmt.Sprintf("line %d, byte %d: %v", line, syntax.Offset, err)
	}
	return "empty"
}

// variables looks up the process's variables, and before them those of a file of NAME=value lines.
func variables(file string) (func(string) (string, bool), error) {
	own := map[string]string{}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read --var-file: %w", err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
			if line == "" || line[0] == '#' {
				continue
			}
			name, value, ok := strings.Cut(line, "=")
			if name = strings.TrimSpace(name); !ok || name == "" {
				return nil, fmt.Errorf("%s:%d: write NAME=value", file, i+1) // never the line: it may hold a secret
			}
			own[name] = unquote(strings.TrimSpace(value))
		}
	}
	return func(name string) (string, bool) {
		if value, ok := own[name]; ok {
			return value, true
		}
		return os.LookupEnv(name)
	}, nil
}

// unquote takes one pair of quotes off a value.
func unquote(value string) string {
	if n := len(value); n >= 2 && value[0] == value[n-1] && (value[0] == '"' || value[0] == '\'') {
		return value[1 : n-1]
	}
	return value
}

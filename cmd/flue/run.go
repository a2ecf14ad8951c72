package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	VarFile   string   `placeholder:"FILE" help:"Variables for keys and privileged files, NAME=value a line."`
	Resume    string   `placeholder:"RUN" help:"Go on with a run that was interrupted, instead of a new one."`
	Quiet     bool     `short:"q" help:"No story on stderr."`
	LogFormat string   `enum:"text,json" default:"text" help:"The story on stderr: text or json."`
}

func (c *runCmd) Help() string {
	return `stdout is the result and nothing else; stderr is the story.

Exit status: 0 completed; 1 the model gave up, the result stayed invalid, a step or check failed; 2 usage or project
error, nothing ran; 3 a limit or deadline; 4 provider or infrastructure; 130, 143 interrupted, resumable.`
}

func (c *runCmd) Run(ctx context.Context, s streams) error {
	if (c.Agent == "") == (c.Resume == "") {
		return usage(errors.New("run: name an agent, or a run with --resume"))
	}
	payload, err := c.payload(s.in)
	if err != nil {
		return usage(err)
	}
	env, err := variables(c.VarFile)
	if err != nil {
		return usage(err)
	}
	p, agent, err := c.open(s)
	if err != nil {
		return err
	}
	defer p.Close()
	w := &wiring{project: p, env: env}
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
	view := newView(s.err, c.Quiet, c.LogFormat)
	out := &output{w: s.out, mode: c.Output}
	run := ""
	for event, err := range events {
		if err != nil {
			view.Close()
			if run != "" && ctx.Err() != nil {
				fmt.Fprintf(s.err, "flue: stopped; go on with: flue run --resume %s\n", run)
			}
			return err
		}
		run = event.Run
		view.Event(event)
		if err := out.event(event); err != nil {
			view.Close()
			return fmt.Errorf("write the result: %w", err)
		}
		if event.Type == engine.Done && event.Outcome != store.Completed {
			view.Close()
			return told(runStatus(event.Error))
		}
	}
	view.Close()
	return nil
}

// open loads what AGENT names: an agent of the project, or a file.
func (c *runCmd) open(s streams) (p *project, name string, err error) {
	if isAgentFile(c.Agent) {
		p, name, _, err = openAgentFile(c.Agent)
	} else {
		p, err = openProject(c.Dir)
		name = c.Agent
	}
	if err != nil {
		return nil, "", err
	}
	return p, name, p.refuse(s)
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

// output writes what stdout gets.
type output struct {
	w     io.Writer
	mode  string
	start engine.Event
}

// envelope is what --output json writes.
type envelope struct {
	Run        string        `json:"run"`
	Session    string        `json:"session"`
	Agent      string        `json:"agent"`
	Outcome    store.Outcome `json:"outcome"`
	Result     any           `json:"result"`
	Text       string        `json:"text"`
	Error      *engine.Error `json:"error"`
	Usage      any           `json:"usage"`
	DurationMS int64         `json:"duration_ms"`
}

func (o *output) event(e engine.Event) error {
	if e.Type == engine.RunStart {
		o.start = e
	}
	switch {
	case o.mode == "events":
		return writeJSON(o.w, e, "")
	case e.Type != engine.Done:
		return nil
	case o.mode == "json":
		return writeJSON(o.w, envelope{Run: e.Run, Session: e.Session, Agent: e.Agent, Outcome: e.Outcome, Result: e.Result,
			Text: e.Text, Error: e.Error, Usage: e.Usage, DurationMS: e.Time.Sub(o.start.Time).Milliseconds()}, "")
	case e.Outcome != store.Completed:
		return nil
	case o.mode == "text":
		return o.text(cmp.Or(e.Text, textOf(e.Result)))
	}
	if text, ok := e.Result.(string); ok {
		return o.text(text)
	}
	return writeJSON(o.w, e.Result, "  ")
}

func (o *output) text(text string) error {
	if text == "" {
		return nil
	}
	_, err := fmt.Fprintln(o.w, strings.TrimSuffix(text, "\n"))
	return err
}

// textOf is a result as text: a string as it is, anything else as JSON.
func textOf(result any) string {
	if text, ok := result.(string); ok {
		return text
	}
	var b strings.Builder
	if result == nil || writeJSON(&b, result, "  ") != nil {
		return ""
	}
	return b.String()
}

// writeJSON writes a value and a newline; indent "" keeps it on one line.
func writeJSON(w io.Writer, v any, indent string) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	return encoder.Encode(v)
}

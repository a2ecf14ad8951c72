package engine_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/expr"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/scripted"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite what the transcripts expect")

// day is when all runs of the tests happen.
var day = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// TestTranscripts runs the agent `main` of each project in testdata with its scripted model and compares what happened.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			project, payload := unpack(archive)
			want := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			got := transcript(t, newEngine(t, project, memory.New()).Run(t.Context(), engine.Request{Agent: "main", Session: "s1", Payload: payload}))
			if *update {
				if want < 0 {
					archive.Files, want = append(archive.Files, txtar.File{Name: "want"}), len(archive.Files)
				}
				archive.Files[want].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want < 0 || got != string(archive.Files[want].Data) {
				t.Errorf("transcript differs (go test -update rewrites it):\n%s", got)
			}
		})
	}
}

// unpack splits a transcript's archive.
func unpack(archive *txtar.Archive) (project fstest.MapFS, payload json.RawMessage) {
	project = fstest.MapFS{}
	for _, f := range archive.Files {
		switch f.Name {
		case "payload.json":
			payload = f.Data
		case "want":
		default:
			project[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return project, payload
}

// transcript is a run's events, a line each, without what changes from run to run.
func transcript(t *testing.T, events func(func(engine.Event, error) bool)) string {
	t.Helper()
	var b strings.Builder
	last := int64(0)
	for e, err := range events {
		if err != nil {
			fmt.Fprintf(&b, "error: %v\n", err)
			continue
		}
		if e.ID != 0 && e.ID != last+1 {
			t.Errorf("event %d follows %d", e.ID, last)
		}
		if e.ID != 0 {
			last = e.ID
		}
		if line := describe(e); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func describe(e engine.Event) string {
	at := string(e.Type)
	if e.Step != "" {
		at += " " + e.Step
	}
	if e.Turn > 0 && e.Type != engine.Done {
		at += fmt.Sprintf(" turn %d", e.Turn)
	}
	switch e.Type {
	case engine.TextDelta, engine.ThinkingDelta:
		return ""
	case engine.MessageStored:
		return fmt.Sprintf("%s: %s: %s", at, e.Message.Role, blocks(e.Message.Blocks))
	case engine.ToolStart:
		return fmt.Sprintf("%s: %s %s %s", at, e.Tool, compact(e.Args), strings.Join(e.Notes, "; "))
	case engine.ToolEnd:
		return fmt.Sprintf("%s: %s error=%v %s", at, e.Tool, *e.IsError, compact(e.Result))
	case engine.StepStart:
		return fmt.Sprintf("%s: %s %s", at, e.Kind, e.Model)
	case engine.StepEnd:
		return fmt.Sprintf("%s: %s", at, compact(e.Output))
	case engine.CompactionStart:
		return fmt.Sprintf("%s: %s, %d tokens", at, e.Reason, e.Tokens)
	case engine.CompactionEnd:
		if e.Message == nil {
			return fmt.Sprintf("%s: results cut to %d bytes", at, e.MaxResult)
		}
		return fmt.Sprintf("%s: %d messages by %s, results cut to %d bytes: %s", at, e.Replaced, e.Model, e.MaxResult, blocks(e.Message.Blocks))
	case engine.CheckRun:
		return fmt.Sprintf("%s: attempt %d passed=%v %q", at, e.Attempt, *e.Passed, e.Text)
	case engine.RetryWait:
		return fmt.Sprintf("%s: %s", at, e.Reason)
	case engine.ResultData:
		return fmt.Sprintf("%s: %s", at, compact(e.Data))
	case engine.ErrorEvent:
		return fmt.Sprintf("%s: %v", at, e.Error)
	case engine.Done:
		return fmt.Sprintf("%s: %s", at, e.Outcome)
	case engine.Workspace:
		return at
	}
	return at
}

func blocks(list []model.Block) string {
	var parts []string
	for _, b := range list {
		switch b.Type {
		case model.TextBlock:
			parts = append(parts, fmt.Sprintf("%q", b.Text))
		case model.CallBlock:
			parts = append(parts, b.Name+compact(b.Args))
		case model.ResultBlock:
			parts = append(parts, fmt.Sprintf("result of %s %q", b.Name, b.Text))
		}
	}
	return strings.Join(parts, " ")
}

func compact(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// load reads a project whose files must be right.
func load(t testing.TB, project fs.FS) *spec.Project {
	t.Helper()
	loaded, problems := spec.Load(project)
	for _, p := range problems {
		if p.Severity == spec.Error {
			t.Fatalf("%v", p)
		}
	}
	return loaded
}

// newEngine makes an engine with scripted models, virtual sandboxes, a clock that stands still and no waiting.
func newEngine(t testing.TB, project fs.FS, st store.Store) *engine.Engine {
	t.Helper()
	return start(t, config(t, project, st))
}

func start(t testing.TB, cfg engine.Config) *engine.Engine {
	t.Helper()
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func config(t testing.TB, project fs.FS, st store.Store) engine.Config {
	t.Helper()
	loaded := load(t, project)
	return engine.Config{
		Project: loaded,
		Store:   st,
		Now:     func() time.Time { return day },
		Sleep:   func(ctx context.Context, d time.Duration) error { return ctx.Err() },
		Models: func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
			name := strings.TrimPrefix(id, "scripted/")
			var script scripted.Script
			if err := loaded.Models[name].Doc.Root.Decode(&script); err != nil {
				return engine.Model{}, err
			}
			eval := func(template string, vars map[string]any) (any, error) {
				parsed, err := expr.Parse(template)
				if err != nil {
					return nil, err
				}
				return parsed.Value(vars)
			}
			return engine.Model{ID: id, Info: model.Info{ContextWindow: script.ContextWindow}, Provider: scripted.New(script, scripted.Config{Name: name, Payload: run.Payload, Eval: eval, Answered: run.Answered})}, nil
		},
		Sandboxes: func(ctx context.Context, req engine.SandboxRequest) (sandbox.Sandbox, error) {
			return virtual.New(virtual.Config{})
		},
	}
}

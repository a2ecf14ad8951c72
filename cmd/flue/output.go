package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

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

// eventsFile is the file of --events-file; a nil one is none.
type eventsFile struct{ file *os.File }

// openEventsFile makes the file, for its owner alone: it tells all that the agent read. "" makes none.
func openEventsFile(name string) (*eventsFile, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make --events-file: %w", err)
	}
	return &eventsFile{file}, nil
}

func (f *eventsFile) event(e engine.Event) error {
	if f == nil {
		return nil
	}
	return writeJSON(f.file, e, "")
}

// Close ends the file.
func (f *eventsFile) Close() error {
	if f == nil {
		return nil
	}
	return f.file.Close()
}

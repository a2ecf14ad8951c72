package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"golang.org/x/term"
)

// view tells the story of a run on stderr.
type view interface {
	Event(e engine.Event)
	Close() // ends what is on the screen; calling it twice is fine
}

// newView picks the view that fits where stderr goes: a live one on a terminal, else plain lines.
func newView(w io.Writer, quiet bool, format string) view {
	file, _ := w.(*os.File)
	switch {
	case quiet:
		return noView{}
	case format == "json":
		return jsonView{w}
	case file != nil && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb":
		return newLiveView(file, os.Getenv("NO_COLOR") == "")
	}
	return &plainView{teller{w: w}}
}

type noView struct{}

func (noView) Event(engine.Event) {}
func (noView) Close()             {}

// jsonView writes every event as a line of JSON.
type jsonView struct{ w io.Writer }

func (v jsonView) Event(e engine.Event) {
	writeJSON(v.w, e, "") // a story that cannot be told is no reason to stop the run
}
func (jsonView) Close() {}

// teller remembers what the words of a view need.
type teller struct {
	w        io.Writer
	began    time.Time
	usage    model.Usage
	turns    int
	scripted bool // it was said that the model is scripted
}

// note keeps count. It returns a line to say once, if the event calls for it.
func (t *teller) note(e engine.Event) string {
	switch e.Type {
	case engine.RunStart:
		t.began = e.Time
	case engine.TurnEnd:
		t.usage.Add(*e.Usage)
		t.turns = e.Turn
	case engine.CompactionEnd:
		if e.Usage != nil {
			t.usage.Add(*e.Usage)
		}
	case engine.StepStart:
		if name, ok := strings.CutPrefix(e.Model, "scripted/"); ok && !t.scripted {
			t.scripted = true
			return fmt.Sprintf("the model is scripted: its answers are written in .flue/models/%s.yaml, no model is asked", name)
		}
	}
	return ""
}

// totals is what a run has used so far.
func (t *teller) totals(now time.Time) string {
	parts := []string{count(t.turns, "turn"), tokens(t.usage)}
	if cost := t.usage.CostUSD; cost != nil {
		parts = append(parts, fmt.Sprintf("$%.4f", *cost))
	}
	return strings.Join(append(parts, duration(now.Sub(t.began))), " · ")
}

func tokens(u model.Usage) string {
	n := thousands(u.Total()) + " tokens"
	if u.Estimated {
		n = "about " + n
	}
	return n
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func duration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%dms", d.Milliseconds())
	}
	return d.Round(100 * time.Millisecond).String()
}

// arguments is a call's arguments in few words: values by themselves, a name before all but the first.
func arguments(raw json.RawMessage) string {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return oneLine(string(raw))
	}
	var parts []string
	for decoder.More() {
		key, err := decoder.Token()
		var value any
		if err != nil || decoder.Decode(&value) != nil {
			return oneLine(string(raw))
		}
		text, ok := value.(string)
		if !ok {
			data, _ := json.Marshal(value) // it was JSON a moment ago
			text = string(data)
		}
		if len(parts) > 0 {
			text = fmt.Sprint(key, "=", text)
		}
		parts = append(parts, oneLine(text))
	}
	return strings.Join(parts, "  ")
}

// words is the arguments of a privileged command, as a shell would be given them.
func words(raw json.RawMessage) string {
	var args []string
	if json.Unmarshal(raw, &args) != nil {
		return oneLine(string(raw))
	}
	for i, arg := range args {
		if arg = printable(arg); arg == "" || strings.ContainsAny(arg, " \t\n'\"\\$`") {
			arg = strconv.Quote(arg)
		}
		args[i] = arg
	}
	return strings.Join(args, " ")
}

// outcome is a tool's result in few words.
func outcome(e engine.Event) string {
	text, _ := e.Result.(string)
	text = strings.TrimRight(text, "\n")
	if lines := strings.Count(text, "\n"); lines > 0 && (e.IsError == nil || !*e.IsError) {
		return count(lines+1, "line")
	}
	return oneLine(text)
}

// oneLine is text without line breaks.
func oneLine(text string) string {
	return strings.Join(strings.Fields(printable(text)), " ")
}

// printable is text without what could steer a terminal: what a model or a file says must not move the cursor or
// change the title.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// cut is text of at most width characters.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	runes := []rune(text)
	return string(runes[:max(width-1, 0)]) + "…"
}

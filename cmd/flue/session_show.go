package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
)

type sessionShowCmd struct {
	keptFlags
	Session sessionKey `arg:"" placeholder:"AGENT/SESSION" help:"The session."`
	Format  string     `enum:"text,json" default:"text" help:"text or json."`
}

func (c *sessionShowCmd) Help() string {
	return `What a rewind has taken back is left out. The number before a line is its entry's: what fork --at and rewind --to take.`
}

// shownSession is what --format json writes.
type shownSession struct {
	Agent    string          `json:"agent"`
	Session  string          `json:"session"`
	Created  time.Time       `json:"created"`
	Updated  time.Time       `json:"updated"`
	Entries  int64           `json:"entries"`
	Messages []model.Message `json:"messages"`
	Runs     []listedRun     `json:"runs"` // the oldest first
}

func (c *sessionShowCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		found, err := find(ctx, k, c.Session.Key)
		if err != nil {
			return err
		}
		history, err := engine.ReadHistory(ctx, k, found.Key)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			runs, err := (&runsCmd{Session: &c.Session}).list(ctx, k)
			if err != nil {
				return err
			}
			slices.Reverse(runs)
			return writeJSON(s.out, shownSession{found.Key.Agent, found.Key.Session, found.Created, found.Updated, found.Last,
				history.Messages, runs}, "  ")
		}
		t := &transcript{}
		for _, e := range history.Events {
			t.event(e)
		}
		_, err = fmt.Fprint(s.out, t.text.String())
		return err
	})
}

// transcript is a session's history for a person.
type transcript struct {
	text  strings.Builder
	turns int
}

// line writes a line with the number of its entry. What belongs to a sub-agent is set in.
func (t *transcript) line(e engine.Event, format string, args ...any) {
	indent := strings.Repeat("  ", min(depth(e.Task), 4))
	text := strings.ReplaceAll(strings.TrimRight(printable(fmt.Sprintf(format, args...)), "\n"), "\n", "\n       "+indent+"    ")
	fmt.Fprintf(&t.text, "%5d  %s%s\n", e.ID, indent, text)
}

// depth is how far below the session's own conversation one is.
func depth(task string) int {
	if task == "" {
		return 0
	}
	return 1 + strings.Count(task, "/")
}

func (t *transcript) event(e engine.Event) {
	switch e.Type {
	case engine.RunStart:
		began := "run"
		if e.Resumed {
			began = "resumed run"
		}
		t.line(e, "%s %s, %s: %s", began, e.Run, when(e.Time), cut(arguments(e.Payload), 200))
	case engine.MessageStored:
		t.message(e)
	case engine.ToolStart:
		t.line(e, "  %s %s", e.Tool, cut(arguments(e.Args), 200))
	case engine.ToolEnd:
		text, _ := e.Result.(string)
		mark := ""
		if e.IsError != nil && *e.IsError {
			mark = "failed: "
		}
		t.line(e, "  = %s%s", mark, head(text))
	case engine.StepEnd:
		if e.Kind == "shell" && e.Output != nil {
			t.line(e, "  step %s: %s", e.Step, head(cmp.Or(e.Output.Stdout, e.Output.Stderr, "no output")))
		}
	case engine.TaskStart:
		t.line(e, "sub-agent %s %s: %s", e.Subagent, e.Child, head(e.Text))
	case engine.CheckRun:
		t.line(e, "  check, attempt %d: %s", e.Attempt, passed(*e.Passed))
	case engine.TurnEnd:
		t.turns = e.Turn
	case engine.Fork:
		t.line(e, "fork of session %s at its entry %d", e.From, e.To)
	case engine.Done:
		t.done(e)
	}
}

func (t *transcript) message(e engine.Event) {
	text := strings.TrimSpace(e.Message.Text())
	switch {
	case text == "":
	case e.Message.Role == model.User:
		t.line(e, "user: %s", text)
	default:
		t.line(e, "%s: %s", cmp.Or(e.Message.Model, "assistant"), text)
	}
}

func (t *transcript) done(e engine.Event) {
	why := ""
	if e.Error != nil {
		why = ": " + e.Error.Error()
	}
	t.line(e, "%s%s (%s, %s)\n", e.Outcome, why, count(t.turns, "turn"), used(e.Usage))
	t.text.WriteByte('\n')
	t.turns = 0
}

// head is the first lines of a text, and how many are left out.
func head(text string) string {
	const most = 5
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = cut(lines[i], 200)
	}
	if more := len(lines) - most; more > 1 {
		lines = append(lines[:most], fmt.Sprintf("… %d more lines", more))
	}
	return strings.Join(lines, "\n")
}

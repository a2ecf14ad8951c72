package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// item is one line of a session's story. The first line of its head is shown; Body is behind a click, unless Open.
type item struct {
	ID    int64
	Class string // for the style sheet
	Time  time.Time
	Depth int // of sub-agents
	Label string
	Head  string
	Body  string
	Open  bool
	Bad   bool // something failed
}

// itemsOf are the lines that tell of an event; none for those that only the machine needs.
func itemsOf(e engine.Event) []item {
	line := item{ID: e.ID, Class: string(e.Type), Time: e.Time, Depth: depth(e.Task)}
	switch e.Type {
	case engine.RunStart:
		line.Label, line.Head, line.Body = "run", e.Run, pretty(e.Payload)
		if e.Resumed {
			line.Label = "resumed"
		}
	case engine.StepStart:
		line.Label, line.Head = "step "+e.Step, strings.TrimSpace(e.Kind+" "+e.Model)
	case engine.StepEnd:
		if e.Output == nil || e.Output.Stdout+e.Output.Stderr == "" && e.Output.Error == nil {
			return nil
		}
		line.Label, line.Body = "step "+e.Step, strings.TrimRight(e.Output.Stdout+e.Output.Stderr, "\n")
		line.Head, line.Bad = fmt.Sprintf("exit status %d", e.Output.ExitCode), e.Output.ExitCode != 0
		if e.Output.Error != nil {
			line.Head, line.Bad = e.Output.Error.Error(), true
		}
	case engine.MessageStored:
		return messages(line, e.Message)
	case engine.ToolStart:
		line.Label, line.Head, line.Body = e.Tool, oneLine(e.Args), pretty(e.Args)
	case engine.ToolEnd:
		text, _ := e.Result.(string)
		line.Label, line.Head, line.Body = "= "+e.Tool, firstLine(text), text
		line.Bad = e.IsError != nil && *e.IsError
	case engine.CommandStart:
		line.Label, line.Head = "granted command", e.Command+" "+oneLine(e.Args)
	case engine.CommandEnd:
		if e.ExitCode == nil || *e.ExitCode == 0 {
			return nil
		}
		line.Label, line.Head, line.Bad = "granted command", fmt.Sprintf("%s ended with status %d", e.Command, *e.ExitCode), true
	case engine.TaskStart:
		line.Label, line.Head, line.Body = "sub-agent "+e.Subagent, firstLine(e.Text), e.Text
	case engine.TaskEnd:
		line.Label, line.Head, line.Body = "= sub-agent "+e.Subagent, firstLine(e.Text), e.Text
		if e.Error != nil {
			line.Head, line.Body, line.Bad = e.Error.Error(), "", true
		}
	case engine.CheckRun:
		line.Label, line.Head, line.Body = fmt.Sprintf("check, attempt %d", e.Attempt), "passed", e.Text
		if e.Passed != nil && !*e.Passed {
			line.Head, line.Bad = "failed", true
		}
	case engine.CompactionEnd:
		line.Label, line.Head = "compaction", fmt.Sprintf("%d messages folded into a summary", e.Replaced)
		if e.Message != nil {
			line.Body = e.Message.Text()
		}
	case engine.RetryWait:
		line.Label, line.Head, line.Bad = "retry in "+e.Delay, e.Reason, true
	case engine.ResultData:
		if e.Data == nil {
			return nil
		}
		line.Label, line.Body, line.Open = "result", value(e.Data), true
	case engine.Fork:
		line.Label, line.Head = "fork", fmt.Sprintf("of session %s at its entry %d", e.From, e.To)
	case engine.Done:
		line.Label, line.Head, line.Bad = string(e.Outcome), usageText(e.Usage), e.Outcome != store.Completed
		if e.Error != nil {
			line.Body, line.Open = e.Error.Error(), true
		}
	default:
		return nil
	}
	return []item{line}
}

// longMessage is the length, in bytes, of a text that is read only by those who want to.
const longMessage = 1200

// messages are the lines of a message: its thinking and its text. Its calls have events of their own.
func messages(line item, m *model.Message) []item {
	var lines []item
	line.Label = "user"
	if m.Role == model.Assistant {
		line.Label = m.Model
	}
	line.Class = string(m.Role)
	for _, b := range m.Blocks {
		part := line
		part.Head, part.Body = "", b.Text
		switch {
		case strings.TrimSpace(b.Text) == "":
			continue
		case b.Type == model.ThinkingBlock:
			part.Class, part.Label, part.Head = "thinking", "thinking", firstLine(b.Text)
		case b.Type == model.TextBlock && len(b.Text) > longMessage:
			_, own, _ := strings.Cut(b.Text, "</role>") // a role's text comes first
			part.Head = firstLine(cmp.Or(own, b.Text))
		case b.Type == model.TextBlock:
			part.Open = true
		default:
			continue
		}
		lines = append(lines, part)
	}
	return lines
}

// depth is how far below the session's own conversation a task is.
func depth(task string) int {
	if task == "" {
		return 0
	}
	return 1 + strings.Count(task, "/")
}

// firstLine is the beginning of a text, for the line that stands for it.
func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	return cut(text)
}

// cut is at most 160 characters of a text.
func cut(text string) string {
	const most = 160
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func oneLine(raw json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return cut(string(raw))
	}
	return cut(out.String())
}

func pretty(raw json.RawMessage) string {
	var out bytes.Buffer
	if json.Indent(&out, raw, "", "  ") != nil {
		return string(raw)
	}
	return out.String()
}

// value is a run's result: text as it is, anything else as JSON.
func value(data any) string {
	if text, ok := data.(string); ok {
		return text
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return err.Error()
	}
	return pretty(raw)
}

func usageText(u *model.Usage) string {
	if u == nil {
		return ""
	}
	text := fmt.Sprintf("%d tokens", u.Total())
	if u.CostUSD != nil {
		text += fmt.Sprintf(" · $%.4f", *u.CostUSD)
	}
	return text
}

func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// summary is what a session adds up to, shown beside its story. It is a fold over the events.
type summary struct {
	Run     string // the latest one
	Outcome store.Outcome
	Step    string
	Turns   int
	Usage   model.Usage
	Tools   []used
	Grants  []used // privileged commands
	bars    []model.Usage
}

// used is how often something was called.
type used struct {
	Name  string
	Times int
}

func (s *summary) add(e engine.Event) {
	switch e.Type {
	case engine.RunStart:
		s.Run, s.Outcome, s.Step = e.Run, "", ""
	case engine.StepStart:
		s.Step = e.Step
	case engine.ToolStart:
		s.Tools = count(s.Tools, e.Tool)
	case engine.CommandStart:
		s.Grants = count(s.Grants, e.Command)
	case engine.TurnEnd:
		if e.Usage != nil {
			s.Turns++
			s.Usage.Add(*e.Usage)
			s.bars = append(s.bars, *e.Usage)
		}
	case engine.CompactionEnd:
		if e.Usage != nil {
			s.Usage.Add(*e.Usage)
		}
	case engine.Done:
		s.Outcome = e.Outcome
	}
}

// Running says whether the latest run has no outcome yet.
func (s *summary) Running() bool { return s.Run != "" && s.Outcome == "" }

func count(all []used, name string) []used {
	if i := slices.IndexFunc(all, func(u used) bool { return u.Name == name }); i >= 0 {
		all[i].Times++
		return all
	}
	return append(all, used{name, 1})
}

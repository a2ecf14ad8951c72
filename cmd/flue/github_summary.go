package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
)

// summary is what $GITHUB_STEP_SUMMARY tells of a run, in Markdown. Nothing that a model or a file said is Markdown in it.
type summary struct {
	began time.Time
	turns int
	calls int
	steps []stepRow
	kinds map[string]string // of the steps under way
}

type stepRow struct{ id, kind, state string }

// note counts an event.
func (s *summary) note(e engine.Event) {
	switch e.Type {
	case engine.RunStart:
		s.began, s.kinds = e.Time, map[string]string{}
	case engine.StepStart:
		s.kinds[e.Step] = strings.TrimSpace(e.Kind + " " + e.Model)
	case engine.StepEnd:
		state := "done"
		switch {
		case e.Output.Skipped:
			state = "skipped"
		case e.Output.Error != nil:
			state = "failed, went on"
		}
		s.steps = append(s.steps, stepRow{e.Step, s.kinds[e.Step], state})
		delete(s.kinds, e.Step)
	case engine.ToolStart:
		s.calls++
	case engine.TurnEnd:
		s.turns = max(s.turns, e.Turn)
	}
}

// markdown is the summary of a run that is done.
func (s *summary) markdown(done engine.Event) string {
	var b strings.Builder
	usage := model.Usage{}
	if done.Usage != nil {
		usage = *done.Usage
	}
	cost := "not known"
	if usage.CostUSD != nil {
		cost = fmt.Sprintf("$%.4f", *usage.CostUSD)
	}
	fmt.Fprintf(&b, "### %s: %s\n\n", entities(done.Agent), entities(string(done.Outcome)))
	fmt.Fprintf(&b, "| steps | turns | tool calls | usage | cost | time |\n|---|---|---|---|---|---|\n| %d | %d | %d | %s | %s | %s |\n\n",
		len(s.steps), s.turns, s.calls, tokens(usage), cost, duration(done.Time.Sub(s.began)))
	if len(s.steps) > 1 {
		b.WriteString("| step | kind | |\n|---|---|---|\n")
		for _, step := range s.steps {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", entities(step.id), entities(step.kind), step.state)
		}
		b.WriteString("\n")
	}
	if done.Error != nil {
		b.WriteString(fenced("text", done.Error.Error()))
	}
	switch done.Result.(type) {
	case nil:
	case string:
		b.WriteString(fenced("text", textOf(done.Result)))
	default:
		b.WriteString(fenced("json", textOf(done.Result)))
	}
	fmt.Fprintf(&b, "Session %s, run %s.\n\n", entities(done.Session), entities(done.Run))
	return b.String()
}

var backticks = regexp.MustCompile("`+")

// fenced is text in a code block whose fence is longer than any in the text.
func fenced(language, text string) string {
	longest := 2
	for _, run := range backticks.FindAllString(text, -1) {
		longest = max(longest, len(run))
	}
	fence := strings.Repeat("`", longest+1)
	return fmt.Sprintf("%s%s\n%s\n%[1]s\n\n", fence, language, strings.TrimSuffix(printable(text), "\n"))
}

// entities is text in which Markdown and HTML find nothing to obey.
func entities(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

package main

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/engine"
)

// plainView writes one line for each thing that happens: for logs and pipes.
type plainView struct{ teller }

func (v *plainView) Close() {}

func (v *plainView) Event(e engine.Event) {
	if line := v.note(e); line != "" {
		fmt.Fprintf(v.w, "flue: %s\n", line)
	}
	switch e.Type {
	case engine.RunStart:
		fmt.Fprintf(v.w, "run %s: agent %s, session %s\n", e.Run, e.Agent, e.Session)
		if e.Sandbox != "" {
			fmt.Fprintf(v.w, "sandbox: %s\n", e.Sandbox)
		}
	case engine.SandboxNote:
		fmt.Fprintf(v.w, "sandbox: %s\n", oneLine(e.Text))
	case engine.StepStart:
		fmt.Fprintf(v.w, "step %s: %s\n", e.Step, strings.TrimSpace(e.Kind+" "+e.Model))
	case engine.StepEnd:
		if e.Output.Skipped {
			fmt.Fprintf(v.w, "step %s: skipped\n", e.Step)
		}
		if e.Output.Error != nil {
			fmt.Fprintf(v.w, "step %s: failed, going on: %s\n", e.Step, oneLine(e.Output.Error.Message))
		}
	case engine.MessageStored:
		if text := strings.TrimSpace(printable(e.Message.Text())); text != "" && e.Message.Role == "assistant" {
			fmt.Fprintf(v.w, "  %s\n", strings.ReplaceAll(text, "\n", "\n  "))
		}
	case engine.ToolStart:
		fmt.Fprintf(v.w, "  %s %s\n", e.Tool, cut(arguments(e.Args), 200))
	case engine.ToolEnd:
		mark := "ok"
		if *e.IsError {
			mark = "failed"
		}
		fmt.Fprintf(v.w, "  %s %s: %s\n", e.Tool, mark, cut(outcome(e), 200))
	case engine.CommandStart:
		fmt.Fprintf(v.w, "    $ %s %s\n", e.Command, cut(words(e.Args), 200))
	case engine.CommandEnd:
		fmt.Fprintf(v.w, "    $ %s: exit status %d\n", e.Command, *e.ExitCode)
	case engine.TaskStart:
		fmt.Fprintf(v.w, "  sub-agent %s begins\n", e.Subagent)
	case engine.TaskEnd:
		fmt.Fprintf(v.w, "  sub-agent %s %s\n", e.Subagent, ended(e))
	case engine.CheckRun:
		fmt.Fprintf(v.w, "  check, attempt %d: %s\n", e.Attempt, passed(*e.Passed))
	case engine.CompactionEnd:
		fmt.Fprintf(v.w, "  %s\n", compacted(e))
	case engine.RetryWait:
		fmt.Fprintf(v.w, "  retry in %s: %s\n", e.Delay, oneLine(e.Reason))
	case engine.Done:
		if e.Error != nil {
			fmt.Fprintf(v.w, "flue: %s\n", printable(e.Error.Error()))
		}
		fmt.Fprintf(v.w, "%s: %s\n", e.Outcome, v.totals(e.Time))
	}
}

// ended is how a sub-agent ended, in few words.
func ended(e engine.Event) string {
	if e.Error != nil {
		return "failed: " + cut(oneLine(e.Error.Message), 200)
	}
	return "is done: " + cut(oneLine(e.Text), 200)
}

// compacted is what a compaction did, in few words.
func compacted(e engine.Event) string {
	if e.Message == nil {
		return fmt.Sprintf("context: results cut to %d bytes", e.MaxResult)
	}
	return fmt.Sprintf("context: %s summarized by %s", count(e.Replaced, "message"), e.Model)
}

func passed(yes bool) string {
	if yes {
		return "passed"
	}
	return "failed"
}

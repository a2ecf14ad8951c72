package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// instructionFile is the most of AGENTS.md or CLAUDE.md that goes into a prompt, in bytes.
const instructionFile = 64 << 10

// systemPrompt is what the model is told before the conversation, in the order of format.md. It is made once
// a run, so that it is byte-identical from turn to turn.
func (r *run) systemPrompt(ctx context.Context) (string, error) {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	add(r.agent.Instructions)
	workspace, err := workspaceInstructions(ctx, r.box.FS())
	if err != nil {
		return "", err
	}
	add(workspace)
	add(r.skills.list())
	add(r.subagents())
	listing, err := listing(ctx, r.box.FS())
	if err != nil {
		return "", err
	}
	add(listing)
	add("Date: " + r.date())
	if !r.agent.Interactive {
		add("No person is there to answer questions: decide for yourself and carry the task through to its end.")
	}
	return strings.Join(parts, "\n\n"), nil
}

// subagents lists the agents that the model may delegate to.
func (r *run) subagents() string {
	if len(r.agent.Subagents) == 0 || r.depth >= r.limits.Depth {
		return ""
	}
	b := strings.Builder{}
	b.WriteString("Sub-agents: delegate to one with the task tool.")
	for _, name := range r.agent.Subagents {
		if sub := r.cfg.Project.Agents[name]; sub != nil {
			fmt.Fprintf(&b, "\n- %s: %s", name, sub.Description)
		}
	}
	return b.String()
}

// date is the day only: a time would change the prompt and lose the provider's cache.
func (r *run) date() string { return r.cfg.Now().UTC().Format("2006-01-02") }

// workspaceInstructions reads AGENTS.md and, where it is another file, CLAUDE.md of the working directory.
func workspaceInstructions(ctx context.Context, files sandbox.FS) (string, error) {
	var parts []string
	for _, name := range []string{"AGENTS.md", "CLAUDE.md"} {
		text, err := readText(ctx, files, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", &Error{Type: SandboxFailed, Message: fmt.Sprintf("read %s: %v", name, err), Err: err}
		}
		if text = strings.TrimSpace(text); text == "" || len(parts) > 0 && strings.Contains(parts[0], text) {
			continue
		}
		parts = append(parts, fmt.Sprintf("<file path=%q>\n%s\n</file>", name, text))
	}
	return strings.Join(parts, "\n\n"), nil
}

// readText reads the beginning of a file, at most instructionFile bytes.
func readText(ctx context.Context, files sandbox.FS, name string) (string, error) {
	f, err := files.Open(ctx, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, instructionFile))
	return string(data), err
}

// listing is the working directory and what lies in it, one level deep.
func listing(ctx context.Context, files sandbox.FS) (string, error) {
	entries, err := files.ReadDir(ctx, files.Dir())
	if err != nil {
		return "", &Error{Type: SandboxFailed, Message: fmt.Sprintf("list %s: %v", files.Dir(), err), Err: err}
	}
	const most = 100
	var b strings.Builder
	fmt.Fprintf(&b, "Working directory: %s", files.Dir())
	for i, entry := range entries {
		if i == most {
			fmt.Fprintf(&b, "\n… and %d more", len(entries)-most)
			break
		}
		b.WriteString("\n  " + entry.Name())
		if entry.IsDir() {
			b.WriteByte('/')
		}
	}
	if len(entries) == 0 {
		b.WriteString(" (empty)")
	}
	return b.String(), nil
}

// opening is the message that begins a prompt or skill step: the role, fenced and named, then the text, then the args.
func (s *step) opening(text string) (string, error) {
	var parts []string
	if role := s.role(s.spec); role != nil {
		parts = append(parts, fmt.Sprintf("<role name=%q>\n%s\n</role>", role.Name, strings.TrimSpace(role.Instructions)))
	}
	switch {
	case s.spec.Skill != "":
		skill, err := s.skills.find(s.spec.Skill)
		if err != nil {
			return "", s.failed(StepFailed, err.Error(), err)
		}
		parts = append(parts, skill.text()+"\n\nFollow the skill "+skill.Name+" now.")
	default:
		parts = append(parts, text)
	}
	if len(s.spec.Args) > 0 {
		args, err := s.values("args", s.spec.Args)
		if err != nil {
			return "", err
		}
		data, err := json.MarshalIndent(args, "", "  ")
		if err != nil {
			return "", s.failed(StepFailed, "args: "+err.Error(), err)
		}
		parts = append(parts, "<args>\n"+string(data)+"\n</args>")
	}
	return strings.Join(parts, "\n\n"), nil
}

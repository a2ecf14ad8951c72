package lint

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/spec"
)

var promptTooLong = &Rule{
	Name:     "prompt-too-long",
	Severity: spec.Warning,
	Group:    Models,
	Doc: `What a step always tells the model (instructions, role and prompt, and AGENTS.md where the sandbox is local) takes more than
half of the model's window, at four bytes a token. Little is left to work in, and each turn pays for it.`,
	Bad: `-- .flue/flue.yaml --
models: {ollama/tiny: {context_window: 16}}
providers: {ollama: {api: openai, base_url: "http://127.0.0.1:11434/v1"}}
-- .flue/agents/hello.yaml --
model: ollama/tiny
prompt: Say hello to everybody who comes in, and ask how they are.
`,
	Good: `-- .flue/flue.yaml --
models: {ollama/tiny: {context_window: 4096}}
providers: {ollama: {api: openai, base_url: "http://127.0.0.1:11434/v1"}}
-- .flue/agents/hello.yaml --
model: ollama/tiny
prompt: Say hello to everybody who comes in, and ask how they are.
`,
	Check: func(p *Pass) {
		sorted(p.Project.Agents, func(_ string, a *spec.Agent) {
			always := len(a.Instructions) + localInstructions(p.Project, a)
			eachStep(a.Steps, func(s *spec.Step) {
				kind := s.Kind()
				if kind != "prompt" && kind != "skill" && kind != "task" {
					return
				}
				text := always + len(s.Prompt) + len(s.Task)
				if skill := p.Project.Skills[s.Skill]; skill != nil {
					text += len(skill.Body)
				}
				model := modelOf(p.Project, a, s)
				if role := p.Project.Roles[firstOf(s.Role, a.Role)]; role != nil {
					text += len(role.Instructions)
				}
				tokens, window := (text+3)/4, windowOf(p.Project, model)
				if window > 0 && tokens > window/2 {
					p.ReportKey(a.Doc, join(s.Pointer, kind), fmt.Sprintf("the model is told about %d tokens before it begins, and %s has room for %d", tokens, model, window),
						"move what is not always needed into files or skills")
				}
			})
		})
	},
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func localInstructions(p *spec.Project, a *spec.Agent) int {
	if s := sandboxOf(p, a); s == nil || s.Type != "local" {
		return 0
	}
	if info, err := fs.Stat(p.FS, "AGENTS.md"); err == nil {
		return int(info.Size())
	}
	return 0
}

// modelOf is the first model of a step: its own, else its role's, its agent's, the project's.
func modelOf(p *spec.Project, a *spec.Agent, s *spec.Step) string {
	lists := []spec.ModelList{s.Model}
	if role := p.Roles[firstOf(s.Role, a.Role)]; role != nil {
		lists = append(lists, role.Model)
	}
	for _, list := range append(lists, a.Model, p.Settings.Model) {
		if len(list) > 0 {
			return list[0]
		}
	}
	return ""
}

// windowOf is how many tokens a model has room for; 0 if that is not known.
func windowOf(p *spec.Project, model string) int {
	if info := p.Settings.Models[model]; info.ContextWindow > 0 {
		return info.ContextWindow
	}
	if name, ok := strings.CutPrefix(model, "scripted/"); ok && p.Models[name] != nil {
		value, _ := schema.Lookup(p.Models[name].Doc.Value(), "/context_window")
		window, _ := number(value)
		return int(window)
	}
	for _, w := range builtinWindows {
		if strings.HasPrefix(model, w.prefix) {
			return w.tokens
		}
	}
	return 0
}

// builtinWindows are those of models that most agents use and whose half a project's files can fill, by the beginning of
// the id. Package model has more of them, but lint may not import it.
var builtinWindows = []struct {
	prefix string
	tokens int
}{
	{"anthropic/claude-", 200_000},
	{"openai/gpt-5", 400_000},
	{"openai/gpt-4o", 128_000},
}

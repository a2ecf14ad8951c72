package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var unknownModelProvider = &Rule{
	Name:     "unknown-model-provider",
	Severity: spec.Error,
	Group:    Names,
	Doc: `A model's provider, which is what stands before the first slash, is neither built in nor added in flue.yaml; or a scripted model
is not in models/.`,
	Bad: `prompt: Say hello.
model: antropic/claude-sonnet-4-6
`,
	Good: `prompt: Say hello.
model: anthropic/claude-sonnet-4-6
`,
	Check: func(p *Pass) {
		providers := slices.Concat(builtinProviders, slices.Collect(maps.Keys(p.Project.Settings.Providers)))
		scripts := slices.Collect(maps.Keys(p.Project.Models))
		for _, r := range p.mentions().models {
			provider, id, ok := strings.Cut(r.name, "/")
			switch {
			case !ok: // reading the project reports it
			case provider == "scripted":
				r.name = id
				reportUnknown(p, "scripted model", []mention{r}, scripts)
			default:
				r.name = provider
				reportUnknown(p, "provider", []mention{r}, providers)
			}
		}
	},
}

// builtinProviders are those that package model knows.
var builtinProviders = []string{
	"anthropic", "azure", "cerebras", "deepseek", "fireworks", "google", "groq", "llamacpp", "lmstudio", "mistral", "ollama", "openai",
	"openrouter", "scripted", "together", "vllm", "xai",
}

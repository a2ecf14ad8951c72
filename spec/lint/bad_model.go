package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/spec"
)

var badModel = &Rule{
	Name:     "bad-model",
	Severity: spec.Error,
	Group:    Models,
	Doc: `A model's name is another provider's, or holds a misspelt word; or it is twice in a list of models, where the second is never
taken for a reason that is not the first's, too.`,
	Bad: `prompt: Say hello.
model: openai/claude-sonnet-4-6
`,
	Good: `prompt: Say hello.
model: anthropic/claude-sonnet-4-6
`,
	Check: func(p *Pass) {
		seen := map[string]bool{}
		for _, m := range p.mentions().models {
			list := m.doc.File + m.pointer[:strings.LastIndex(m.pointer, "/")] + " " + m.name
			if seen[list] && strings.HasSuffix(strings.TrimRight(m.pointer, "0123456789"), "/model/") {
				p.Report(m.doc, m.pointer, fmt.Sprintf("%s is in the list twice", m.name), "remove it")
			}
			seen[list] = true
			provider, id, _ := strings.Cut(m.name, "/")
			if _, own := p.Project.Settings.Providers[provider]; own || families[provider] == nil {
				continue
			}
			if other := makerOf(id); other != "" && other != provider {
				p.Report(m.doc, m.pointer, fmt.Sprintf("%s has no model %q", provider, id), fmt.Sprintf("did you mean %q?", other+"/"+id))
				continue
			}
			for _, word := range strings.FieldsFunc(id, func(r rune) bool { return r < 'a' || r > 'z' }) {
				if hint := spec.DidYouMean(word, families[provider]); hint != "" && len(word) > 3 && !slices.Contains(families[provider], word) {
					p.Report(m.doc, m.pointer, fmt.Sprintf("%s has no model %q: %q is no word of its names", provider, id, word), hint)
					break
				}
			}
		}
	},
}

// families are the words that the names of a maker's models are made of; the first is what they begin with. Providers
// that offer the models of others are not in it.
var families = map[string][]string{
	"anthropic": {"claude", "opus", "sonnet", "haiku", "latest"},
	"openai": {"gpt", "mini", "nano", "turbo", "codex", "chat", "chatgpt", "latest", "audio", "realtime", "search", "preview", "deep",
		"research", "image"},
	"google":   {"gemini", "flash", "lite", "preview", "gemma", "latest", "live", "image"},
	"xai":      {"grok", "mini", "fast", "code", "reasoning", "latest", "beta", "vision", "image"},
	"deepseek": {"deepseek", "chat", "reasoner", "coder"},
	"mistral": {"mistral", "large", "medium", "small", "codestral", "devstral", "ministral", "pixtral", "magistral", "latest", "open",
		"tiny", "mixtral"},
}

// makerOf is whose model an id is, by the word that it begins with.
func makerOf(id string) string {
	for maker, words := range families {
		if strings.HasPrefix(id, words[0]+"-") {
			return maker
		}
	}
	return ""
}

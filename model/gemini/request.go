package gemini

import (
	"encoding/json"
	"strings"

	"github.com/flue-run/flue/model"
)

// The body of a request, as far as flue uses it (https://ai.google.dev/api/generate-content).
type (
	body struct {
		System     *content    `json:"systemInstruction,omitempty"`
		Tools      []tools     `json:"tools,omitempty"`
		ToolConfig *toolConfig `json:"toolConfig,omitempty"`
		Config     *config     `json:"generationConfig,omitempty"`
		Contents   []content   `json:"contents"`
	}
	content struct {
		Role  string `json:"role,omitempty"`
		Parts []sent `json:"parts"`
	}
	sent struct { // one of the four
		Text      *string   `json:"text,omitempty"`
		Thought   bool      `json:"thought,omitempty"`
		Call      *call     `json:"functionCall,omitempty"`
		Response  *response `json:"functionResponse,omitempty"`
		Signature string    `json:"thoughtSignature,omitempty"`
	}
	call struct {
		ID   string          `json:"id,omitempty"`
		Name string          `json:"name"`
		Args json.RawMessage `json:"args"`
	}
	response struct {
		ID       string            `json:"id,omitempty"`
		Name     string            `json:"name"`
		Response map[string]string `json:"response"`
	}
	tools struct {
		Functions []function `json:"functionDeclarations"`
	}
	function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parametersJsonSchema,omitempty"`
	}
	toolConfig struct {
		Calling calling `json:"functionCallingConfig"`
	}
	calling struct {
		Mode string `json:"mode"`
	}
	config struct {
		MaxOutput int       `json:"maxOutputTokens,omitempty"`
		Thinking  *thinking `json:"thinkingConfig,omitempty"`
	}
	thinking struct {
		Include bool   `json:"includeThoughts,omitempty"`
		Budget  *int   `json:"thinkingBudget,omitempty"`
		Level   string `json:"thinkingLevel,omitempty"`
	}
)

// budgets are the tokens for thinking of models that have no levels. Each of them takes 512, and none more than 24,576.
var budgets = map[model.Thinking]int{
	model.ThinkingOff: 0, model.ThinkingMinimal: 512, model.ThinkingLow: 2048, model.ThinkingMedium: 8192, model.ThinkingHigh: 24_576,
}

// unsigned stands for the signature of a call that another model made: without any, models from Gemini 3 on refuse it
// (https://ai.google.dev/gemini-api/docs/thought-signatures).
const unsigned = "skip_thought_signature_validator"

// older says whether a model is of the generations that think by a budget and want no signatures.
func older(name string) bool {
	return strings.HasPrefix(name, "gemini-1") || strings.HasPrefix(name, "gemini-2")
}

// body is req in the words of generateContent.
func (p *Provider) body(req *model.Request) body {
	b := body{Contents: p.contents(req)}
	if req.System != "" {
		b.System = &content{Parts: []sent{{Text: &req.System}}}
	}
	if think := p.think(req); think != nil || req.MaxOutput > 0 {
		b.Config = &config{MaxOutput: req.MaxOutput, Thinking: think}
	}
	if len(req.Tools) == 0 {
		return b
	}
	var all tools
	for _, t := range req.Tools {
		all.Functions = append(all.Functions, function{t.Name, t.Description, parameters(t.Parameters)})
		if t.Strict && !p.client.Compat.NoStrict {
			b.ToolConfig = &toolConfig{calling{"VALIDATED"}}
		}
	}
	b.Tools = []tools{all}
	return b
}

// think asks for thinking, and to be told of it. An answer that is bounded keeps half for what is said.
func (p *Provider) think(req *model.Request) *thinking {
	level := p.client.Level(req)
	switch {
	case level == "":
		return nil
	case !older(req.Model):
		if level == model.ThinkingOff { // they think in any case, and not all know minimal
			return &thinking{Level: string(model.ThinkingLow)}
		}
		return &thinking{Include: true, Level: string(level)}
	}
	budget := budgets[level]
	if req.MaxOutput > 0 {
		budget = min(budget, max(req.MaxOutput/2, 512))
	}
	return &thinking{Include: budget > 0, Budget: &budget}
}

// contents is the conversation. Results and text of one message are two contents: beside a text, results would not count as
// the answer to the calls.
func (p *Provider) contents(req *model.Request) []content {
	list := []content{}
	target := model.Target{Model: p.client.Name + "/" + req.Model, Thinking: true, NoTools: len(req.Tools) == 0}
	for _, m := range model.Normalize(req.Messages, target) {
		if m.Role == model.Assistant {
			if parts := assistant(m.Blocks, !older(req.Model)); len(parts) > 0 {
				list = append(list, content{"model", parts})
			}
			continue
		}
		var results, texts []sent
		for _, b := range m.Blocks {
			if b.Type == model.ResultBlock {
				outcome := "output"
				if b.IsError {
					outcome = "error"
				}
				results = append(results, sent{Response: &response{theirs(b.ID), b.Name, map[string]string{outcome: b.Text}}})
			} else {
				texts = append(texts, sent{Text: &b.Text})
			}
		}
		for _, parts := range [][]sent{results, texts} {
			if len(parts) > 0 {
				list = append(list, content{"user", parts})
			}
		}
	}
	return list
}

// assistant is what the model said, each part with its signature. Thinking without one is of no use to it.
func assistant(blocks []model.Block, signed bool) []sent {
	var parts []sent
	first := true // the first call of an answer carries the signature of all
	for _, b := range blocks {
		signature := b.Signature
		if strings.HasPrefix(signature, "{") { // the same model's over Chat Completions, where the project changed its api
			signature = ""
		}
		switch {
		case b.Type == model.CallBlock:
			if first && signed && signature == "" {
				signature = unsigned
			}
			first = false
			parts = append(parts, sent{Call: &call{theirs(b.ID), b.Name, b.Args}, Signature: signature})
		case b.Type == model.ThinkingBlock && signature != "":
			parts = append(parts, sent{Text: &b.Text, Thought: true, Signature: signature})
		case b.Type == model.TextBlock && b.Text+signature != "":
			parts = append(parts, sent{Text: &b.Text, Signature: signature})
		}
	}
	return parts
}

// theirs is the id of a call, if it is not one that flue made up.
func theirs(id string) string {
	if strings.HasPrefix(id, made) {
		return ""
	}
	return id
}

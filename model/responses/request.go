package responses

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
)

// The body of a request, as far as flue uses it (https://platform.openai.com/docs/api-reference/responses/create).
type (
	body struct {
		Model        string     `json:"model"`
		Stream       bool       `json:"stream"`
		Store        bool       `json:"store"` // false: nothing stays at the endpoint, all goes back with the next request
		Include      []string   `json:"include,omitempty"`
		Reasoning    *reasoning `json:"reasoning,omitempty"`
		MaxOutput    int        `json:"max_output_tokens,omitempty"`
		CacheKey     string     `json:"prompt_cache_key,omitempty"`
		Tools        []tool     `json:"tools,omitempty"`
		Instructions string     `json:"instructions,omitempty"`
		Input        []any      `json:"input"`
	}
	reasoning struct {
		Effort  string `json:"effort,omitempty"`
		Summary string `json:"summary,omitempty"`
	}
	tool struct {
		Type        string          `json:"type"`
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"` // its own bytes: models read properties in their order
		Strict      bool            `json:"strict"`               // false is said: absent is true
	}
	message struct {
		Role    model.Role `json:"role"`
		Content string     `json:"content"`
		Phase   string     `json:"phase,omitempty"`
	}
	call struct { // without the id of its item, which would tie it to thinking that may be gone
		Type      string `json:"type"`
		CallID    string `json:"call_id"`
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	}
	result struct {
		Type   string `json:"type"`
		CallID string `json:"call_id"`
		Output string `json:"output"`
	}
)

// body is req in the words of Responses.
func (p *Provider) body(req *model.Request) body {
	compat := p.client.Compat
	id := p.client.Name + "/" + req.Model
	b := body{Model: req.Model, Stream: true, MaxOutput: req.MaxOutput, Instructions: req.System, Input: []any{}}
	_, known := p.client.Info(id)
	if level := p.client.Level(req); known && level == model.ThinkingOff {
		b.Reasoning = &reasoning{Effort: "none"}
	} else if level != "" && level != model.ThinkingOff { // whether an unknown model has a way to say off is unknown, too
		b.Reasoning = &reasoning{Effort: string(level), Summary: compat.Summary}
		b.Include = []string{"reasoning.encrypted_content"} // models that do not think refuse it
	}
	if compat.CacheKey {
		b.CacheKey = req.CacheKey
	}
	if !compat.NoTools {
		for _, t := range req.Tools {
			b.Tools = append(b.Tools, tool{"function", t.Name, t.Description, t.Parameters, t.Strict && !compat.NoStrict})
		}
	}
	for _, m := range model.Normalize(req.Messages, model.Target{Model: id, Thinking: true, NoTools: compat.NoTools}) {
		for i, block := range m.Blocks {
			switch block.Type {
			case model.TextBlock:
				b.Input = append(b.Input, message{m.Role, block.Text, block.Signature})
			case model.ThinkingBlock:
				if goesBack(block.Signature) && leads(m.Blocks[i+1:]) {
					b.Input = append(b.Input, json.RawMessage(block.Signature))
				}
			case model.CallBlock:
				b.Input = append(b.Input, call{"function_call", block.ID, block.Name, string(block.Args)})
			case model.ResultBlock:
				b.Input = append(b.Input, result{"function_call_output", block.ID, block.Text})
			}
		}
	}
	return b
}

// goesBack says whether an item of thinking holds what it stands for. Of one that does not, the endpoint has kept nothing.
func goesBack(item string) bool {
	return gjson.Valid(item) && gjson.Get(item, "type").Str == "reasoning" &&
		(gjson.Get(item, "encrypted_content").Str != "" || len(gjson.Get(item, "content").Array()) > 0)
}

// leads says whether thinking before blocks has led to something: alone it is refused, as where the output limit cut it.
func leads(blocks []model.Block) bool {
	for _, b := range blocks {
		if b.Type != model.ThinkingBlock {
			return true
		}
	}
	return false
}

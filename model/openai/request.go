package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// The parts of a request's body that have a fixed form (https://platform.openai.com/docs/api-reference/chat/create). All of a
// conversation is written each turn.
type (
	message struct {
		Role       string `json:"role"`
		Content    string `json:"content"` // an empty one stays: some servers want the field
		Calls      []sent `json:"tool_calls,omitempty"`
		ToolCallID string `json:"tool_call_id,omitempty"`
	}
	sent struct { // a call that goes back
		ID       string          `json:"id"`
		Type     string          `json:"type"`
		Function function        `json:"function"`
		Extra    json.RawMessage `json:"extra_content,omitempty"`
	}
	function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	}
	definition struct { // of a tool, but for its parameters
		Name        string `json:"name"`
		Description string `json:"description,omitempty"`
		Strict      bool   `json:"strict,omitempty"`
	}
)

// body is req in the words of Chat Completions, as far as the endpoint knows them.
func (p *Provider) body(req *model.Request) map[string]any {
	compat := p.client.Compat
	body := map[string]any{"model": req.Model, "stream": true, "messages": p.messages(req)}
	if !compat.NoTools && len(req.Tools) > 0 {
		body["tools"] = p.toolsJSON(req.Tools)
	}
	if !compat.NoUsage {
		body["stream_options"] = map[string]bool{"include_usage": true}
	}
	if compat.CacheKey && req.CacheKey != "" {
		body["prompt_cache_key"] = req.CacheKey
	}
	if req.MaxOutput > 0 {
		body[cmp.Or(compat.MaxTokens, "max_tokens")] = req.MaxOutput
	}
	if effort := p.effort(req); effort != "" {
		switch compat.Effort {
		case "reasoning_effort":
			body["reasoning_effort"] = effort
		case "reasoning":
			body["reasoning"] = map[string]string{"effort": effort}
		}
	}
	return body
}

// toolList is the JSON of a list of tools: that of the latest request, since the next one mostly has the same.
type toolList struct {
	of   []model.ToolDef
	json wire.Raw
}

// toolsJSON is the list of tools. The parameters of each are its own bytes: models read properties in their order.
func (p *Provider) toolsJSON(defs []model.ToolDef) wire.Raw {
	last := p.tools.Load()
	if last == nil || !slices.EqualFunc(last.of, defs, sameTool) {
		last = &toolList{slices.Clone(defs), encodeTools(defs, !p.client.Compat.NoStrict)}
		p.tools.Store(last)
	}
	return last.json
}

func sameTool(a, b model.ToolDef) bool {
	return a.Name == b.Name && a.Description == b.Description && bytes.Equal(a.Parameters, b.Parameters) && a.Strict == b.Strict
}

func encodeTools(defs []model.ToolDef, strict bool) wire.Raw {
	list := wire.Raw("[")
	for i, t := range defs {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, `{"type":"function","function":`...)
		d, _ := json.Marshal(definition{t.Name, t.Description, t.Strict && strict}) // cannot fail
		if len(t.Parameters) > 0 {
			d = append(append(d[:len(d)-1], `,"parameters":`...), t.Parameters...)
			d = append(d, '}')
		}
		list = append(append(list, d...), '}')
	}
	return append(list, ']')
}

// messages is the conversation, the system prompt first.
func (p *Provider) messages(req *model.Request) []any {
	compat := p.client.Compat
	list := make([]any, 0, 2*len(req.Messages)+1)
	switch {
	case req.System == "":
	case compat.Developer:
		list = append(list, message{Role: "developer", Content: req.System})
	default:
		list = append(list, message{Role: "system", Content: req.System})
	}
	target := model.Target{
		Model: p.client.Name + "/" + req.Model, Thinking: compat.Thinking != "",
		ShortIDs: compat.ShortIDs, NoTools: compat.NoTools,
	}
	for _, m := range model.Normalize(req.Messages, target) {
		if m.Role == model.Assistant {
			list = append(list, assistant(m, compat.Thinking))
			continue
		}
		for _, b := range m.Blocks {
			if b.Type == model.ResultBlock {
				list = append(list, message{Role: "tool", Content: b.Text, ToolCallID: b.ID})
			}
		}
		if text := paragraphs(m); text != "" {
			list = append(list, message{Role: "user", Content: text})
		}
	}
	return list
}

// effort is the level of thinking to ask for, or "" to leave it to the endpoint.
func (p *Provider) effort(req *model.Request) string {
	level := p.client.Level(req)
	if level != model.ThinkingOff {
		return string(level)
	}
	if _, known := p.client.Info(p.client.Name + "/" + req.Model); !known {
		return "" // whether an unknown model has a way to say it is unknown, too
	}
	return "none"
}

// assistant is what the model said; its thinking goes into a field that each server names in its own way.
func assistant(m model.Message, thinkingField string) any {
	said := message{Role: "assistant", Content: paragraphs(m)}
	thinking := ""
	for _, b := range m.Blocks {
		switch b.Type {
		case model.ThinkingBlock:
			thinking += b.Text
		case model.CallBlock:
			call := sent{ID: b.ID, Type: "function", Function: function{b.Name, string(b.Args)}}
			if gjson.Valid(b.Signature) { // the same model's may be of another wire, where the project changed its api
				call.Extra = json.RawMessage(b.Signature)
			}
			said.Calls = append(said.Calls, call)
		}
	}
	if thinking == "" || thinkingField == "" {
		return said
	}
	fields := map[string]any{"role": said.Role, "content": said.Content, thinkingField: thinking}
	if len(said.Calls) > 0 {
		fields["tool_calls"] = said.Calls
	}
	return fields
}

// paragraphs joins the texts of m, which may have been several messages.
func paragraphs(m model.Message) string {
	var texts []string
	for _, b := range m.Blocks {
		if b.Type == model.TextBlock {
			texts = append(texts, b.Text)
		}
	}
	return strings.Join(texts, "\n\n")
}

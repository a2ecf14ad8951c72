package openai

import (
	"encoding/json"
	"strings"

	"github.com/openai/openai-go"
	"github.com/openai/openai-go/packages/param"
	"github.com/openai/openai-go/shared"

	"github.com/flue-run/flue/model"
)

// params is req in the words of Chat Completions, as far as the endpoint knows them.
func (p *Provider) params(req *model.Request) openai.ChatCompletionNewParams {
	compat := p.client.Compat
	params := openai.ChatCompletionNewParams{Model: req.Model}
	extra := map[string]any{"stream": true}

	switch {
	case req.System == "":
	case compat.Developer:
		params.Messages = append(params.Messages, openai.DeveloperMessage(req.System))
	default:
		params.Messages = append(params.Messages, openai.SystemMessage(req.System))
	}
	target := model.Target{
		Model: p.client.Name + "/" + req.Model, Thinking: compat.Thinking != "",
		ShortIDs: compat.ShortIDs, NoTools: compat.NoTools,
	}
	for _, m := range model.Normalize(req.Messages, target) {
		if m.Role == model.Assistant {
			params.Messages = append(params.Messages, assistant(m, compat.Thinking))
			continue
		}
		for _, b := range m.Blocks {
			if b.Type == model.ResultBlock {
				params.Messages = append(params.Messages, openai.ToolMessage(b.Text, b.ID))
			}
		}
		if text := paragraphs(m); text != "" {
			params.Messages = append(params.Messages, openai.UserMessage(text))
		}
	}
	if !compat.NoTools {
		for _, t := range req.Tools {
			params.Tools = append(params.Tools, tool(t, compat))
		}
	}
	if !compat.NoUsage {
		params.StreamOptions.IncludeUsage = openai.Bool(true)
	}
	if compat.CacheKey && req.CacheKey != "" {
		params.PromptCacheKey = openai.String(req.CacheKey)
	}
	switch {
	case req.MaxOutput == 0:
	case compat.MaxTokens == "max_completion_tokens":
		params.MaxCompletionTokens = openai.Int(int64(req.MaxOutput))
	case compat.MaxTokens == "" || compat.MaxTokens == "max_tokens":
		params.MaxTokens = openai.Int(int64(req.MaxOutput))
	default:
		extra[compat.MaxTokens] = req.MaxOutput
	}
	if effort := p.effort(req); effort != "" {
		switch compat.Effort {
		case "reasoning_effort":
			params.ReasoningEffort = shared.ReasoningEffort(effort)
		case "reasoning":
			extra["reasoning"] = map[string]string{"effort": effort}
		}
	}
	params.SetExtraFields(extra)
	return params
}

// effort is the level of thinking to ask for, or "" to leave it to the endpoint.
func (p *Provider) effort(req *model.Request) string {
	level := req.Thinking
	if info, ok := p.client.Info(p.client.Name + "/" + req.Model); ok {
		level = info.Level(level)
	} else if level == model.ThinkingOff {
		return "" // whether an unknown model has a way to say it is unknown, too
	}
	if level == model.ThinkingOff {
		return "none"
	}
	return string(level)
}

func assistant(m model.Message, thinkingField string) openai.ChatCompletionMessageParamUnion {
	var a openai.ChatCompletionAssistantMessageParam
	var thinking strings.Builder
	for _, b := range m.Blocks {
		switch b.Type {
		case model.ThinkingBlock:
			thinking.WriteString(b.Text)
		case model.CallBlock:
			call := openai.ChatCompletionMessageToolCallParam{ID: b.ID}
			call.Function.Name, call.Function.Arguments = b.Name, string(b.Args)
			if b.Signature != "" {
				call.SetExtraFields(map[string]any{"extra_content": json.RawMessage(b.Signature)})
			}
			a.ToolCalls = append(a.ToolCalls, call)
		}
	}
	a.Content.OfString = openai.String(paragraphs(m)) // an empty one stays: some servers want the field
	if thinking.Len() > 0 && thinkingField != "" {
		a.SetExtraFields(map[string]any{thinkingField: thinking.String()})
	}
	return openai.ChatCompletionMessageParamUnion{OfAssistant: &a}
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

// tool keeps the parameters' own bytes: models read a schema's properties in their order.
func tool(t model.ToolDef, compat model.Compat) openai.ChatCompletionToolParam {
	return openai.ChatCompletionToolParam{Function: param.Override[shared.FunctionDefinitionParam](struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
		Strict      bool            `json:"strict,omitempty"`
	}{t.Name, t.Description, t.Parameters, t.Strict && !compat.NoStrict})}
}

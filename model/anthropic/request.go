package anthropic

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/flue-run/flue/model"
)

// The body of a request, as far as flue uses it (https://docs.anthropic.com/en/api/messages).
type (
	body struct {
		Model     string    `json:"model"`
		MaxTokens int       `json:"max_tokens"`
		Stream    bool      `json:"stream"`
		Tools     []tool    `json:"tools,omitempty"`
		System    []content `json:"system,omitempty"`
		Messages  []message `json:"messages"`
		Thinking  *thinking `json:"thinking,omitempty"`
		Output    *output   `json:"output_config,omitempty"`
	}
	tool struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		InputSchema json.RawMessage `json:"input_schema"`
		Strict      bool            `json:"strict,omitempty"`
		Cache       *cache          `json:"cache_control,omitempty"`
	}
	message struct {
		Role    model.Role `json:"role"`
		Content []content  `json:"content"`
	}
	content struct {
		Type      string          `json:"type"`
		Text      string          `json:"text,omitempty"`
		Thinking  *string         `json:"thinking,omitempty"`
		Signature string          `json:"signature,omitempty"`
		Data      string          `json:"data,omitempty"`
		ID        string          `json:"id,omitempty"`
		Name      string          `json:"name,omitempty"`
		Input     json.RawMessage `json:"input,omitempty"`
		ToolUseID string          `json:"tool_use_id,omitempty"`
		Content   string          `json:"content,omitempty"`
		IsError   bool            `json:"is_error,omitempty"`
		Cache     *cache          `json:"cache_control,omitempty"`
	}
	thinking struct {
		Type         string `json:"type"`
		BudgetTokens int    `json:"budget_tokens,omitempty"`
	}
	output struct {
		Effort string `json:"effort"`
	}
	cache struct {
		Type string `json:"type"`
	}
)

var ephemeral = &cache{Type: "ephemeral"}

// maxOutput bounds the output where the caller does not: Anthropic takes it off the window before it reads the input.
const maxOutput = 32_000

// budgets are the tokens for thinking, of which Anthropic wants at least 1,024.
var budgets = map[model.Thinking]int{
	model.ThinkingMinimal: 1024, model.ThinkingLow: 2048, model.ThinkingMedium: 8192, model.ThinkingHigh: 16384,
}

// body is req in the words of Messages. What a later request repeats is marked for the cache: the tools, the system
// prompt, and the last two user messages, the older of which the request before has written.
func (p *Provider) body(req *model.Request) body {
	id := p.client.Name + "/" + req.Model
	info, _ := p.client.Info(id)
	b := body{Model: req.Model, Stream: true, MaxTokens: cmp.Or(req.MaxOutput, info.MaxOutput, maxOutput)}
	if req.MaxOutput == 0 {
		b.MaxTokens = min(b.MaxTokens, maxOutput)
	}

	target := model.Target{Model: id, Thinking: true, NoTools: len(req.Tools) == 0} // calls are refused where no tools are
	messages := model.Normalize(req.Messages, target)
	b.think(p.client.Level(req), info, messages)
	if b.Thinking == nil {
		target.Thinking = false
		messages = model.Normalize(req.Messages, target)
	}
	for _, m := range messages {
		if contents := convert(m.Blocks); len(contents) > 0 {
			b.Messages = append(b.Messages, message{m.Role, contents})
		}
	}
	marked := 0
	for i := len(b.Messages) - 1; i >= 0 && marked < 2; i-- {
		if m := b.Messages[i]; m.Role == model.User {
			m.Content[len(m.Content)-1].Cache = ephemeral
			marked++
		}
	}
	if req.System != "" {
		b.System = []content{{Type: "text", Text: req.System, Cache: ephemeral}}
	}
	for _, t := range req.Tools {
		b.Tools = append(b.Tools, tool{Name: t.Name, Description: t.Description, InputSchema: t.Parameters,
			Strict: t.Strict && !p.client.Compat.NoStrict})
	}
	if last := len(b.Tools) - 1; last >= 0 {
		b.Tools[last].Cache = ephemeral
	}
	return b
}

// think asks for thinking. With a budget, Anthropic refuses that where the answer has to go on behind calls, and did not begin
// with thinking. Behind its first calls it often has none.
func (b *body) think(level model.Thinking, info model.Info, messages []model.Message) {
	budget := min(budgets[level], b.MaxTokens-1024) // something is left for the answer
	if budget < 1024 {
		return
	}
	if info.Adaptive {
		b.Thinking = &thinking{Type: "adaptive"}
		b.Output = &output{Effort: strings.Replace(string(level), "minimal", "low", 1)}
		return
	}
	begun := len(messages)
	for begun >= 2 && messages[begun-1].Blocks[0].Type == model.ResultBlock {
		begun -= 2
	}
	if begun < len(messages) {
		if first := messages[begun].Blocks[0]; first.Type != model.ThinkingBlock || first.Signature == "" {
			return
		}
	}
	b.Thinking = &thinking{Type: "enabled", BudgetTokens: budget}
}

func convert(blocks []model.Block) []content {
	var contents []content
	for _, b := range blocks {
		data, encrypted := strings.CutPrefix(b.Signature, redacted)
		switch {
		case b.Type == model.TextBlock:
			contents = append(contents, content{Type: "text", Text: b.Text})
		case b.Type == model.ThinkingBlock && encrypted:
			contents = append(contents, content{Type: "redacted_thinking", Data: data})
		case b.Type == model.ThinkingBlock && b.Signature != "": // unsigned thinking is refused
			contents = append(contents, content{Type: "thinking", Thinking: &b.Text, Signature: b.Signature})
		case b.Type == model.CallBlock:
			contents = append(contents, content{Type: "tool_use", ID: b.ID, Name: b.Name, Input: b.Args})
		case b.Type == model.ResultBlock:
			contents = append(contents, content{Type: "tool_result", ToolUseID: b.ID, Content: b.Text, IsError: b.IsError})
		}
	}
	return contents
}

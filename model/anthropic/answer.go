package anthropic

import (
	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// answer is what has come so far.
type answer struct {
	blocks  []*block
	usage   model.Usage
	reason  string // why it stopped
	stopped bool   // the end mark has come
}

// block is a content block whose pieces are still coming.
type block struct {
	index     int64
	kind      string
	id, name  string
	input     string // of a call that came whole
	text      []byte // text, thinking, or the JSON of a call's input
	signature string
}

// redacted marks the signature of a thinking block that Anthropic encrypted: it has no text and goes back as another
// type.
const redacted = "redacted:"

// event adds one event of the stream and returns what of it can be shown.
func (a *answer) event(res *wire.Answer, data []byte) (model.Delta, error) {
	text := string(data) // the one copy: all that is read below are pieces of it
	if !gjson.Valid(text) {
		return model.Delta{}, res.BadAnswer("not JSON", data)
	}
	e := gjson.Parse(text)
	if err := res.StreamError(e.Get("error")); err != nil {
		return model.Delta{}, err
	}
	switch e.Get("type").Str {
	case "message_start":
		a.count(e.Get("message.usage"))
	case "content_block_start":
		return a.begin(e.Get("index").Int(), e.Get("content_block")), nil
	case "content_block_delta":
		return a.add(e.Get("index").Int(), e.Get("delta")), nil
	case "message_delta":
		a.reason = e.Get("delta.stop_reason").Str
		a.count(e.Get("usage"))
	case "message_stop":
		a.stopped = true
	}
	return model.Delta{}, nil // ping, content_block_stop, and what is yet to be invented
}

// whole reads an answer that did not stream, and returns what of it can be shown.
func (a *answer) whole(res *wire.Answer) (model.Delta, error) {
	var all model.Delta
	if !gjson.ValidBytes(res.Whole) {
		return all, res.BadAnswer("not JSON", res.Whole)
	}
	m := gjson.ParseBytes(res.Whole)
	if err := res.StreamError(m.Get("error")); err != nil {
		return all, err
	}
	for i, content := range m.Get("content").Array() {
		d := a.begin(int64(i), content)
		all.Text += d.Text
		all.Thinking += d.Thinking
	}
	a.count(m.Get("usage"))
	a.reason = m.Get("stop_reason").Str
	return all, nil
}

func (a *answer) begin(index int64, content gjson.Result) model.Delta {
	b := &block{index: index, kind: content.Get("type").Str, id: content.Get("id").Str, name: content.Get("name").Str,
		input: content.Get("input").Raw, signature: content.Get("signature").Str}
	a.blocks = append(a.blocks, b)
	switch b.kind {
	case "text":
		return b.append(content.Get("text").Str)
	case "thinking":
		return b.append(content.Get("thinking").Str)
	case "redacted_thinking":
		b.signature = redacted + content.Get("data").Str
	}
	return model.Delta{}
}

func (a *answer) add(index int64, delta gjson.Result) model.Delta {
	for _, b := range a.blocks {
		if b.index != index {
			continue
		}
		switch delta.Get("type").Str {
		case "text_delta":
			return b.append(delta.Get("text").Str)
		case "thinking_delta":
			return b.append(delta.Get("thinking").Str)
		case "input_json_delta":
			return b.append(delta.Get("partial_json").Str)
		case "signature_delta":
			b.signature += delta.Get("signature").Str
		}
	}
	return model.Delta{}
}

func (b *block) append(piece string) model.Delta {
	b.text = append(b.text, piece...)
	switch b.kind {
	case "text":
		return model.Delta{Text: piece}
	case "thinking":
		return model.Delta{Thinking: piece}
	}
	return model.Delta{}
}

// done are the blocks in flue's words; those of types that flue did not ask for are left out.
func (a *answer) done() []model.Block {
	blocks := []model.Block{}
	for _, b := range a.blocks {
		switch {
		case b.kind == "text" && len(b.text) > 0:
			blocks = append(blocks, model.Block{Type: model.TextBlock, Text: string(b.text)})
		case b.kind == "thinking" || b.kind == "redacted_thinking":
			blocks = append(blocks, model.Block{Type: model.ThinkingBlock, Text: string(b.text), Signature: b.signature})
		case b.kind == "tool_use":
			call := model.Block{Type: model.CallBlock, ID: b.id, Name: b.name}
			if len(b.text) == 0 {
				b.text = []byte(b.input)
			}
			call.SetArgs(b.text)
			blocks = append(blocks, call)
		}
	}
	return blocks
}

// count takes over the counts that u has; those of a later event are totals, not additions.
func (a *answer) count(u gjson.Result) {
	for field, n := range map[string]*int{
		"input_tokens": &a.usage.Input, "output_tokens": &a.usage.Output,
		"cache_read_input_tokens": &a.usage.CacheRead, "cache_creation_input_tokens": &a.usage.CacheWrite,
	} {
		if v := u.Get(field); v.Type == gjson.Number {
			*n = int(v.Int())
		}
	}
}

func (a *answer) stop() model.StopReason {
	switch a.reason {
	case "tool_use":
		return model.StopCalls
	case "max_tokens", "model_context_window_exceeded":
		return model.StopLength
	case "refusal":
		return model.StopRefusal
	}
	return model.StopEnd
}

package openai

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// answer is what has come so far.
type answer struct {
	cost           bool // usage.cost counts
	thinking, text strings.Builder
	calls          []*call
	refused        bool
	finish         string
	usage          *model.Usage
}

// call is a tool call whose pieces are still coming.
type call struct {
	index    int64
	id, name string
	args     []byte
	extra    string // extra_content: Google's thought signature, which has to go back
}

// chunk adds one event of the stream, or a whole answer; field is where its message is: delta or message.
func (a *answer) chunk(res *wire.Answer, data []byte, field string) (model.Delta, error) {
	text := string(data) // the one copy: all that is read below are pieces of it
	if !gjson.Valid(text) {
		return model.Delta{}, res.BadAnswer("not JSON", data)
	}
	// Each object is gone through once: there are as many of them as tokens.
	var choice, told, groq, said gjson.Result
	var failed [2]gjson.Result
	gjson.Parse(text).ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "choices":
			choice = value.Get("0")
		case "error":
			failed[0] = value
		case "usage":
			told = value
		case "x_groq":
			groq = value.Get("usage")
		}
		return true
	})
	choice.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case field:
			said = value
		case "error":
			failed[1] = value
		case "finish_reason":
			if value.Type == gjson.String && value.Str != "" {
				a.finish = value.Str
			}
		}
		return true
	})
	for _, one := range failed {
		if err := res.StreamError(one); err != nil {
			return model.Delta{}, err
		}
	}
	if told.IsObject() {
		a.usage = usage(told, a.cost)
	} else if groq.IsObject() {
		a.usage = usage(groq, a.cost)
	}
	if a.finish == "error" { // OpenRouter, where the provider behind it fails
		return model.Delta{}, res.StreamError(gjson.Parse(`"the answer ended with an error"`))
	}
	return a.message(said), nil
}

// message adds a message, or a piece of one, and returns what of it can be shown.
func (a *answer) message(m gjson.Result) model.Delta {
	var content, refusal, calls gjson.Result
	var thoughts [2]gjson.Result // some servers send the same text in both
	m.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "reasoning_content":
			thoughts[0] = value
		case "reasoning":
			thoughts[1] = value
		case "content":
			content = value
		case "refusal":
			refusal = value
		case "tool_calls":
			calls = value
		}
		return true
	})
	var d model.Delta
	for _, thought := range thoughts {
		if thought.Type == gjson.String && d.Thinking == "" {
			d.Thinking = thought.Str
		}
	}
	switch {
	case content.Type == gjson.String:
		d.Text = content.Str
	case content.IsArray(): // Mistral, when it thinks
		for _, part := range content.Array() {
			d.Text += part.Get("text").Str
			for _, thought := range part.Get("thinking.#.text").Array() {
				d.Thinking += thought.Str
			}
		}
	}
	if refusal.Type == gjson.String && refusal.Str != "" {
		a.refused = true
		d.Text += refusal.Str
	}
	if calls.IsArray() {
		for _, piece := range calls.Array() {
			a.call(piece)
		}
	}
	a.thinking.WriteString(d.Thinking)
	a.text.WriteString(d.Text)
	return d
}

// call adds a piece of a call to the call it belongs to.
func (a *answer) call(piece gjson.Result) {
	id, name, args := piece.Get("id").Str, piece.Get("function.name").Str, piece.Get("function.arguments")
	c := a.find(piece.Get("index"), id, name)
	if c.id == "" {
		c.id = id
	}
	if c.name == "" {
		c.name = name // not appended: some servers repeat it in each piece
	}
	if args.Type == gjson.String {
		c.args = append(c.args, args.Str...)
	} else if args.IsObject() { // a server that does not wrap them in a string
		c.args = append(c.args, args.Raw...)
	}
	if extra := piece.Get("extra_content"); extra.IsObject() {
		c.extra = extra.Raw
	}
}

// find returns the call that a piece continues, or a new one. Pieces of a call have its index; but there are servers
// that leave it out, and others that give each call index 0 and tell them apart by id, or only by a new name.
func (a *answer) find(index gjson.Result, id, name string) *call {
	at := index.Int()
	if !index.Exists() && len(a.calls) > 0 {
		at = a.calls[len(a.calls)-1].index
	}
	for i := len(a.calls) - 1; i >= 0; i-- {
		c := a.calls[i]
		if c.index != at {
			continue
		}
		another := name != "" && c.name != "" &&
			(id != "" && c.id != "" && id != c.id || id == "" && gjson.ValidBytes(c.args) && len(c.args) > 0)
		if !another {
			return c
		}
		break
	}
	a.calls = append(a.calls, &call{index: at})
	return a.calls[len(a.calls)-1]
}

func (a *answer) stop() model.StopReason {
	switch {
	case a.refused || a.finish == "content_filter":
		return model.StopRefusal
	case a.finish == "length" || a.finish == "max_tokens":
		return model.StopLength
	case len(a.calls) > 0: // also where the server says stop
		return model.StopCalls
	}
	return model.StopEnd
}

// usage reads the counts of tokens. Input is told including what the cache served. Output includes reasoning with most
// servers; where only the sum of all three gives the total, it does not.
func usage(u gjson.Result, cost bool) *model.Usage {
	input, output := int(u.Get("prompt_tokens").Int()), int(u.Get("completion_tokens").Int())
	cached := int(u.Get("prompt_tokens_details.cached_tokens").Int())
	if hit := u.Get("prompt_cache_hit_tokens"); hit.Exists() { // DeepSeek
		cached = int(hit.Int())
	}
	reasoning := int(u.Get("completion_tokens_details.reasoning_tokens").Int())
	if total := int(u.Get("total_tokens").Int()); reasoning > 0 && input+output+reasoning == total {
		output += reasoning
	}
	use := &model.Usage{Input: max(input-cached, 0), Output: output, CacheRead: cached}
	if c := u.Get("cost"); cost && c.Type == gjson.Number {
		use.CostUSD = &c.Num
	}
	return use
}

package responses

import (
	"io"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// answer is what has come so far.
type answer struct {
	cost    bool // usage.cost counts
	items   []*item
	refused bool
	status  string // how it ended: completed or incomplete
	reason  string // why it is incomplete
	usage   *model.Usage
}

// item is a part of the answer whose pieces are still coming.
type item struct {
	index, id    string // what its events name it by
	kind         string // message, reasoning, function_call
	callID, name string
	phase        string
	part         int64  // the piece of a summary that is being written
	text         []byte // what was said or thought, or a call's arguments
	raw          string // of thinking: the whole item
}

// next reads one event of the stream, or the response that did not stream, and returns what of it can be shown.
func (a *answer) next(res *wire.Answer) (model.Delta, error) {
	data := res.Whole
	if data == nil {
		var err error
		if data, err = res.Next(); err == io.EOF || err == nil && string(data) == "[DONE]" {
			return model.Delta{}, res.Incomplete()
		} else if err != nil {
			return model.Delta{}, err
		}
	}
	text := string(data) // the one copy: all that is read below are pieces of it
	if !gjson.Valid(text) {
		return model.Delta{}, res.BadAnswer("not JSON", data)
	}
	e := gjson.Parse(text)
	if res.Whole == nil {
		return a.event(res, e)
	}
	if err := res.StreamError(e.Get("error")); err != nil {
		return model.Delta{}, err
	}
	if e.Get("object").Str != "response" {
		return model.Delta{}, res.BadAnswer("not a response", data)
	}
	return a.end(res, e, e.Get("status").Str)
}

// event adds one event of the stream, and returns what of it can be shown.
func (a *answer) event(res *wire.Answer, e gjson.Result) (model.Delta, error) {
	switch kind := e.Get("type").Str; kind {
	case "response.output_text.delta", "response.refusal.delta":
		a.refused = a.refused || kind == "response.refusal.delta"
		return a.find(e, "message").add(e.Get("delta").Str), nil
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
		return a.think(e), nil
	case "response.function_call_arguments.delta":
		return a.find(e, "function_call").add(e.Get("delta").Str), nil
	case "response.output_item.added":
		return a.fill(a.find(e, e.Get("item.type").Str), e.Get("item"), false), nil
	case "response.output_item.done":
		return a.fill(a.find(e, e.Get("item.type").Str), e.Get("item"), true), nil
	case "response.completed", "response.incomplete", "response.failed":
		return a.end(res, e.Get("response"), strings.TrimPrefix(kind, "response."))
	case "error", "": // OpenAI has the error in the event itself, others below it, some without a type
		if err := res.StreamError(e.Get("error")); err != nil {
			return model.Delta{}, err
		}
		if kind != "" {
			return model.Delta{}, res.StreamError(e)
		}
	}
	return model.Delta{}, nil // what begins, what is told again at its end, and what is yet to be invented
}

// find returns the item that an event is of, which is new where the event is the first of it.
func (a *answer) find(e gjson.Result, kind string) *item {
	index, id := e.Get("output_index").Raw, e.Get("item_id").Str
	if id == "" {
		id = e.Get("item.id").Str
	}
	for _, it := range a.items {
		if index != "" && it.index == index || index == "" && it.id == id {
			return it
		}
	}
	a.items = append(a.items, &item{index: index, id: id, kind: kind})
	return a.items[len(a.items)-1]
}

// think adds a piece of thinking, with a blank line between the parts of a summary.
func (a *answer) think(e gjson.Result) model.Delta {
	it := a.find(e, "reasoning")
	piece := e.Get("delta").Str
	if part := e.Get("summary_index").Int(); part != it.part {
		it.part = part
		if len(it.text) > 0 {
			piece = "\n\n" + piece
		}
	}
	return it.add(piece)
}

func (it *item) add(piece string) model.Delta {
	it.text = append(it.text, piece...)
	switch it.kind {
	case "message":
		return model.Delta{Text: piece}
	case "reasoning":
		return model.Delta{Thinking: piece}
	}
	return model.Delta{}
}

// fill takes over what a whole item says, and returns what of it has not come in pieces. Thinking counts only when it is
// done.
func (a *answer) fill(it *item, whole gjson.Result, done bool) model.Delta {
	for field, to := range map[string]*string{"call_id": &it.callID, "name": &it.name, "phase": &it.phase} {
		if v := whole.Get(field); v.Type == gjson.String && v.Str != "" {
			*to = v.Str
		}
	}
	all := ""
	switch it.kind {
	case "message":
		for _, part := range whole.Get("content").Array() {
			all += part.Get("text").Str
			if refusal := part.Get("refusal").Str; refusal != "" {
				a.refused = true
				all += refusal
			}
		}
	case "reasoning":
		if done {
			it.raw = whole.Raw
		}
		all = texts(whole.Get("summary"))
		if all == "" {
			all = texts(whole.Get("content"))
		}
	case "function_call":
		all = whole.Get("arguments").Str
		if args := whole.Get("arguments"); args.IsObject() { // a server that does not wrap them in a string
			all = args.Raw
		}
		if all != "" {
			it.text = it.text[:0]
		}
	}
	if rest, ok := strings.CutPrefix(all, string(it.text)); ok && rest != "" {
		return it.add(rest)
	}
	return model.Delta{}
}

func texts(parts gjson.Result) string {
	var all []string
	for _, part := range parts.Array() {
		all = append(all, part.Get("text").Str)
	}
	return strings.Join(all, "\n\n")
}

// end reads a whole response, and returns what of it has not come before.
func (a *answer) end(res *wire.Answer, response gjson.Result, status string) (model.Delta, error) {
	if err := res.StreamError(response.Get("error")); err != nil {
		return model.Delta{}, err
	}
	if status != "completed" && status != "incomplete" { // failed without saying why, or cancelled
		return model.Delta{}, res.StreamError(gjson.Parse(`"the answer ended as failed"`))
	}
	var all model.Delta
	if len(a.items) == 0 {
		for _, whole := range response.Get("output").Array() {
			it := &item{kind: whole.Get("type").Str}
			a.items = append(a.items, it)
			d := a.fill(it, whole, true)
			all.Text += d.Text
			all.Thinking += d.Thinking
		}
	}
	a.status, a.reason = status, response.Get("incomplete_details.reason").Str
	if u := response.Get("usage"); u.IsObject() {
		cached := int(u.Get("input_tokens_details.cached_tokens").Int())
		a.usage = &model.Usage{Input: max(int(u.Get("input_tokens").Int())-cached, 0), CacheRead: cached,
			Output: int(u.Get("output_tokens").Int())} // thinking is among it
		if c := u.Get("cost"); a.cost && c.Type == gjson.Number {
			a.usage.CostUSD = &c.Num
		}
	}
	return all, nil
}

// blocks are the items in flue's words; those of types that flue did not ask for are left out.
func (a *answer) blocks() []model.Block {
	blocks := []model.Block{}
	for _, it := range a.items {
		switch {
		case it.kind == "message" && len(it.text) > 0:
			blocks = append(blocks, model.Block{Type: model.TextBlock, Text: string(it.text), Signature: it.phase})
		case it.kind == "reasoning" && (len(it.text) > 0 || goesBack(it.raw)):
			b := model.Block{Type: model.ThinkingBlock, Text: string(it.text)}
			if goesBack(it.raw) {
				b.Signature = it.raw
			}
			blocks = append(blocks, b)
		case it.kind == "function_call":
			b := model.Block{Type: model.CallBlock, ID: it.callID, Name: it.name}
			b.SetArgs(it.text)
			blocks = append(blocks, b)
		}
	}
	return blocks
}

func (a *answer) stop() model.StopReason {
	switch {
	case a.refused || a.reason == "content_filter":
		return model.StopRefusal
	case a.status == "incomplete":
		return model.StopLength
	}
	for _, it := range a.items {
		if it.kind == "function_call" {
			return model.StopCalls
		}
	}
	return model.StopEnd
}

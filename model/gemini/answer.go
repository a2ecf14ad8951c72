package gemini

import (
	"fmt"
	"io"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// answer is what has come so far.
type answer struct {
	parts   []*part
	reason  string // why it stopped
	message string // what is said of the reason
	usage   model.Usage
	whole   bool // it did not stream, and has been read
}

// part is a run of text or of thinking, or a call.
type part struct {
	kind      model.BlockType
	text      []byte // of a call: its arguments
	id, name  string
	signature string // nothing is added to a part behind it
}

// next reads one event of the stream, or the answer that did not stream, and returns what of it can be shown; io.EOF at the end.
func (a *answer) next(res *wire.Answer) (model.Delta, error) {
	if res.Whole != nil {
		if a.whole {
			return model.Delta{}, io.EOF
		}
		a.whole = true
		return a.chunk(res, res.Whole)
	}
	data, err := res.Next()
	if err != nil && a.reason != "" && !wire.Canceled(err) {
		err = io.EOF // with a reason the answer is whole; only the end of the connection was lost
	}
	if err != nil {
		return model.Delta{}, err
	}
	return a.chunk(res, data)
}

// chunk adds a part of the answer.
func (a *answer) chunk(res *wire.Answer, data []byte) (model.Delta, error) {
	var d model.Delta
	text := string(data) // the one copy: all that is read below are pieces of it
	if !gjson.Valid(text) {
		return d, res.BadAnswer("not JSON", data)
	}
	root := gjson.Parse(text)
	if root.IsArray() { // some proxies send the stream as a list
		root = root.Get("0")
	}
	if err := res.StreamError(root.Get("error")); err != nil {
		return d, err
	}
	if u := root.Get("usageMetadata"); u.IsObject() {
		a.usage = usage(u)
	}
	if blocked := root.Get("promptFeedback.blockReason").Str; blocked != "" && a.reason == "" {
		a.reason = blocked
		d.Text = strings.TrimSpace("the prompt was blocked as " + blocked + ". " + root.Get("promptFeedback.blockReasonMessage").Str)
		a.add(model.TextBlock, d.Text, "")
		return d, nil
	}
	candidate := root.Get("candidates.0")
	candidate.Get("content.parts").ForEach(func(_, p gjson.Result) bool {
		signature := p.Get("thoughtSignature").Str
		if call := p.Get("functionCall"); call.IsObject() {
			a.parts = append(a.parts, &part{kind: model.CallBlock, id: call.Get("id").Str, name: call.Get("name").Str,
				text: []byte(call.Get("args").Raw), signature: signature})
			return true
		}
		said := p.Get("text").Str
		if p.Get("thought").Bool() {
			a.add(model.ThinkingBlock, said, signature)
			d.Thinking += said
		} else {
			a.add(model.TextBlock, said, signature)
			d.Text += said
		}
		return true
	})
	if reason := candidate.Get("finishReason").Str; reason != "" && reason != "FINISH_REASON_UNSPECIFIED" {
		a.reason, a.message = reason, candidate.Get("finishMessage").Str
		if _, fault := faults[reason]; !fault && len(a.parts) == 0 && a.stop() == model.StopRefusal {
			d.Text = strings.TrimSpace("the answer was stopped as " + reason + ". " + a.message)
			a.add(model.TextBlock, d.Text, "")
		}
	}
	return d, nil
}

// add appends a piece to the part that it continues, or as a new one. A signature is often in a piece without text.
func (a *answer) add(kind model.BlockType, text, signature string) {
	if text == "" && signature == "" {
		return
	}
	last := len(a.parts) - 1
	if last < 0 || a.parts[last].kind != kind || a.parts[last].signature != "" {
		a.parts = append(a.parts, &part{kind: kind})
		last++
	}
	p := a.parts[last]
	p.text, p.signature = append(p.text, text...), signature
}

// done are the parts in flue's words.
func (a *answer) done() []model.Block {
	blocks := []model.Block{}
	for _, p := range a.parts {
		b := model.Block{Type: p.kind, Signature: p.signature}
		if p.kind == model.CallBlock {
			b.ID, b.Name = p.id, p.name
			b.SetArgs(p.text)
		} else {
			b.Text = string(p.text)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// faults are the reasons of an answer that is none. The same question is answered most often when it is asked again, except
// where it is itself wrong.
var faults = map[string]model.ErrorKind{
	"":                          model.ErrIncomplete,
	"OTHER":                     model.ErrIncomplete,
	"MALFORMED_FUNCTION_CALL":   model.ErrIncomplete,
	"MALFORMED_RESPONSE":        model.ErrIncomplete,
	"UNEXPECTED_TOOL_CALL":      model.ErrIncomplete,
	"TOO_MANY_TOOL_CALLS":       model.ErrIncomplete,
	"MISSING_THOUGHT_SIGNATURE": model.ErrInvalid,
}

// failed is the error for an answer that is none, though no error came with it.
func (a *answer) failed(res *wire.Answer) error {
	kind, fault := faults[a.reason]
	if !fault {
		return nil
	}
	e := res.Incomplete()
	if a.reason == "" {
		return e
	}
	e.Kind = kind
	e.Message = strings.TrimSpace(fmt.Sprintf("the answer ended as %s. %s", a.reason, a.message))
	if len(e.Message) > 500 {
		e.Message = strings.ToValidUTF8(e.Message[:500], "")
	}
	return e
}

// stop says why the answer ended. What is not known as an end is one of Google's filters.
func (a *answer) stop() model.StopReason {
	switch a.reason {
	case "MAX_TOKENS":
		return model.StopLength
	case "STOP":
	default:
		return model.StopRefusal
	}
	for _, p := range a.parts {
		if p.kind == model.CallBlock { // Google has no reason of its own for it
			return model.StopCalls
		}
	}
	return model.StopEnd
}

// usage reads the counts of tokens: each event has those of all so far. The prompt's are told including what the cache
// served; the candidate's without its thoughts, unless the sum says otherwise.
func usage(u gjson.Result) model.Usage {
	input, cached := int(u.Get("promptTokenCount").Int()+u.Get("toolUsePromptTokenCount").Int()), int(u.Get("cachedContentTokenCount").Int())
	output, thoughts := int(u.Get("candidatesTokenCount").Int()), int(u.Get("thoughtsTokenCount").Int())
	if total := int(u.Get("totalTokenCount").Int()); input+output != total {
		output += thoughts
	}
	return model.Usage{Input: max(input-cached, 0), Output: output, CacheRead: cached}
}

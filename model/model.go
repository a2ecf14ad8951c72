// Package model is what flue asks of a language model: a request, a stream of deltas, a message,
// usage. Start at Provider; the wire formats are in the folders below.
package model

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
)

// Provider speaks one wire format to one endpoint.
type Provider interface {
	// Stream sends one request and yields the answer as it arrives. The last delta of a successful
	// stream, and only that one, carries the whole Message. An error ends the stream and is, or wraps,
	// *Error. A provider does not retry. Leaving the loop early ends the request.
	Stream(ctx context.Context, req *Request) iter.Seq2[Delta, error]
}

// Request is one question to a model.
type Request struct {
	Model     string    // the provider's own id: what follows the first slash of "provider/model-id"
	System    string    // byte-identical from turn to turn
	Messages  []Message // alternating by the provider's rules is the adapter's work
	Tools     []ToolDef
	MaxOutput int      // tokens; 0 is the model's own maximum
	Thinking  Thinking // "" is off
	CacheKey  string   // the same for all requests of a session: a hint for prompt caches
}

// Role is who wrote a message.
type Role string

// The roles. Tool results travel in user messages.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one entry of the conversation. Its JSON form is what the store keeps.
type Message struct {
	Role   Role    `json:"role"`
	Blocks []Block `json:"blocks"`

	// Of assistant messages only:
	Model string     `json:"model,omitempty"` // "provider/model-id" that wrote it
	Stop  StopReason `json:"stop,omitempty"`
	Usage *Usage     `json:"usage,omitempty"`
}

// Text joins the text blocks of m.
func (m Message) Text() string {
	var s string
	for _, b := range m.Blocks {
		if b.Type == TextBlock {
			s += b.Text
		}
	}
	return s
}

// Calls lists the tool calls of m, in order.
func (m Message) Calls() []Block {
	var calls []Block
	for _, b := range m.Blocks {
		if b.Type == CallBlock {
			calls = append(calls, b)
		}
	}
	return calls
}

// UserText is a user message of one text block.
func UserText(text string) Message {
	return Message{Role: User, Blocks: []Block{{Type: TextBlock, Text: text}}}
}

// BlockType says which fields of a Block count.
type BlockType string

// The types of a Block.
const (
	TextBlock     BlockType = "text"     // Text
	ThinkingBlock BlockType = "thinking" // Text, Signature
	CallBlock     BlockType = "call"     // ID, Name, Args or BadArgs
	ResultBlock   BlockType = "result"   // ID, Name, Text, IsError
)

// Block is a part of a message.
type Block struct {
	Type BlockType `json:"type"`
	Text string    `json:"text,omitempty"`
	// Signature is opaque to flue; it goes back to the provider that made it, unchanged. It is set on thinking
	// blocks and, by some providers, on calls and texts.
	Signature string `json:"signature,omitempty"`

	ID   string          `json:"id,omitempty"` // of a call, unique in the conversation
	Name string          `json:"name,omitempty"`
	Args json.RawMessage `json:"args,omitempty"` // a JSON object
	// BadArgs is what the model sent as arguments when that is not a JSON object.
	BadArgs string `json:"bad_args,omitempty"`
	IsError bool   `json:"is_error,omitempty"`
}

// SetArgs sets Args to what a model sent, without white space, or BadArgs if that is not a JSON object. Nothing at all is
// an empty object.
func (b *Block) SetArgs(sent []byte) {
	sent = bytes.TrimSpace(sent)
	switch {
	case len(sent) == 0:
		b.Args = json.RawMessage("{}")
	case sent[0] == '{' && json.Valid(sent):
		var args bytes.Buffer
		_ = json.Compact(&args, sent) // it is valid
		b.Args = args.Bytes()
	default:
		b.BadArgs = string(sent)
	}
}

// StopReason is why a model stopped.
type StopReason string

// The stop reasons, the same for all providers.
const (
	StopEnd     StopReason = "end"     // it was done
	StopCalls   StopReason = "calls"   // it wants its tool calls answered
	StopLength  StopReason = "length"  // the output limit cut it; a call at the end may be incomplete
	StopRefusal StopReason = "refusal" // the provider's filter or the model refused
)

// Usage counts tokens. Input excludes what a cache served; Output includes thinking, once.
type Usage struct {
	Input      int  `json:"input"`
	Output     int  `json:"output"`
	CacheRead  int  `json:"cache_read,omitempty"`
	CacheWrite int  `json:"cache_write,omitempty"`
	Estimated  bool `json:"estimated,omitempty"` // counted by flue, not told by the provider
	// CostUSD is null where a price is not known; never 0 for unknown.
	CostUSD *float64 `json:"cost_usd"`
}

// Total is all tokens of u.
func (u Usage) Total() int { return u.Input + u.Output + u.CacheRead + u.CacheWrite }

// Add adds v to u. A cost that is unknown on either side makes the sum unknown; the zero Usage adds nothing.
func (u *Usage) Add(v Usage) {
	switch {
	case *u == (Usage{}):
		u.CostUSD = v.CostUSD
	case u.CostUSD == nil || v.CostUSD == nil:
		u.CostUSD = nil
	default:
		sum := *u.CostUSD + *v.CostUSD
		u.CostUSD = &sum
	}
	u.Input += v.Input
	u.Output += v.Output
	u.CacheRead += v.CacheRead
	u.CacheWrite += v.CacheWrite
	u.Estimated = u.Estimated || v.Estimated
}

// ToolDef tells a model of a tool.
type ToolDef struct {
	Name        string
	Description string
	Parameters  json.RawMessage // JSON Schema of an object
	Strict      bool            // ask the provider to constrain the arguments to the schema
}

// Thinking is how much a model may reason before it answers.
type Thinking string

// The levels of thinking; ThinkingDefault lets the engine choose (medium where the model has it).
const (
	ThinkingDefault Thinking = ""
	ThinkingOff     Thinking = "off"
	ThinkingMinimal Thinking = "minimal"
	ThinkingLow     Thinking = "low"
	ThinkingMedium  Thinking = "medium"
	ThinkingHigh    Thinking = "high"
)

// Delta is a piece of a streaming answer.
type Delta struct {
	Text     string   // appended to the current text
	Thinking string   // appended to the current thinking
	Message  *Message // the whole answer: the last delta
}

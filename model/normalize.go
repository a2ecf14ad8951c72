package model

import (
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
)

// Target is the model that a history is about to be sent to, and what it insists on.
type Target struct {
	Model    string // "provider/model-id"
	Thinking bool   // it may be shown thinking of its own, with its signatures
	ShortIDs bool   // ids of calls must be nine letters or digits (Mistral)
	NoTools  bool   // calls and results must be told as text
}

// Interrupted is the result that a call gets in a request when its own was never recorded.
const Interrupted = "interrupted: this call has no recorded result; it may or may not have taken effect"

// Normalize returns a copy of messages that target accepts, whoever wrote them:
//
//   - user and assistant alternate; nothing is empty, but for a text that carries a signature
//   - each call has exactly one result, in the message after it, in the order of the calls, before any text; a missing
//     one says Interrupted, one without a call is dropped
//   - ids are unique and valid for target; a call's arguments are a JSON object
//   - thinking and signatures of other models are dropped
//
// The same input gives the same output, so that the beginning of a conversation stays cached.
func Normalize(messages []Message, target Target) []Message {
	n := normalizer{target: target, used: make(map[string]bool, len(messages)), out: make([]Message, 0, len(messages))}
	for i, m := range messages {
		if m.Role == Assistant {
			n.assistant(m, messages[i+1:])
			continue
		}
		n.add(User, texts(m.Blocks)...)
	}
	return n.out
}

type normalizer struct {
	target Target
	used   map[string]bool // ids of calls so far
	out    []Message
}

// assistant adds m, and the results of its calls, which are somewhere in after.
func (n *normalizer) assistant(m Message, after []Message) {
	own := m.Model == n.target.Model
	said, answers := make([]Block, 0, len(m.Blocks)), make([]Block, 0, len(m.Blocks))
	for i, b := range m.Blocks {
		if !own {
			b.Signature = ""
		}
		switch b.Type {
		case TextBlock:
			if b.Signature != "" || strings.TrimSpace(b.Text) != "" {
				said = append(said, b)
			}
		case ThinkingBlock:
			if own && n.target.Thinking && b.Text+b.Signature != "" {
				said = append(said, b)
			}
		case CallBlock:
			result := Block{Text: Interrupted, IsError: true}
			if first := slices.IndexFunc(m.Blocks, func(c Block) bool { return c.Type == CallBlock && c.ID == b.ID }); first == i {
				result = find(after, b.ID, result) // of two calls with one id, the first has the result
			}
			b.ID, b.Args, b.BadArgs = n.id(b.ID), arguments(b), ""
			result.Type, result.ID, result.Name = ResultBlock, b.ID, b.Name
			if n.target.NoTools {
				b = Block{Type: TextBlock, Text: "I call " + b.Name + " with " + string(b.Args)}
				result = Block{Type: TextBlock, Text: "Result of " + result.Name + ":\n" + result.Text}
			}
			said, answers = append(said, b), append(answers, result)
		}
	}
	n.add(Assistant, said...)
	n.add(User, answers...)
}

// add appends blocks to the last message, if that is role's, or as a new one.
func (n *normalizer) add(role Role, blocks ...Block) {
	if len(blocks) == 0 {
		return
	}
	if last := len(n.out) - 1; last >= 0 && n.out[last].Role == role {
		n.out[last].Blocks = append(n.out[last].Blocks, blocks...)
		return
	}
	n.out = append(n.out, Message{Role: role, Blocks: blocks})
}

// id is the id for target's eyes: the call's own where it is valid and new, else one computed from it.
func (n *normalizer) id(id string) string {
	for try := id; ; try += "'" {
		name := try
		if !n.valid(name) {
			sum := sha256.Sum256([]byte(try))
			name = new(big.Int).SetBytes(sum[:]).Text(36)[:9]
		}
		if !n.used[name] {
			n.used[name] = true
			return name
		}
	}
}

func (n *normalizer) valid(id string) bool {
	if n.target.ShortIDs && len(id) != 9 || id == "" || len(id) > 40 {
		return false
	}
	return !slices.ContainsFunc([]byte(id), func(c byte) bool {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		return !letter && (n.target.ShortIDs || c != '_' && c != '-')
	})
}

// find returns the first result of a call before the next assistant message, or otherwise.
func find(after []Message, id string, otherwise Block) Block {
	for _, m := range after {
		if m.Role == Assistant {
			break
		}
		for _, b := range m.Blocks {
			if b.Type == ResultBlock && b.ID == id {
				return b
			}
		}
	}
	return otherwise
}

// texts are the text blocks that say something: Anthropic refuses white space alone.
func texts(blocks []Block) []Block {
	var some []Block
	for _, b := range blocks {
		if b.Type == TextBlock && strings.TrimSpace(b.Text) != "" {
			some = append(some, Block{Type: TextBlock, Text: b.Text})
		}
	}
	return some
}

// arguments are b's as a JSON object, which servers insist on, even where the model failed to write one.
func arguments(b Block) json.RawMessage {
	switch {
	case b.BadArgs != "":
		raw, _ := json.Marshal(map[string]string{"invalid_json": b.BadArgs}) // a string always marshals
		return raw
	case len(b.Args) == 0:
		return json.RawMessage("{}")
	}
	return b.Args
}

package model

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func call(id, args string) Block {
	b := Block{Type: CallBlock, ID: id, Name: "read", Signature: "sig"}
	b.SetArgs([]byte(args))
	return b
}

func result(id string) Block {
	return Block{Type: ResultBlock, ID: id, Name: "read", Text: "result of " + id}
}

func text(s string) Block { return Block{Type: TextBlock, Text: s} }

func said(blocks ...Block) Message { return Message{Role: Assistant, Model: "p/m", Blocks: blocks} }

func user(blocks ...Block) Message { return Message{Role: User, Blocks: blocks} }

// render is short: role, and each block with its id.
func render(messages []Message) string {
	var lines []string
	for _, m := range messages {
		line := string(m.Role)
		for _, b := range m.Blocks {
			line += fmt.Sprintf(" %s(%s%s%s%s)", b.Type, b.ID, b.Text, b.Args, b.Signature)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, " | ")
}

func TestNormalize(t *testing.T) {
	thinking := Block{Type: ThinkingBlock, Text: "hm", Signature: "sig"}
	own := Target{Model: "p/m", Thinking: true}
	for _, tt := range []struct {
		name   string
		in     []Message
		target Target
		want   string
	}{
		{"its own", []Message{UserText("a"), said(thinking, text("b"), call("c", "{}")), user(result("c"))}, own,
			"user text(a) | assistant thinking(hmsig) text(b) call(c{}sig) | user result(cresult of c)"},
		{"another's", []Message{UserText("a"), said(thinking, text("b"), call("c", "{}")), user(result("c"))}, Target{Model: "q/m", Thinking: true},
			"user text(a) | assistant text(b) call(c{}) | user result(cresult of c)"},
		{"signed texts", []Message{said(Block{Type: TextBlock, Text: "b", Signature: "sig"}, Block{Type: TextBlock, Signature: "sig"})}, own,
			"assistant text(bsig) text(sig)"},
		{"another's signed texts", []Message{said(Block{Type: TextBlock, Text: "b", Signature: "sig"}, Block{Type: TextBlock, Signature: "sig"})}, Target{Model: "q/m"},
			"assistant text(b)"},
		{"order of results, text behind them", []Message{said(call("c", "{}"), call("d", "{}")), user(text("x"), result("d")), user(result("c"))}, own,
			"assistant call(c{}sig) call(d{}sig) | user result(cresult of c) result(dresult of d) text(x)"},
		{"a missing result", []Message{said(call("c", "{}")), said(text("b"))}, own,
			"assistant call(c{}sig) | user result(c" + Interrupted + ") | assistant text(b)"},
		{"a result too late, and one twice", []Message{said(call("c", "{}")), user(result("c"), result("c")), said(text("b")), user(result("c"), text("x"))}, own,
			"assistant call(c{}sig) | user result(cresult of c) | assistant text(b) | user text(x)"},
		{"empty messages", []Message{UserText("a"), said(), said(text(" \n")), said(thinking), UserText("b")}, Target{Model: "p/m"},
			"user text(a) text(b)"},
		{"bad arguments", []Message{said(call("c", `{"a`)), user(result("c"))}, own,
			`assistant call(c{"invalid_json":"{\"a"}sig) | user result(cresult of c)`},
		{"an id twice", []Message{said(call("c", "{}"), call("c", "{}")), user(result("c"))}, own,
			"assistant call(c{}sig) call(2aqp08tt3{}sig) | user result(cresult of c) result(2aqp08tt3" + Interrupted + ")"},
		{"short ids", []Message{said(call("call_1", "{}"), call("abcdefgh9", "{}")), user(result("call_1"), result("abcdefgh9"))}, Target{ShortIDs: true},
			"assistant call(2w667dite{}) call(abcdefgh9{}) | user result(2w667diteresult of call_1) result(abcdefgh9result of abcdefgh9)"},
		{"no tools", []Message{said(call("c", `{"a":1}`)), user(result("c"), text("x"))}, Target{NoTools: true},
			`assistant text(I call read with {"a":1}) | user text(Result of read:` + "\nresult of c) text(x)"},
	} {
		if got := render(Normalize(tt.in, tt.target)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestNormalizeAnything checks the promises of Normalize on random histories.
func TestNormalizeAnything(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 0))
		in := randomHistory(r)
		before, _ := json.Marshal(in)
		target := Target{Model: "p/m", Thinking: r.IntN(2) == 0, ShortIDs: r.IntN(2) == 0}
		out := Normalize(in, target)
		if problem := broken(out, target); problem != "" {
			t.Fatalf("seed %d: %s\n in %s\nout %s", seed, problem, render(in), render(out))
		}
		if after, _ := json.Marshal(in); string(after) != string(before) {
			t.Fatalf("seed %d: the input was changed", seed)
		}
		longer := Normalize(append(in, said(text("more"))), target)
		for i, m := range out[:max(len(out)-1, 0)] {
			if !reflect.DeepEqual(m, longer[i]) {
				t.Fatalf("seed %d: message %d changed when the conversation went on", seed, i)
			}
		}
	}
}

func randomHistory(r *rand.Rand) []Message {
	ids := []string{"c", "call_1", "abcdefgh9", "not valid!", "", strings.Repeat("x", 50)}
	var history []Message
	for range r.IntN(8) {
		m := Message{Role: []Role{User, Assistant}[r.IntN(2)], Model: []string{"p/m", "q/m"}[r.IntN(2)]}
		for range r.IntN(5) {
			id := ids[r.IntN(len(ids))]
			switch kind := r.IntN(4); {
			case kind == 0:
				m.Blocks = append(m.Blocks, text([]string{"", " ", "hello"}[r.IntN(3)]))
			case kind == 1 && m.Role == Assistant:
				m.Blocks = append(m.Blocks, Block{Type: ThinkingBlock, Text: "hm"})
			case m.Role == Assistant:
				m.Blocks = append(m.Blocks, call(id, []string{"", "{}", `{"a":1}`, "{", "[]"}[r.IntN(5)]))
			default:
				m.Blocks = append(m.Blocks, result(id))
			}
		}
		history = append(history, m)
	}
	return history
}

// broken names the first promise that out does not keep.
func broken(out []Message, target Target) string {
	n := normalizer{target: target}
	used := map[string]bool{}
	for i, m := range out {
		if len(m.Blocks) == 0 {
			return "an empty message"
		}
		if i > 0 && out[i-1].Role == m.Role {
			return "two messages of one role"
		}
		var results []string
		for j, b := range m.Blocks {
			switch {
			case b.Type == TextBlock && strings.TrimSpace(b.Text) == "":
				return "an empty text"
			case b.Type == ThinkingBlock && !target.Thinking:
				return "thinking"
			case b.Type == CallBlock && (used[b.ID] || !n.valid(b.ID) || b.BadArgs != "" || b.Args[0] != '{' || !json.Valid(b.Args)):
				return "a bad call"
			case b.Type == ResultBlock && j != len(results):
				return "a result behind a text"
			case b.Type == ResultBlock:
				results = append(results, b.ID)
			}
			if b.Type == CallBlock {
				used[b.ID] = true
			}
		}
		var calls []string
		if i > 0 {
			for _, c := range out[i-1].Calls() {
				calls = append(calls, c.ID)
			}
		}
		if m.Role == User && fmt.Sprint(calls) != fmt.Sprint(results) {
			return fmt.Sprintf("calls %q, results %q", calls, results)
		}
		if m.Role == Assistant && i == len(out)-1 && len(m.Calls()) > 0 {
			return "calls at the end without results"
		}
	}
	return ""
}

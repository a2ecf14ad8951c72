package scripted_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/scripted"
)

// eval knows just enough: ${{ true }}, ${{ false }}, ${{ a.b }}, ${{ last.tool contains "text" }}.
func eval(template string, vars map[string]any) (any, error) {
	before, rest, _ := strings.Cut(template, "${{")
	expr, after, _ := strings.Cut(rest, "}}")
	expr = strings.TrimSpace(expr)
	lookup := func(path string) (any, error) {
		var v any = vars
		for name := range strings.SplitSeq(path, ".") {
			m, _ := v.(map[string]any)
			var ok bool
			if v, ok = m[name]; !ok {
				return nil, fmt.Errorf("no name %s", path)
			}
		}
		return v, nil
	}
	if path, text, ok := strings.Cut(expr, " contains "); ok {
		v, err := lookup(path)
		return err == nil && strings.Contains(v.(string), strings.Trim(text, `"`)), err
	}
	if expr == "true" || expr == "false" {
		return expr == "true", nil
	}
	v, err := lookup(expr)
	if before+after != "" {
		v = before + fmt.Sprint(v) + after
	}
	return v, err
}

func script(t *testing.T, doc string) scripted.Script {
	t.Helper()
	var s scripted.Script
	dec := yaml.NewDecoder(strings.NewReader(doc))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask streams one request and returns the message, or the error as text behind what was streamed before it.
func ask(t *testing.T, p model.Provider, messages ...model.Message) (msg *model.Message, failure string) {
	t.Helper()
	streamed := ""
	for d, err := range p.Stream(t.Context(), &model.Request{System: "Be brief.", Messages: messages}) {
		var e *model.Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatalf("not a model.Error: %v", err)
		case err != nil:
			return nil, streamed + "|" + err.Error()
		case d.Message != nil:
			if streamed != d.Message.Text() {
				t.Errorf("streamed %q, message %q", streamed, d.Message.Text())
			}
			msg = d.Message
		}
		streamed += d.Text
	}
	return msg, ""
}

func render(m *model.Message) string {
	var parts []string
	for _, b := range m.Blocks {
		switch b.Type {
		case model.CallBlock:
			parts = append(parts, b.ID+" "+b.Name+" "+string(b.Args)+b.BadArgs)
		default:
			parts = append(parts, string(b.Type)+" "+b.Text)
		}
	}
	return strings.Join(append(parts, string(m.Stop)), "; ")
}

func result(tool, text string) model.Message {
	return model.Message{Role: model.User, Blocks: []model.Block{{Type: model.ResultBlock, ID: "call_1", Name: tool, Text: text}}}
}

const lookup = `
context_window: 32000
turns:
  - text: Looking it up.
    calls: [{grep: {pattern: refund, path: articles}}]
  - capture: {file: {tool: grep, regex: '(?m)^([^:]+):'}}
    calls: [{read: {path: "${{ captures.file }}"}}]
  - when: ${{ last.read contains "30 days" }}
    finish: {answer: Within 30 days., sources: ["${{ captures.file }}"], n: 1}
  - else: true
    give_up: The articles do not say.
`

func TestTurns(t *testing.T) {
	user := model.UserText("hi")
	grep, read := result("grep", "articles/a.md:3: refund"), result("read", "within 30 days")
	read.Blocks[0].ID = "call_2"
	for _, tt := range []struct {
		name, doc string
		steps     []any // what is added to the conversation before the request, then what is answered
	}{
		{"lookup", lookup, []any{
			user, `text Looking it up.; call_1 grep {"path":"articles","pattern":"refund"}; calls`,
			grep, `call_2 read {"path":"articles/a.md"}; calls`,
			read, `call_3 finish {"answer":"Within 30 days.","n":1,"sources":["articles/a.md"]}; calls`,
			user, `|scripted: invalid: script "s": past the end: it has 4 turns`,
		}},
		{"else", lookup, []any{
			user, `text Looking it up.; call_1 grep {"path":"articles","pattern":"refund"}; calls`,
			grep, `call_2 read {"path":"articles/a.md"}; calls`,
			result("read", "no word of it"), `call_3 give_up {"reason":"The articles do not say."}; calls`,
		}},
		{"capture finds nothing", lookup, []any{
			user, `text Looking it up.; call_1 grep {"path":"articles","pattern":"refund"}; calls`,
			result("grep", "none"), `|scripted: invalid: script "s": turn 2: capture file: "(?m)^([^:]+):" matches nothing in the output of grep, which begins "none"`,
		}},
		{"capture of everything, and of a match", `
turns:
  - capture: {all: {tool: grep}, word: {tool: grep, regex: '[a-z]+$'}}
    text: "${{ captures.all }}"
  - text: "${{ captures.word }}"
  - capture: {x: {tool: bash}}
    text: x`, []any{
			result("grep", "a b"), `text a b; end`, user, `text b; end`,
			user, `|scripted: invalid: script "s": turn 3: capture x: bash has not been called yet`,
		}},
		{"chains", `
turns:
  - {when: "${{ true }}", text: a}
  - {when: "${{ false }}", text: b}
  - {else: true, text: c}
  - {when: "${{ false }}", text: d}
  - {else: true, when: "${{ true }}", text: "e ${{ turn }}"}
  - {else: true, text: f}
  - {finish: [1, 2], thinking: hm}`, []any{
			user, `text a; end`, user, `text e 2; end`, user, `thinking hm; call_1 finish {"result":[1,2]}; calls`,
		}},
		{"error twice, then the answer", `turns: [{error: {status: 529, times: 2, retry_after: 1s}, text: ok}, {text: next}]`, []any{
			user, `|scripted: overloaded (HTTP 529): Overloaded`, user, `|scripted: overloaded (HTTP 529): Overloaded`,
			user, `text ok; end`, user, `text next; end`,
		}},
		{"a turn of faults only", `turns: [{error: {status: 429}}, {overflow: true}, {text: ok}]`, []any{
			user, `|scripted: rate_limit (HTTP 429): Too Many Requests`,
			user, `|scripted: overflow (HTTP 400): prompt is too long`, user, `text ok; end`,
		}},
		{"truncate", `turns: [{truncate: true, text: one two}]`, []any{
			user, `one |scripted: incomplete: the stream ended without a finish reason`, user, `text one two; end`,
		}},
		{"bad json", `turns: [{bad_json: true, calls: [{read: {path: a}}]}, {text: sorry}]`, []any{
			user, `call_1 read {"path":"a"; calls`, user, `text sorry; end`,
		}},
		{"window", `{context_window: 1, turns: [{text: ok}]}`, []any{
			user, `|scripted: overflow (HTTP 400): prompt is too long: 3 tokens > 1 maximum`,
		}},
		{"when is no bool", `turns: [{when: "${{ turn }}"}]`, []any{
			user, `|scripted: invalid: script "s": turn 1: when: want true or false, got int`,
		}},
		{"empty", `turns: []`, []any{user, `|scripted: invalid: script "s": past the end: it has 0 turns`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := scripted.Config{Name: "s", Eval: eval}
			p := scripted.New(script(t, tt.doc), cfg)
			var messages []model.Message
			for i := 0; i < len(tt.steps); i += 2 {
				messages = append(messages, tt.steps[i].(model.Message))
				resumed := cfg
				resumed.Answered = messages
				again := scripted.New(script(t, tt.doc), resumed)
				msg, got := ask(t, p, messages...)
				if msg != nil {
					got = render(msg)
					if u := msg.Usage; !u.Estimated || u.Input == 0 || u.CostUSD != nil {
						t.Errorf("usage %+v", u)
					}
				}
				if got != tt.steps[i+1] {
					t.Fatalf("request %d:\n got %s\nwant %s", i/2+1, got, tt.steps[i+1])
				}
				if msg == nil {
					continue
				}
				for { // a resumed run goes on with the same answer, behind the faults of its turn
					if m, _ := ask(t, again, messages...); m == nil {
						continue
					} else if render(m) != got {
						t.Errorf("resumed before request %d: %s", i/2+1, render(m))
					}
					break
				}
				messages = append(messages, *msg)
			}
		})
	}
}

func TestStallAndDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := scripted.New(script(t, `turns: [{delay: 3s, stall: true, text: one two}]`), scripted.Config{Name: "s"})
		start := time.Now()
		_, failure := ask(t, p)
		if want := "one |scripted: timeout: the stream was silent for 1m0s"; failure != want {
			t.Errorf("got %q, want %q", failure, want)
		}
		if d := time.Since(start); d != 63*time.Second {
			t.Errorf("took %v", d)
		}
		if msg, _ := ask(t, p); msg == nil || msg.Text() != "one two" {
			t.Errorf("after the stall: %v", msg)
		}
	})
}

func TestCancelAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := scripted.New(script(t, `turns: [{delay: 1h, text: one two}]`), scripted.Config{Name: "s"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, err := range p.Stream(ctx, &model.Request{}) {
			var e *model.Error
			if !errors.As(err, &e) || e.Kind != model.ErrCanceled || !errors.Is(err, context.DeadlineExceeded) || e.Retryable() {
				t.Errorf("got %v", err)
			}
		}
		for d, err := range p.Stream(t.Context(), &model.Request{}) {
			if err != nil || d.Text != "one " {
				t.Errorf("got %v, %v", d, err)
			}
			break
		}
		if msg, _ := ask(t, p); msg == nil || msg.Text() != "one two" {
			t.Errorf("a turn that was left early must be given again, got %v", msg)
		}
	})
}

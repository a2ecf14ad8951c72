package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/anthropic"
	"github.com/flue-run/flue/model/gemini"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/model/openai"
	"github.com/flue-run/flue/model/responses"
	"github.com/flue-run/flue/model/wire"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
)

// wires are the ways to ask a model over HTTP.
var wires = map[string]func(wire.Config) model.Provider{
	"openai":    func(cfg wire.Config) model.Provider { return openai.New(cfg) },
	"responses": func(cfg wire.Config) model.Provider { return responses.New(cfg) },
	"anthropic": func(cfg wire.Config) model.Provider { return anthropic.New(cfg) },
	"gemini":    func(cfg wire.Config) model.Provider { return gemini.New(cfg) },
}

// withText are the wires on which a model writes arguments as text, which may be no JSON.
var withText = []string{"openai", "responses", "anthropic"}

// link is an engine whose models are asked over HTTP, and what its runs did there.
type link struct {
	cfg    engine.Config
	server *modeltest.Server
	slept  *[]time.Duration // what Config.Sleep was given
}

// connect makes a link to a server that gives answers. Its models cost 1,000 USD for a million tokens, those of the
// provider "free" an unknown sum.
func connect(t testing.TB, wireName string, project fs.FS, st store.Store, answers ...modeltest.Answer) *link {
	t.Helper()
	l := &link{cfg: config(t, project, st), server: modeltest.NewServer(t, answers...), slept: &[]time.Duration{}}
	l.cfg.Sleep = func(ctx context.Context, d time.Duration) error {
		*l.slept = append(*l.slept, d)
		return ctx.Err()
	}
	l.cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
		provider, _, _ := strings.Cut(id, "/")
		m := engine.Model{ID: id, Info: model.Info{Thinking: []model.Thinking{model.ThinkingHigh}, Price: &model.Price{Input: 1000, Output: 1000}}}
		if provider == "free" {
			m.Info.Price = nil
		}
		m.Provider = wires[wireName](wire.Config{Name: provider, BaseURL: l.server.URL, Idle: 50 * time.Millisecond,
			Compat: model.Compat{CacheKey: true},
			Info:   func(string) (model.Info, bool) { return m.Info, true }})
		return m, nil
	}
	return l
}

// run runs the agent main and returns what its last event says and the transcript.
func (l *link) run(t testing.TB, session string) (engine.Event, string) {
	t.Helper()
	return finish(t, start(t, l.cfg).Run(t.Context(), engine.Request{Agent: "main", Session: session}))
}

// finish reads a run to its end.
func finish(t testing.TB, events func(func(engine.Event, error) bool)) (engine.Event, string) {
	t.Helper()
	var last engine.Event
	var transcript strings.Builder
	for e, err := range events {
		if err != nil {
			t.Fatalf("after\n%s%v", transcript.String(), err)
		}
		transcript.WriteString(describe(e) + "\n")
		last = e
	}
	if last.Type != engine.Done {
		t.Fatalf("the last event is not done:\n%s", transcript.String())
	}
	return last, transcript.String()
}

// agentFile is a project whose agent main is source.
func agentFile(source string) fstest.MapFS {
	return fstest.MapFS{".flue/agents/main.yaml": {Data: []byte(source)}}
}

// translator is an agent with a typed result. More lines may follow.
const translator = `description: Translate.
model: test/m
prompt: Translate hello.
result:
  type: object
  required: [translation, confidence]
  additionalProperties: false
  properties: {translation: {type: string}, confidence: {enum: [low, high]}}
`

func says(text string) modeltest.Answer { return modeltest.Answer{Text: text} }

func calls(list ...modeltest.Call) modeltest.Answer { return modeltest.Answer{Calls: list} }

func call(name, args string) modeltest.Call { return modeltest.Call{Name: name, Args: args} }

var (
	bonjour = call("finish", `{"translation": "Bonjour", "confidence": "high"}`)
	salut   = call("finish", `{"translation": "Salut", "confidence": "high"}`)
	wrong   = call("finish", `{"translation": 7, "confidence": "high"}`)
	done    = calls(bonjour)
	lookup  = calls(call("bash", `{"command": "true"}`))
)

func TestOverHTTP(t *testing.T) {
	const result = `{"translation":"Bonjour","confidence":"high"}`
	for _, tt := range []struct {
		name    string
		agent   string // default: translator
		answers []modeltest.Answer
		want    string   // the result, or the error's type and a part of its message
		wires   []string // default: all

		requests int           // default 1
		told     []string      // parts of the last request's messages
		saw      []string      // parts of the transcript, in order
		slept    time.Duration // the first wait, at least; 0: there was none
	}{
		{name: "a valid result", answers: []modeltest.Answer{done}, want: result},
		{name: "wrong types are repaired", answers: []modeltest.Answer{calls(wrong), done}, want: result, requests: 2,
			told: []string{"/translation: expected string, but got integer", "Call finish again"}},
		{name: "a missing and a forbidden field", answers: []modeltest.Answer{calls(call("finish", `{"translation": "Bonjour", "note": 1}`)), done},
			want: result, requests: 2, told: []string{"confidence", "note"}},
		{name: "wrong types to the end", agent: translator + "limits: {result_attempts: 3}\n",
			answers: []modeltest.Answer{calls(wrong), calls(wrong), calls(wrong)},
			want:    "result_invalid: no valid result after 3 attempts", requests: 3},
		{name: "prose instead of a call", answers: []modeltest.Answer{says(result), done}, want: result, requests: 2,
			told: []string{"Call the finish tool with the result", "Text alone does not count"}},
		{name: "prose to the end", agent: translator + "limits: {result_attempts: 2}\n",
			answers: []modeltest.Answer{says("Bonjour"), says("Bonjour")}, want: "result_invalid: without calling finish", requests: 2},
		{name: "prose cut at the output limit", answers: []modeltest.Answer{{Text: "Well, ", Stop: "length"}, done}, want: result, requests: 2,
			told: []string{"Call the finish tool"}},
		{name: "a call cut at the output limit", want: result, requests: 2, wires: withText,
			answers: []modeltest.Answer{{Stop: "length", Calls: []modeltest.Call{call("finish", `{"translation": "Bon`)}}, done},
			told:    []string{"cut off at the output limit and was not carried out"}},
		{name: "an empty answer", answers: []modeltest.Answer{{}, done}, want: result, requests: 2, told: []string{"You ended without a result"}},
		{name: "plain text cut at the output limit", agent: "description: Talk.\nmodel: test/m\nprompt: Talk.\n",
			answers: []modeltest.Answer{{Text: "Well, ", Stop: "length"}, says("Done.")}, want: `"Done."`, requests: 2, told: []string{"Continue, more briefly"}},
		{name: "two results", answers: []modeltest.Answer{calls(wrong, bonjour, salut)}, want: result,
			saw: []string{"expected string", "finish error=false", "finish error=true \"ignored"}},
		{name: "a result among other calls", answers: []modeltest.Answer{calls(bonjour, call("write", `{"path": "a", "content": "x"}`))}, want: result,
			saw: []string{"finish error=false", "write error=false", "workspace", "done: completed"}},
		{name: "a malformed call", wires: []string{"gemini"}, answers: []modeltest.Answer{calls(call("read", `{"path": `)), done}, want: result,
			requests: 2, slept: time.Second, saw: []string{"retry", "MALFORMED_FUNCTION_CALL"}},
		{name: "broken arguments of a tool", wires: withText, answers: []modeltest.Answer{calls(call("read", `{"path": `)), done}, want: result, requests: 2,
			told: []string{"the arguments are not a JSON object and the call was not carried out"}},
		{name: "broken arguments of finish", wires: withText, answers: []modeltest.Answer{calls(call("finish", `{"translation": `)), done}, want: result, requests: 2,
			told: []string{"the arguments are not a JSON object", "Call finish again"}},
		{name: "an unknown tool", answers: []modeltest.Answer{calls(call("browse", `{}`)), done}, want: result, requests: 2,
			told: []string{`there is no tool "browse"; the tools are: bash, edit`}},
		{name: "an unknown argument", answers: []modeltest.Answer{calls(call("read", `{"path": "a", "ofset": 1}`)), done}, want: result, requests: 2,
			told: []string{`did you mean "offset"?`}},
		{name: "a stream cut in the middle", answers: []modeltest.Answer{{Text: "one two three four", Cut: true}, done}, want: result, requests: 2,
			slept: time.Second, saw: []string{"retry", "incomplete"}},
		{name: "streams cut to the end", want: "provider: incomplete", requests: 4, slept: time.Second,
			answers: slices.Repeat([]modeltest.Answer{{Text: "one two three four", Cut: true}}, 4)},
		{name: "a stream that stalls", answers: []modeltest.Answer{{Text: "one two three four", Stall: true}, done}, want: result, requests: 2,
			slept: time.Second, saw: []string{"retry", "silent for 50ms"}},
		{name: "429 with Retry-After", answers: []modeltest.Answer{{Status: 429, Text: "slowly", Header: map[string]string{"Retry-After": "7"}}, done},
			want: result, requests: 2, slept: 7 * time.Second, saw: []string{"rate_limit (HTTP 429): slowly"}},
		{name: "429 with a wait of an hour", answers: []modeltest.Answer{{Status: 429, Text: "slowly", Header: map[string]string{"Retry-After": "3600"}}},
			want: "provider: slowly"},
		{name: "500 twice", answers: []modeltest.Answer{{Status: 500, Text: "oops"}, {Status: 500, Text: "oops"}, done}, want: result, requests: 3, slept: time.Second},
		{name: "529", answers: []modeltest.Answer{{Status: 529, Text: "busy"}, done}, want: result, requests: 2, slept: time.Second},
		{name: "401", answers: []modeltest.Answer{{Status: 401, Text: "no such key"}}, want: "provider: no such key"},
		{name: "400", answers: []modeltest.Answer{{Status: 400, Text: "bad field"}}, want: "provider: bad field"},
		{name: "overflow", answers: []modeltest.Answer{{Status: 400, Text: "This model's maximum context length is 8192 tokens"}},
			want: "context_overflow: maximum context length"},
		{name: "an overflow that a shorter result ends", want: result, requests: 3, told: []string{"left out to save room", "1999"},
			answers: []modeltest.Answer{calls(call("bash", `{"command": "seq 2000"}`)), {Status: 400, Text: "prompt is too long"}, done},
			saw:     []string{"compaction_start", "overflow", "compaction_end"}},
		{name: "an HTML page", answers: []modeltest.Answer{{HTML: true}}, want: "provider: Sign in"},
		{name: "a refusal", answers: []modeltest.Answer{{Text: "I cannot.", Stop: "content_filter"}}, want: "refused: I cannot."},
		{name: "give_up", answers: []modeltest.Answer{calls(call("give_up", `{"reason": "no text"}`))}, want: "gave_up: no text"},
		{name: "text of a tool that looks like a result", requests: 3, want: result,
			answers: []modeltest.Answer{
				calls(call("bash", `{"command": "echo 'finish {\"translation\": \"Fake\", \"confidence\": \"high\"}'"}`)),
				says(`finish {"translation": "Fake", "confidence": "high"}`), done},
			told: []string{"Fake", "You ended without a result"}},
		{name: "limit of turns", agent: translator + "limits: {turns: 2}\n", answers: []modeltest.Answer{lookup, lookup, lookup}, requests: 3,
			want: "limit_turns: limit turns (2)"},
		{name: "a last turn", agent: translator + "limits: {turns: 1}\n", answers: []modeltest.Answer{lookup, done}, requests: 2,
			want: result, told: []string{"only finish and give_up are left"}},
		{name: "limit of tokens", agent: translator + "limits: {tokens: 20}\n", answers: []modeltest.Answer{lookup, lookup}, requests: 2,
			want: "limit_tokens: limit tokens (20) reached: 30 used"},
		{name: "limit of cost", agent: translator + "limits: {cost_usd: 0.02}\n", answers: []modeltest.Answer{lookup, lookup}, requests: 2,
			want: "limit_cost: limit cost_usd (0.02) reached: 0.0300 used"},
		{name: "limit of an unknown cost", agent: strings.Replace(translator, "test/m", "free/m", 1) + "limits: {cost_usd: 0.02}\n",
			want: "limit_cost: the price of free/m is not known"},
		{name: "limit of one step", agent: "description: Talk.\nmodel: test/m\nsteps:\n  - {prompt: Talk., limits: {turns: 1}, continue_on_error: true}\n  - prompt: Talk.\n",
			answers: []modeltest.Answer{lookup, lookup, says("Hello.")}, want: `"Hello."`, requests: 3, saw: []string{"limit turns (1) reached"}},
		{name: "a chain of models", agent: strings.Replace(translator, "test/m", "[test/m, other/n]", 1),
			answers: []modeltest.Answer{{Status: 401, Text: "no such key"}, done}, want: result, requests: 2, saw: []string{"going on with other/n"}},
		{name: "a chain after its retries", agent: strings.Replace(translator, "test/m", "[test/m, other/n]", 1),
			answers: append(slices.Repeat([]modeltest.Answer{{Status: 503, Text: "down"}}, 4), done), want: result, requests: 5, slept: time.Second},
		{name: "a chain ends at an invalid request", agent: strings.Replace(translator, "test/m", "[test/m, other/n]", 1),
			answers: []modeltest.Answer{{Status: 400, Text: "bad field"}}, want: "provider: bad field"},
	} {
		if tt.wires == nil {
			tt.wires = slices.Collect(maps.Keys(wires))
		}
		for _, wireName := range tt.wires {
			t.Run(tt.name+"/"+wireName, func(t *testing.T) {
				if tt.agent == "" {
					tt.agent = translator
				}
				if tt.requests == 0 && len(tt.answers) > 0 {
					tt.requests = 1
				}
				l := connect(t, wireName, agentFile(tt.agent), memory.New(), tt.answers...)
				last, transcript := l.run(t, "")
				if got := outcome(last); got != tt.want && !fits(got, tt.want) {
					t.Errorf("got %s\nwant %s\n%s", got, tt.want, transcript)
				}
				requests := l.server.Requests()
				if len(requests) != tt.requests {
					t.Fatalf("got %d requests, want %d\n%s", len(requests), tt.requests, transcript)
				}
				if err := inOrder(transcript, tt.saw); err != nil {
					t.Errorf("%v in\n%s", err, transcript)
				}
				if tt.requests > 0 {
					text := conversation(t, requests[tt.requests-1])
					if err := inOrder(text, tt.told); err != nil {
						t.Errorf("%v in the last request\n%s", err, text)
					}
				}
				var slept time.Duration
				if len(*l.slept) > 0 {
					slept = (*l.slept)[0]
				}
				if slept < tt.slept || slept > tt.slept*5/4 {
					t.Errorf("waited %v, want %v", *l.slept, tt.slept)
				}
			})
		}
	}
}

// outcome is how a run ended: its result, or the type and message of its error.
func outcome(e engine.Event) string {
	if e.Error != nil {
		return fmt.Sprintf("%s: %s", e.Error.Type, e.Error.Message)
	}
	return compact(e.Result)
}

// fits says whether got is the error of which want is the type and a part.
func fits(got, want string) bool {
	kind, part, _ := strings.Cut(want, ": ")
	message, ok := strings.CutPrefix(got, kind+": ")
	return ok && part != "" && strings.Contains(message, part)
}

// inOrder says which of parts is missing from text behind the one before.
func inOrder(text string, parts []string) error {
	for _, part := range parts {
		_, after, ok := strings.Cut(text, part)
		if !ok {
			return fmt.Errorf("no %q", part)
		}
		text = after
	}
	return nil
}

// conversation is all text in a request's messages, whatever the wire.
func conversation(t testing.TB, r modeltest.Request) string {
	t.Helper()
	var body struct{ Messages, Input, Contents any }
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatalf("request %s: %v", r.Body, err)
	}
	var text strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			text.WriteString(v + "\n")
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(v[name])
			}
		}
	}
	walk([]any{body.Messages, body.Input, body.Contents})
	return text.String()
}

func TestBackoffDoubles(t *testing.T) {
	l := connect(t, "openai", agentFile(translator), memory.New(), slices.Repeat([]modeltest.Answer{{Status: 500, Text: "oops"}}, 4)...)
	last, _ := l.run(t, "")
	if got := outcome(last); !fits(got, "provider: oops") || len(*l.slept) != 3 {
		t.Fatalf("got %s after waits of %v", got, *l.slept)
	}
	for i, d := range *l.slept {
		if least := time.Second << i; d < least || d > least*5/4 {
			t.Errorf("wait %d took %v, want %v and at most a quarter more", i+1, d, least)
		}
	}
}

func TestConnectionRefused(t *testing.T) {
	l := connect(t, "openai", agentFile(translator), memory.New())
	gone := httptest.NewServer(nil)
	gone.Close()
	l.server.URL = gone.URL
	last, _ := l.run(t, "")
	if got := outcome(last); !fits(got, "provider: network") || len(*l.slept) != 3 {
		t.Errorf("got %s after waits of %v", got, *l.slept)
	}
}

func TestUsageAddsUp(t *testing.T) {
	for wireName := range wires {
		st := memory.New()
		l := connect(t, wireName, agentFile(translator), st,
			modeltest.Answer{Calls: lookup.Calls, Input: 100, Output: 20}, modeltest.Answer{Status: 500}, modeltest.Answer{Text: "Well.", Input: 200, Output: 7},
			modeltest.Answer{Calls: done.Calls, Input: 300, Output: 1})
		var sum model.Usage
		var last engine.Event
		for e, err := range start(t, l.cfg).Run(t.Context(), engine.Request{Agent: "main"}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Type == engine.TurnEnd {
				sum.Add(*e.Usage)
			}
			last = e
		}
		if last.Usage.Input != 600 || last.Usage.Output != 28 || last.Usage.CostUSD == nil || fmt.Sprintf("%.3f", *last.Usage.CostUSD) != "0.628" {
			t.Errorf("%s: got %s", wireName, compact(last.Usage))
		}
		stored, err := st.RunByID(t.Context(), last.Run)
		if err != nil {
			t.Fatal(err)
		}
		if compact(sum) != compact(last.Usage) || compact(stored.Settlement.Usage) != compact(last.Usage) {
			t.Errorf("%s: the turns' sum is %s, the run says %s, the store %s", wireName, compact(sum), compact(last.Usage), stored.Settlement.Usage)
		}
	}
}

func TestSessionGoesOn(t *testing.T) {
	for wireName := range wires {
		st := memory.New()
		project := agentFile("description: Talk.\nmodel: test/m\nprompt: Say ${{ date }}.\n")
		first := connect(t, wireName, project, st, calls(call("write", `{"path": "note", "content": "kept"}`)), says("The first answer."))
		first.run(t, "s")
		second := connect(t, wireName, project, st, calls(call("read", `{"path": "note"}`)), says("The second answer."))
		last, transcript := second.run(t, "s")
		if outcome(last) != `"The second answer."` {
			t.Errorf("%s: got %s\n%s", wireName, outcome(last), transcript)
		}
		requests := second.server.Requests()
		if err := inOrder(conversation(t, requests[0]), []string{"Say 2026-03-14.", "The first answer.", "Say 2026-03-14."}); err != nil {
			t.Errorf("%s: %v in\n%s", wireName, err, requests[0].Body)
		}
		if err := inOrder(conversation(t, requests[1]), []string{"kept"}); err != nil {
			t.Errorf("%s: %v in\n%s", wireName, err, requests[1].Body)
		}
	}
}

func TestCallsOfOneAnswer(t *testing.T) {
	t.Run("run side by side", func(t *testing.T) {
		meet := func(own, other string) modeltest.Call {
			return call("bash", fmt.Sprintf(`{"command": ": >%s; until [ -e %s ]; do sleep 0.01; done; echo met %s", "timeout": 20}`, own, other, other))
		}
		l := connect(t, "openai", agentFile(translator), memory.New(), calls(meet("a", "b"), meet("b", "a")), done)
		_, transcript := l.run(t, "")
		if err := inOrder(transcript, []string{"met b", "met a"}); err != nil {
			t.Errorf("%v in\n%s", err, transcript)
		}
	})
	t.Run("write one file in order", func(t *testing.T) {
		edit := func(from, to string) modeltest.Call {
			return call("edit", fmt.Sprintf(`{"path": "f", "old_text": %q, "new_text": %q}`, from, to))
		}
		l := connect(t, "openai", agentFile(translator), memory.New(),
			calls(call("write", `{"path": "/workspace/f", "content": "1"}`), edit("1", "2"), edit("2", "3"), edit("3", "4"), edit("4", "5")),
			calls(call("bash", `{"command": "echo it is $(cat f)"}`)), done)
		_, transcript := l.run(t, "")
		if !strings.Contains(transcript, "it is 5") {
			t.Errorf("the edits did not follow each other:\n%s", transcript)
		}
	})
}

// TestNoKey checks that a missing key is known before anything runs.
func TestNoKey(t *testing.T) {
	st := memory.New()
	l := connect(t, "openai", agentFile(translator), st)
	l.cfg.Models = func(context.Context, string, engine.RunInfo) (engine.Model, error) {
		return engine.Model{}, &model.Error{Kind: model.ErrNoKey, Provider: "test"}
	}
	for e, err := range start(t, l.cfg).Run(t.Context(), engine.Request{Agent: "main"}) {
		var why *model.Error
		if !errors.As(err, &why) || why.Kind != model.ErrNoKey {
			t.Errorf("got %v, %v", e, err)
		}
	}
	if runs, err := st.Runs(t.Context(), store.RunQuery{}); err != nil || len(runs) != 0 {
		t.Errorf("runs %v, %v", runs, err)
	}
}

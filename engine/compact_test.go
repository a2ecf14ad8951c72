package engine_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store/memory"
	"golang.org/x/tools/txtar"
)

// recorder keeps what a model is asked.
type recorder struct {
	model.Provider
	requests *[]*model.Request
}

func (r recorder) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	kept := *req
	kept.Messages = nil
	for _, m := range req.Messages { // as they are now: the conversation goes on
		m.Blocks, m.Usage = slices.Clone(m.Blocks), nil // what an answer cost is not sent
		kept.Messages = append(kept.Messages, m)
	}
	*r.requests = append(*r.requests, &kept)
	return r.Provider.Stream(ctx, req)
}

// recorded is a configuration that keeps what the model main is asked.
func recorded(cfg engine.Config, requests *[]*model.Request) engine.Config {
	find := cfg.Models
	cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
		m, err := find(ctx, id, run)
		if id == "scripted/main" {
			m.Provider = recorder{m.Provider, requests}
		}
		return m, err
	}
	return cfg
}

// lines is a request's system prompt, tools and messages, each as JSON.
func lines(req *model.Request) []string {
	list := []string{compact(req.System), compact(req.Tools)}
	for _, m := range req.Messages {
		list = append(list, compact(m))
	}
	return list
}

// TestCachedPrefix shows that each request begins as the one before, byte for byte, until a compaction.
func TestCachedPrefix(t *testing.T) {
	for name, compactions := range map[string]int{"compaction": 2, "overflow": 2, "typed": 0, "wrong-calls": 0} {
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			project, payload := unpack(archive)
			var requests []*model.Request
			_, transcript := finish(t, start(t, recorded(config(t, project, memory.New()), &requests)).Run(t.Context(), engine.Request{Agent: "main", Payload: payload}))
			breaks := 0
			for i := 1; i < len(requests); i++ {
				before, now := lines(requests[i-1]), lines(requests[i])
				if len(now) < len(before) || !slices.Equal(before, now[:len(before)]) {
					breaks++
				}
			}
			if breaks != compactions || strings.Count(transcript, "compaction_end") != compactions {
				t.Errorf("%d of %d requests begin anew, want %d\n%s", breaks, len(requests), compactions, transcript)
			}
		})
	}
}

// TestRebuiltConversation leaves a run behind each of its events and resumes it: what it asks then is what the run in one
// piece asked.
func TestRebuiltConversation(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/compaction.txtar")
	if err != nil {
		t.Fatal(err)
	}
	project, payload := unpack(archive)
	req := engine.Request{Agent: "main", Payload: payload}
	var whole []*model.Request
	finish(t, start(t, recorded(config(t, project, memory.New()), &whole)).Run(t.Context(), req))
	asked := map[string]bool{}
	for _, r := range whole {
		asked[compact(r.Messages)] = true
	}
	for n, compared := 1, 0; ; n++ {
		st := memory.New()
		run, seen, open := "", 0, 0
		for e, err := range newEngine(t, project, st).Run(t.Context(), req) {
			if err != nil {
				t.Fatal(err)
			}
			run = e.Run
			if seen++; seen == n {
				break
			}
		}
		stored, err := st.RunByID(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if stored.Settlement != nil {
			if compared < len(whole) {
				t.Errorf("only %d requests were compared", compared)
			}
			return
		}
		for entry, err := range st.Entries(t.Context(), stored.Session, 0) {
			switch {
			case err != nil:
				t.Fatal(err)
			case entry.Type == string(engine.ToolStart):
				open++
			case entry.Type == string(engine.ToolEnd):
				open--
			}
		}
		if open > 0 { // what was interrupted has another result
			continue
		}
		var requests []*model.Request
		_, transcript := finish(t, start(t, recorded(config(t, project, st), &requests)).Resume(t.Context(), run))
		for _, r := range requests {
			if compared++; !asked[compact(r.Messages)] {
				t.Errorf("left behind event %d, it asked\n%s\n%s", n, strings.Join(lines(r), "\n"), transcript)
			}
		}
	}
}

// TestSummaryIsCounted shows that what a summary uses is part of the run's usage, and bound by its limits.
func TestSummaryIsCounted(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/compaction.txtar")
	if err != nil {
		t.Fatal(err)
	}
	project, _ := unpack(archive)
	agent := project[".flue/agents/main.yaml"]
	total, atSummary := 0, 0
	for e, err := range newEngine(t, project, memory.New()).Run(t.Context(), engine.Request{Agent: "main"}) {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Type == engine.Done:
			if e.Usage.Total() != total || atSummary == 0 {
				t.Errorf("the run used %d tokens, its requests %d", e.Usage.Total(), total)
			}
		case e.Usage != nil:
			if total += e.Usage.Total(); e.Type == engine.CompactionEnd && atSummary == 0 {
				atSummary = total
			}
		}
	}
	agent.Data = append(agent.Data, fmt.Sprintf("limits: {tokens: %d}\n", atSummary)...)
	last, transcript := finish(t, newEngine(t, project, memory.New()).Run(t.Context(), engine.Request{Agent: "main"}))
	if got := outcome(last); !fits(got, fmt.Sprintf("limit_tokens: (%d) reached: %[1]d used", atSummary)) || strings.Count(transcript, "compaction_end") != 1 {
		t.Errorf("got %s\n%s", got, transcript)
	}
}

// heavy is a model whose provider counts more tokens than flue would guess.
type heavy struct{ asked int }

func (p *heavy) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		p.asked++
		m := &model.Message{Role: model.Assistant, Stop: model.StopEnd, Usage: &model.Usage{Input: 30_000 * p.asked, Output: 10},
			Blocks: []model.Block{{Type: model.TextBlock, Text: fmt.Sprintf("Answer %d.", p.asked)}}}
		if p.asked < 3 {
			m.Stop = model.StopCalls
			m.Blocks = []model.Block{{Type: model.CallBlock, ID: fmt.Sprint("call_", p.asked), Name: "bash", Args: []byte(`{"command":"true"}`)}}
		}
		yield(model.Delta{Message: m}, nil)
	}
}

// TestTheProvidersCount shows that what the provider counted is believed, and that `enabled: false` folds nothing.
func TestTheProvidersCount(t *testing.T) {
	for extra, want := range map[string]int{"": 1, "compaction: {enabled: false}\n": 0, "compaction: {reserve_tokens: 100}\n": 0} {
		cfg := config(t, agentFile("description: Work.\nmodel: test/m\nprompt: Work.\n"+extra), memory.New())
		provider := &heavy{}
		cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
			return engine.Model{ID: id, Provider: provider, Info: model.Info{ContextWindow: 64_000}}, nil
		}
		last, transcript := finish(t, start(t, cfg).Run(t.Context(), engine.Request{Agent: "main"}))
		if got := strings.Count(transcript, "threshold, 600"); got != want || last.Error != nil {
			t.Errorf("%q: %d compactions, want %d\n%s", extra, got, want, transcript)
		}
	}
}

// narrow is a model that says nothing of its window, and refuses requests that are longer. After six calls it gets narrow.
type narrow struct{ window, calls, refused int }

func (p *narrow) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		m := &model.Message{Role: model.Assistant, Stop: model.StopEnd, Blocks: []model.Block{{Type: model.TextBlock, Text: "Done."}}}
		switch {
		case p.calls == 6 && model.EstimateRequest(req) > p.window:
			p.refused++
			yield(model.Delta{}, &model.Error{Kind: model.ErrOverflow, Message: "prompt is too long"})
			return
		case len(req.Tools) > 0 && p.calls < 6:
			p.calls++
			m.Stop = model.StopCalls
			m.Blocks = []model.Block{{Type: model.CallBlock, ID: fmt.Sprint("call_", p.calls), Name: "bash", Args: []byte(`{"command":"seq 2000"}`)}}
		}
		yield(model.Delta{Message: m}, nil)
	}
}

// TestMuchTooLong: what is still too long after a compaction is shortened further until it fits, and so is what a summary is
// made of.
func TestMuchTooLong(t *testing.T) {
	for window, compactions := range map[int]int{1500: 2, 2500: 2, 4000: 1, 14_000: 1, 16_000: 0} {
		cfg := config(t, agentFile("description: Work.\nmodel: test/m\nprompt: Work.\n"), memory.New())
		provider := &narrow{window: window}
		cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
			return engine.Model{ID: id, Provider: provider}, nil
		}
		last, transcript := finish(t, start(t, cfg).Run(t.Context(), engine.Request{Agent: "main"}))
		if last.Error != nil || strings.Count(transcript, "compaction_end") != compactions {
			t.Errorf("a window of %d: refused %d times\n%s", window, provider.refused, transcript)
		}
	}
}

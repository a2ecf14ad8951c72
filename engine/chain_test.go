package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/model/wire"
	"github.com/flue-run/flue/store/memory"
)

// TestChainOverWires goes on with another model over another wire, in the middle of a conversation: the other hears what was
// said and called, each call with its one result, and nothing that only the first one understands. The next run goes back
// to the first, which is shown its own thinking again.
func TestChainOverWires(t *testing.T) {
	seals := map[string]string{"responses": "sealed", "anthropic": "signed", "gemini": "c2VhbGVk"} // of modeltest's thinking
	for first := range wires {
		for second := range wires {
			if first == second {
				continue
			}
			t.Run(first+"-"+second, func(t *testing.T) {
				l := connect(t, first, agentFile(strings.Replace(translator, "test/m", "[one/m, two/m]", 1)), memory.New(),
					modeltest.Answer{Thinking: "hm hm", Text: "I look.", Calls: []modeltest.Call{call("bash", `{"command": "echo found; exit 1"}`), call("read", `{"path": "nowhere"}`)}},
					modeltest.Answer{Status: 401, Text: "no such key"},
					modeltest.Answer{Thinking: "so so", Calls: []modeltest.Call{call("bash", `{"command": "echo again"}`)}}, done, done)
				l.cfg.Models = func(ctx context.Context, id string, run engine.RunInfo) (engine.Model, error) {
					name, over := "one", first
					if strings.HasPrefix(id, "two/") {
						name, over = "two", second
					}
					info := model.Info{Thinking: []model.Thinking{model.ThinkingHigh}}
					return engine.Model{ID: id, Info: info, Provider: wires[over](wire.Config{Name: name, BaseURL: l.server.URL,
						Info: func(string) (model.Info, bool) { return info, true }})}, nil
				}
				for range 2 {
					if last, transcript := l.run(t, "s"); last.Error != nil {
						t.Fatalf("%v\n%s", last.Error, transcript)
					}
				}
				requests := l.server.Requests()
				if len(requests) != 5 {
					t.Fatalf("got %d requests", len(requests))
				}
				own := second
				if second == "anthropic" {
					own = "" // it does not think in a loop that began without
				}
				for i, has := range []string{1: first, 2: "", 3: own, 4: first} {
					body := string(requests[i].Body)
					for name, seal := range seals {
						if got := strings.Contains(body, seal); got != (name == has) {
							t.Errorf("request %d: the seal of %s is in it: %v\n%s", i+1, name, got, body)
						}
					}
					if i == 0 {
						continue
					}
					text := conversation(t, requests[i])
					if err := inOrder(text, []string{"I look.", "found\nexit status 1", "nowhere does not exist"}); err != nil || strings.Count(text, "nowhere does not exist") != 1 {
						t.Errorf("request %d: %v in\n%s", i+1, err, text)
					}
				}
			})
		}
	}
}

package model

import (
	"slices"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	providers := map[string]bool{}
	for _, e := range Endpoints() {
		if providers[e.Name] || !slices.Contains(APIs(), e.API) || e.BaseURL == "" && e.Name != "azure" {
			t.Errorf("endpoint %+v", e)
		}
		providers[e.Name] = true
	}
	for id, info := range table {
		provider, name, ok := SplitID(id)
		if !ok || !providers[provider] || name == "" {
			t.Errorf("%s: no such provider", id)
		}
		if _, err := time.Parse(time.DateOnly, info.AsOf); err != nil || info.ContextWindow < 100_000 || info.MaxOutput > info.ContextWindow {
			t.Errorf("%s: %+v", id, info)
		}
		if p := info.Price; p != nil && !(0 < p.Input && p.Input < p.Output && p.CacheRead <= p.Input) {
			t.Errorf("%s: prices %+v", id, *p)
		}
	}
}

func TestCost(t *testing.T) {
	use := Usage{Input: 1_000_000, Output: 100_000, CacheRead: 2_000_000, CacheWrite: 400_000}
	for _, tt := range []struct {
		price *Price
		want  float64
	}{
		{&Price{Input: 3, Output: 15, CacheRead: 0.5, CacheWrite: 3.75}, 3 + 1.5 + 1 + 1.5},
		{&Price{Input: 3, Output: 15}, 3 + 1.5 + 6 + 1.2},
		{nil, -1},
	} {
		got := Info{Price: tt.price}.Cost(use)
		if got == nil && tt.want >= 0 || got != nil && (*got < tt.want-1e-9 || *got > tt.want+1e-9) {
			t.Errorf("%+v: got %v, want %v", tt.price, got, tt.want)
		}
	}
	if _, known := Lookup("ollama/qwen3"); known {
		t.Error("a model that is not in the table is known")
	}
}

func TestMerge(t *testing.T) {
	base := Info{ContextWindow: 1, MaxOutput: 2, Thinking: fromLow, Price: &Price{Input: 1}, AsOf: "2026-01-01"}
	got := base.Merge(Info{MaxOutput: 3, Thinking: []Thinking{}, Images: true})
	if got.ContextWindow != 1 || got.MaxOutput != 3 || len(got.Thinking) != 0 || !got.Images || got.Price != base.Price {
		t.Errorf("got %+v", got)
	}
}

func TestLevel(t *testing.T) {
	for _, tt := range []struct {
		has        []Thinking
		want, asks Thinking
	}{
		{nil, ThinkingHigh, ""}, {fromLow, ThinkingMinimal, ThinkingLow}, {fromLow, ThinkingOff, ThinkingLow},
		{offAndLow, ThinkingDefault, ThinkingOff}, {offAndLow, ThinkingMinimal, ThinkingLow},
		{[]Thinking{ThinkingLow}, ThinkingHigh, ThinkingLow}, {allLevels, ThinkingMedium, ThinkingMedium},
	} {
		if got := (Info{Thinking: tt.has}).Level(tt.want); got != tt.asks {
			t.Errorf("%q of %q: got %q, want %q", tt.want, tt.has, got, tt.asks)
		}
	}
}

func TestSplitID(t *testing.T) {
	for id, want := range map[string][2]string{
		"openrouter/anthropic/claude": {"openrouter", "anthropic/claude"}, "ollama/qwen3": {"ollama", "qwen3"},
		"qwen3": {}, "/qwen3": {}, "ollama/": {},
	} {
		provider, name, ok := SplitID(id)
		if ok != (want[0] != "") || ok && (provider != want[0] || name != want[1]) {
			t.Errorf("%s: got %q, %q, %v", id, provider, name, ok)
		}
	}
}

func TestSetArgs(t *testing.T) {
	for sent, want := range map[string][2]string{
		"": {"{}"}, " {\"a\": [1, \"<b c>\"]}\n": {`{"a":[1,"<b c>"]}`}, `{"a": 1`: {"", `{"a": 1`}, `[1]`: {"", `[1]`}, `"{}"`: {"", `"{}"`}, "{}{}": {"", "{}{}"},
	} {
		var b Block
		if b.SetArgs([]byte(sent)); string(b.Args) != want[0] || b.BadArgs != want[1] {
			t.Errorf("%q: got %s, %q", sent, b.Args, b.BadArgs)
		}
	}
}

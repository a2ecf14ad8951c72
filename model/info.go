package model

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Info is what is known of a model. A field that is zero is not known.
type Info struct {
	ContextWindow int        `yaml:"context_window"` // tokens, input and output together
	MaxOutput     int        `yaml:"max_output"`     // tokens
	Thinking      []Thinking `yaml:"thinking"`       // the levels it has, least first; empty: it does not think
	Adaptive      bool       `yaml:"adaptive"`       // Anthropic: thinking is asked for by effort, not by a budget
	Images        bool       `yaml:"images"`
	Price         *Price     `yaml:"price"`
	AsOf          string     `yaml:"as_of"` // the day of these facts, 2006-01-02
}

// Price is in USD per million tokens. CacheRead and CacheWrite default to Input.
type Price struct {
	Input      float64 `yaml:"input"`
	Output     float64 `yaml:"output"`
	CacheRead  float64 `yaml:"cache_read"`
	CacheWrite float64 `yaml:"cache_write"`
}

// Merge returns i with what over knows put in its place.
func (i Info) Merge(over Info) Info {
	i.ContextWindow = cmp.Or(over.ContextWindow, i.ContextWindow)
	i.MaxOutput = cmp.Or(over.MaxOutput, i.MaxOutput)
	i.Price = cmp.Or(over.Price, i.Price)
	i.AsOf = cmp.Or(over.AsOf, i.AsOf)
	i.Images = over.Images || i.Images
	i.Adaptive = over.Adaptive || i.Adaptive
	if over.Thinking != nil {
		i.Thinking = over.Thinking
	}
	return i
}

// Cost is what u costs in USD, or nil where the price is not known.
func (i Info) Cost(u Usage) *float64 {
	if i.Price == nil {
		return nil
	}
	p := *i.Price
	cost := (float64(u.Input)*p.Input + float64(u.Output)*p.Output +
		float64(u.CacheRead)*cmp.Or(p.CacheRead, p.Input) + float64(u.CacheWrite)*cmp.Or(p.CacheWrite, p.Input)) / 1e6
	return &cost
}

// Level is the level to ask i for when want is wanted: want itself where i has it, else the next one up, else i's
// highest. It is "" where nothing is to be asked: i does not think, or want is off and i's least level is not known.
func (i Info) Level(want Thinking) Thinking {
	if want == ThinkingDefault {
		want = ThinkingOff
	}
	order := []Thinking{ThinkingOff, ThinkingMinimal, ThinkingLow, ThinkingMedium, ThinkingHigh}
	at := slices.Index(order, want)
	var best Thinking
	for _, level := range i.Thinking {
		if best = level; slices.Index(order, level) >= at {
			break
		}
	}
	return best
}

// Lookup finds the built-in Info of "provider/model-id".
func Lookup(id string) (Info, bool) {
	info, ok := table[id]
	return info, ok
}

// Known lists the built-in models, sorted.
func Known() []string { return slices.Sorted(maps.Keys(table)) }

// SplitID cuts "provider/model-id" at the first slash. It reports false where a part is missing.
func SplitID(id string) (provider, name string, ok bool) {
	provider, name, ok = strings.Cut(id, "/")
	return provider, name, ok && provider != "" && name != ""
}

package console

import (
	"fmt"
	"slices"

	"github.com/flue-run/flue/model"
)

// The chart has a bar for each of the latest turns, as high as the tokens of its request and answer.
const (
	chartWidth, chartHeight = 240, 64
	mostBars                = 60
)

// bar is one turn in the chart, in the chart's own units.
type bar struct {
	X, Width            float64
	InY, InHeight       float64 // what the model was asked
	OutY, OutHeight     float64 // what it answered
	CacheY, CacheHeight float64 // what the provider had in its cache of what it was asked
	Title               string
}

// chart is the tokens of a session's turns, and what they cost.
type chart struct {
	Width, Height int
	Bars          []bar
	Most          int // tokens of the highest bar
	First         int // the first turn that is shown, from 1
}

// Chart draws the turns' usage.
func (s *summary) Chart() chart {
	c := chart{Width: chartWidth, Height: chartHeight, First: 1}
	turns := s.bars
	if more := len(turns) - mostBars; more > 0 {
		turns, c.First = turns[more:], more+1
	}
	if len(turns) == 0 {
		return c
	}
	c.Most = slices.MaxFunc(turns, func(a, b model.Usage) int { return a.Total() - b.Total() }).Total()
	width := min(float64(chartWidth)/float64(len(turns)), 24)
	scale := float64(chartHeight) / float64(max(c.Most, 1))
	for i, u := range turns {
		in, cached, out := float64(u.Input+u.CacheWrite)*scale, float64(u.CacheRead)*scale, float64(u.Output)*scale
		c.Bars = append(c.Bars, bar{
			X: float64(i) * width, Width: max(width-1, 1),
			CacheY: chartHeight - cached, CacheHeight: cached,
			InY: chartHeight - cached - in, InHeight: in,
			OutY: chartHeight - cached - in - out, OutHeight: out,
			Title: fmt.Sprintf("turn %d: %d in, %d from the cache, %d out; %s", c.First+i, u.Input+u.CacheWrite, u.CacheRead, u.Output, usageText(&u)),
		})
	}
	return c
}

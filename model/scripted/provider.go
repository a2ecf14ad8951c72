package scripted

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/model"
)

// Config is what a script needs from its surroundings.
type Config struct {
	Name    string // of the document: the model is scripted/<name>
	Payload any    // of the run

	// Eval evaluates a string with ${{ }} in it; a string that is one expression keeps its type. The names are payload,
	// captures, last and turn. A script without expressions needs none.
	Eval func(template string, vars map[string]any) (any, error)

	// Answered are the messages of the run so far, when it is resumed: the script goes on where it was.
	Answered []model.Message

	Idle time.Duration // how long a stalled stream is silent before it is a timeout; default 60 s
}

// Provider plays a script for the conversation of one run. It remembers its place, so each run and each sub-agent
// needs its own.
type Provider struct {
	script Script
	cfg    Config

	mu  sync.Mutex
	pos position
}

var _ model.Provider = (*Provider)(nil)

// New starts script at its first turn, or behind the turns that cfg.Answered shows.
func New(script Script, cfg Config) *Provider {
	if cfg.Idle == 0 {
		cfg.Idle = time.Minute
	}
	p := &Provider{script: script, cfg: cfg}
	for i, m := range cfg.Answered {
		if m.Role != model.Assistant || m.Model != "scripted/"+cfg.Name {
			continue
		}
		for { // faults were part of the run, but are not among its messages
			turn, _, err := p.pos.choose(&p.script, &p.cfg, cfg.Answered[:i])
			if turn == nil || err != nil {
				return p // the next request meets the same error and returns it
			}
			if p.pos.failed = turn.faults(); turn.answers() {
				p.pos.advance(turn)
				break
			}
		}
	}
	return p
}

// Stream gives the next turn's answer, or its next fault. A turn counts as given when its last delta is handed out.
func (p *Provider) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		fail := func(err *model.Error) { yield(model.Delta{}, err) }

		p.mu.Lock()
		pos := p.pos
		p.mu.Unlock()
		turn, vars, err := pos.choose(&p.script, &p.cfg, req.Messages)
		if err != nil {
			fail(p.scriptError(err))
			return
		}
		if turn == nil {
			fail(p.scriptError(fmt.Errorf("past the end: it has %d turns", len(p.script.Turns))))
			return
		}
		msg, err := p.answer(turn, req, vars)
		if err != nil {
			fail(p.scriptError(fmt.Errorf("turn %d: %w", pos.next+1, err)))
			return
		}
		if err := p.wait(ctx, turn.Delay); err != nil {
			fail(err)
			return
		}

		failing := pos.failed < turn.faults()
		if failing {
			pos.failed++
		} else {
			pos.advance(turn)
		}
		keep := func() {
			p.mu.Lock()
			p.pos = pos
			p.mu.Unlock()
		}
		switch window := p.script.ContextWindow; {
		case failing && turn.Error != nil:
			keep()
			fail(turn.Error.asError())
			return
		case failing && turn.Overflow:
			keep()
			fail(&model.Error{Kind: model.ErrOverflow, Provider: "scripted", Status: 400, Message: "prompt is too long"})
			return
		case window > 0 && msg.Usage.Input > window:
			fail(&model.Error{Kind: model.ErrOverflow, Provider: "scripted", Status: 400,
				Message: fmt.Sprintf("prompt is too long: %d tokens > %d maximum", msg.Usage.Input, window)})
			return
		}

		deltas := split(msg)
		if failing {
			deltas = deltas[:len(deltas)/2]
		}
		for _, d := range deltas {
			if err := p.wait(ctx, 0); err != nil {
				fail(err)
				return
			}
			if !yield(d, nil) {
				return
			}
		}
		switch {
		case failing && turn.Stall:
			if err := p.wait(ctx, p.cfg.Idle); err != nil {
				fail(err)
				return
			}
			keep()
			fail(&model.Error{Kind: model.ErrTimeout, Provider: "scripted",
				Message: fmt.Sprintf("the stream was silent for %v", p.cfg.Idle)})
		case failing:
			keep()
			fail(&model.Error{Kind: model.ErrIncomplete, Provider: "scripted",
				Message: "the stream ended without a finish reason"})
		default:
			keep()
			yield(model.Delta{Message: msg}, nil)
		}
	}
}

// split cuts what msg says into deltas of one word.
func split(msg *model.Message) []model.Delta {
	var deltas []model.Delta
	for _, b := range msg.Blocks {
		for word := range strings.SplitAfterSeq(b.Text, " ") {
			switch {
			case word == "":
			case b.Type == model.ThinkingBlock:
				deltas = append(deltas, model.Delta{Thinking: word})
			case b.Type == model.TextBlock:
				deltas = append(deltas, model.Delta{Text: word})
			}
		}
	}
	return deltas
}

// wait returns after d, or an error at once when ctx ends.
func (p *Provider) wait(ctx context.Context, d time.Duration) *model.Error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if err := ctx.Err(); err != nil {
		return &model.Error{Kind: model.ErrCanceled, Provider: "scripted", Err: err}
	}
	return nil
}

// scriptError is a mistake in the script, which no retry mends.
func (p *Provider) scriptError(err error) *model.Error {
	return &model.Error{Kind: model.ErrInvalid, Provider: "scripted", Err: fmt.Errorf("script %q: %w", p.cfg.Name, err)}
}

func (f *Fault) asError() *model.Error {
	text := http.StatusText(f.Status)
	if f.Status == 529 {
		text = "Overloaded"
	}
	return &model.Error{Kind: model.KindOfStatus(f.Status), Provider: "scripted", Status: f.Status, Message: text,
		RetryAfter: f.RetryAfter}
}

package engine

import (
	"cmp"
	"context"
	_ "embed"
	"errors"

	"github.com/flue-run/flue/model"
)

// compactText is the system prompt of the request for a summary.
//
//go:embed compact.md
var compactText string

// The defaults of an agent's compaction, in tokens. A window of less than four times as much has a quarter of it.
const (
	reserveTokens    = 16_384
	keepRecentTokens = 20_000
)

// leastTold is how many tokens of a conversation a model that is to summarize it is told at least.
const leastTold = 256

// The reasons of a compaction.
const (
	overThreshold = "threshold" // too little of the window is left for the answer
	overWindow    = "overflow"  // the provider refused the request as too long
)

// askFitting sends the turn's request, after shortening the conversation where it has become too long for m. One that
// the provider says is too long even so is shortened further and sent again, as long as there is something to shorten.
func (c *conversation) askFitting(ctx context.Context, m Model) (model.Message, error) {
	if err := c.fit(ctx, m); err != nil {
		return model.Message{}, err
	}
	for refused := 1; ; refused++ {
		answer, err := c.ask(ctx, m, c.request(m), true)
		if !overflows(err) || !c.compacts() {
			return answer, err
		}
		shorter, failed := c.compact(ctx, m, refused)
		if failed != nil {
			return answer, failed
		}
		if !shorter {
			return answer, err
		}
	}
}

// overflows says whether err is that a request is too long.
func overflows(err error) bool {
	var why *model.Error
	return errors.As(err, &why) && why.Kind == model.ErrOverflow
}

func (c *conversation) compacts() bool {
	enabled := c.agent.Compaction.Enabled
	return enabled == nil || *enabled
}

// fit shortens the conversation if its next request would leave m too little of its window. Of a model whose window is
// not known, only an overflow tells that.
func (c *conversation) fit(ctx context.Context, m Model) error {
	window := m.Info.ContextWindow
	if window == 0 || !c.compacts() || c.talk.tokens(c.request(m)) <= window-c.reserve(window) {
		return nil
	}
	_, err := c.compact(ctx, m, 0)
	return err
}

// reserve is how much of a window is kept free for the answer.
func (c *conversation) reserve(window int) int {
	return min(cmp.Or(c.agent.Compaction.ReserveTokens, min(reserveTokens, window/4)), window)
}

// compact folds the older messages into a summary and, where the latest alone are too long, cuts the middle out of their
// results. How often the provider has refused the turn's request as too long says how much: each time half as much is
// kept. It reports whether there was anything to shorten.
func (c *conversation) compact(ctx context.Context, m Model, refused int) (bool, error) {
	reason := overThreshold
	if refused > 0 {
		reason = overWindow
	}
	req := c.request(m)
	tokens := c.talk.tokens(req)
	window := m.Info.ContextWindow
	if reason == overWindow && (window == 0 || tokens < window) {
		window = tokens // what was refused is over the window, whatever is known of it
	}
	// From here on everything is estimated, with the window made as much smaller as the estimate is too low.
	limit := (window - c.reserve(window)) * model.EstimateRequest(req) / max(tokens, 1)
	req.Messages = nil
	limit = max(limit-model.EstimateRequest(req), 0) // what is left for the messages
	keep := min(cmp.Or(c.agent.Compaction.KeepRecentTokens, min(keepRecentTokens, window/4)), limit/2) >> refused
	cut := c.talk.cut(keep)
	end := Event{Type: CompactionEnd}
	if recent := estimate(c.talk.messages[cut:]); recent > keep && (reason == overWindow || recent > limit) {
		end.MaxResult = longestResult(c.talk.messages[cut:], keep)
	}
	if cut == 0 && end.MaxResult == 0 {
		return false, nil
	}
	c.journal.add(c.event(Event{Type: CompactionStart, Reason: reason, Tokens: tokens}))
	if cut > 0 {
		if err := c.summarize(ctx, cut, limit, &end); err != nil {
			return false, err
		}
	}
	c.talk.compact(end)
	c.journal.add(c.event(end))
	return true, nil
}

// summarize has the first messages summarized, into end. What that costs is counted like every other request.
func (c *conversation) summarize(ctx context.Context, cut, limit int, end *Event) error {
	chain, err := c.writers(ctx, c.models)
	if err != nil {
		return err
	}
	old := c.talk.messages[:cut]
	answer, err := c.send(ctx, &chain, func(writer Model) (model.Message, error) {
		room := limit
		if window := writer.Info.ContextWindow; window > 0 {
			room = min(window-c.reserve(window)-len(compactText)/4, 2*limit)
		}
		for {
			req := &model.Request{Model: modelID(writer.ID), System: compactText, Messages: []model.Message{model.UserText(tell(old, max(room, leastTold)))},
				Thinking: writer.Info.Level(model.ThinkingOff)}
			answer, err := c.ask(ctx, writer, req, false)
			if !overflows(err) || room <= leastTold {
				return answer, err
			}
			room /= 2 // its window is smaller than was thought
		}
	})
	var why *model.Error
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &why): // it was tried as often as any request: the turn must not try it again
		return c.failed(failure(ctx, err).Type, "summary of the conversation: "+why.Error(), nil)
	case err != nil:
		return err
	}
	usage := c.pay(chain[0], answer)
	end.Usage, end.Model, end.Replaced = &usage, chain[0].ID, cut
	end.FilesRead, end.FilesModified = c.talk.files(cut)
	message := c.talk.summary(answer.Text(), *end, limit) // bytes: a quarter of what there is room for
	end.Message = &message
	return nil
}

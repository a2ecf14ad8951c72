package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/tools"
)

// A request that failed for a passing reason is sent again so many times, after waits that double from retryBase.
// A provider that asks for a longer wait than retryMost is taken as failed.
const (
	retries   = 3
	retryBase = time.Second
	retryMost = 5 * time.Minute
)

// turn asks the model once, and again where that fails for a passing reason. The answer is in the conversation
// and in line for the log when it returns.
func (c *conversation) turn(ctx context.Context) (model.Message, error) {
	if err := c.count(); err != nil {
		return model.Message{}, err
	}
	c.journal.add(c.event(Event{Type: TurnStart, Model: c.models[0].ID}))
	answer, err := c.send(ctx, &c.models, func(m Model) (model.Message, error) { return c.askFitting(ctx, m) })
	if err == nil {
		c.account(answer)
	}
	return answer, err
}

// send asks the first model of a chain, and again where that fails for a passing reason. Where it fails for good and
// another one may answer, chain begins with that one from then on.
func (c *conversation) send(ctx context.Context, chain *[]Model, ask func(Model) (model.Message, error)) (model.Message, error) {
	for failed := 0; ; {
		answer, err := ask((*chain)[0])
		if err == nil {
			return answer, nil
		}
		if ctx.Err() != nil {
			return answer, context.Cause(ctx)
		}
		var why *model.Error
		if !errors.As(err, &why) {
			return answer, err
		}
		switch {
		case why.Retryable() && failed < retries && why.RetryAfter <= retryMost:
			if err := c.wait(ctx, why.Error(), retryDelay(failed, why.RetryAfter)); err != nil {
				return answer, err
			}
			failed++
		case len(*chain) > 1 && why.Kind != model.ErrInvalid && why.Kind != model.ErrOverflow:
			*chain, failed = (*chain)[1:], 0
			if err := c.wait(ctx, fmt.Sprintf("%v; going on with %s", why, (*chain)[0].ID), 0); err != nil {
				return answer, err
			}
		default:
			return answer, err
		}
	}
}

// count counts a turn, if the limits of the run, the sub-agents and the step allow another.
//
// When the turns of the step, or of the agent whose step it is, are used up, one last turn is left without tools.
func (c *conversation) count() error {
	own := len(c.meters) - 2 // those before are of agents that delegated to this one, which keep their own last turn
	if !c.last && slices.ContainsFunc(c.meters[own:], (*meter).exhausted) {
		c.endTools()
	}
	for i, m := range c.meters {
		turn, err := m.begin(c.models[0], c.last && i >= own)
		if err != nil {
			return err
		}
		if i == 0 {
			c.number = turn
		}
	}
	return nil
}

// endTools leaves the model what ends the step, for its last turn, and tells it so.
func (c *conversation) endTools() {
	c.last, c.defs = true, nil
	text := "The limit on turns is reached: this is your last turn, without tools. Give your final answer now, as well as you can from what you know."
	if c.result != nil {
		c.defs = []model.ToolDef{c.result.def, tools.GiveUp()}
		text = "The limit on turns is reached: this is your last turn, and only finish and give_up are left. " +
			"Call finish with the best result that you can give from what you know, or give_up with the reason."
	}
	if m := c.talk.messages[len(c.talk.messages)-1]; m.Role != model.User || m.Text() != text { // resumed: it was told
		c.remind(lastTurn, text)
	}
}

// retryDelay is the provider's wish, else an exponential wait with jitter of up to a quarter.
func retryDelay(failed int, wish time.Duration) time.Duration {
	if wish > 0 {
		return wish
	}
	d := retryBase << failed
	return d + rand.N(d/4)
}

// request is what the turn asks m.
func (c *conversation) request(m Model) *model.Request {
	return &model.Request{
		Model:    modelID(m.ID),
		System:   c.system,
		Messages: c.talk.messages,
		Tools:    c.defs,
		Thinking: m.Info.Level(cmp.Or(c.thinking, model.ThinkingMedium)),
		CacheKey: c.key.Session,
	}
}

// ask sends one request to m, if the limits allow it, and hands out the answer's deltas if they are to be shown.
func (c *conversation) ask(ctx context.Context, m Model, req *model.Request, shown bool) (model.Message, error) {
	for _, meter := range c.meters {
		if err := meter.afford(m); err != nil {
			return model.Message{}, err
		}
	}
	if err := c.journal.flushNews(ctx); err != nil {
		return model.Message{}, err
	}
	for delta, err := range m.Provider.Stream(ctx, req) {
		if err != nil {
			return model.Message{}, err
		}
		if shown && delta.Text != "" {
			err = c.journal.live(ctx, c.event(Event{Type: TextDelta, Text: delta.Text}))
		}
		if err == nil && shown && delta.Thinking != "" {
			err = c.journal.live(ctx, c.event(Event{Type: ThinkingDelta, Text: delta.Thinking}))
		}
		if err != nil {
			return model.Message{}, err
		}
		if delta.Message != nil {
			answer := *delta.Message
			answer.Model = m.ID
			return answer, nil
		}
	}
	return model.Message{}, &model.Error{Kind: model.ErrIncomplete, Provider: m.ID, Message: "the stream ended without an answer"}
}

// account puts the turn's answer into the conversation, the log and the meters.
func (c *conversation) account(answer model.Message) {
	usage := c.pay(c.models[0], answer)
	answer.Usage = &usage
	c.say(answer)
	c.journal.add(c.event(Event{Type: TurnEnd, Usage: &usage}))
}

// pay counts what an answer of m has used, and returns it with its price.
func (c *conversation) pay(m Model, answer model.Message) model.Usage {
	usage := model.Usage{Estimated: true}
	if answer.Usage != nil {
		usage = *answer.Usage
	}
	if usage.CostUSD == nil { // some providers tell the price themselves
		usage.CostUSD = m.Info.Cost(usage)
	}
	for _, meter := range c.meters {
		meter.add(usage)
	}
	return usage
}

func (c *conversation) event(e Event) Event {
	e = c.step.event(e)
	e.Turn = c.number
	return e
}

// modelID is what follows the first slash of "provider/model-id".
func modelID(id string) string {
	_, name, _ := model.SplitID(id)
	return name
}

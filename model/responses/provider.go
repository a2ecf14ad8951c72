// Package responses speaks OpenAI's Responses, where a model's thinking goes back to it from call to call: encrypted, so
// that the endpoint stores nothing. Start at Provider.Stream; request.go is what is sent, answer.go what comes back.
package responses

import (
	"context"
	"crypto/rand"
	"iter"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// Config says where the endpoint is. Of its Compat, CacheKey, Cost, NoStrict, NoTools and Summary count.
type Config = wire.Config

// Provider is an endpoint of Responses.
type Provider struct {
	client *wire.Client
	newID  func() string // for a call that came without an id, or with one that is taken
}

var _ model.Provider = (*Provider)(nil)

// New returns the provider at cfg.
func New(cfg Config) *Provider {
	return &Provider{client: wire.NewBearerClient(cfg), newID: func() string { return "call_" + rand.Text()[:16] }}
}

// Stream asks for a response to req.
func (p *Provider) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		res, err := p.client.Post(ctx, "responses", p.body(req))
		if err != nil {
			yield(model.Delta{}, err)
			return
		}
		defer res.Close()

		a := answer{cost: p.client.Compat.Cost}
		for a.status == "" {
			delta, err := a.next(res)
			if err != nil {
				yield(model.Delta{}, err)
				return
			}
			if delta != (model.Delta{}) && !yield(delta, nil) {
				return
			}
		}
		if res.Whole == nil {
			res.Drain()
		}
		yield(model.Delta{Message: p.message(&a, req)}, nil)
	}
}

// message is the whole answer in flue's words.
func (p *Provider) message(a *answer, req *model.Request) *model.Message {
	msg := &model.Message{Role: model.Assistant, Blocks: a.blocks(), Model: p.client.Name + "/" + req.Model, Stop: a.stop(), Usage: a.usage}
	model.UniqueIDs(msg.Blocks, req.Messages, p.newID)
	if msg.Usage == nil {
		usage := model.EstimateUsage(req, msg.Blocks)
		msg.Usage = &usage
	}
	return msg
}

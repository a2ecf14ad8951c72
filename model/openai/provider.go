// Package openai speaks Chat Completions, the wire of OpenAI and of the many servers that copy it. Start at
// Provider.Stream; request.go is what is sent, answer.go what comes back.
package openai

import (
	"context"
	"crypto/rand"
	"io"
	"iter"
	"sync/atomic"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// Config says where the endpoint is and how it differs from OpenAI's.
type Config = wire.Config

// Provider is an endpoint of Chat Completions.
type Provider struct {
	client *wire.Client
	newID  func() string // for a call that came without an id, or with one that is taken
	tools  atomic.Pointer[toolList]
}

var _ model.Provider = (*Provider)(nil)

// New returns the provider at cfg.
func New(cfg Config) *Provider {
	return &Provider{client: wire.NewBearerClient(cfg), newID: func() string { return "call_" + rand.Text()[:16] }}
}

// Stream asks for a completion of req.
func (p *Provider) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		res, err := p.client.Post(ctx, "chat/completions", p.body(req))
		if err != nil {
			yield(model.Delta{}, err)
			return
		}
		defer res.Close()

		a := answer{cost: p.client.Compat.Cost}
		if res.Whole != nil {
			delta, err := a.chunk(res, res.Whole, "message")
			if err != nil {
				yield(model.Delta{}, err)
				return
			}
			if delta != (model.Delta{}) && !yield(delta, nil) {
				return
			}
		} else if !p.read(res, &a, yield) {
			return
		}
		if a.finish == "" {
			yield(model.Delta{}, res.Incomplete())
			return
		}
		yield(model.Delta{Message: p.message(&a, req)}, nil)
	}
}

// read streams res into a. It reports false when there is nobody left to tell.
func (p *Provider) read(res *wire.Answer, a *answer, yield func(model.Delta, error) bool) bool {
	for {
		data, err := res.Next()
		switch {
		case err == io.EOF:
			return true
		case string(data) == "[DONE]":
			res.Drain()
			return true
		case err != nil && a.finish != "" && !wire.Canceled(err):
			return true // the answer is whole; only the usage or the end mark was lost
		case err != nil:
			yield(model.Delta{}, err)
			return false
		}
		delta, err := a.chunk(res, data, "delta")
		if err != nil {
			yield(model.Delta{}, err)
			return false
		}
		if delta != (model.Delta{}) && !yield(delta, nil) {
			return false
		}
	}
}

// message is the whole answer in flue's words.
func (p *Provider) message(a *answer, req *model.Request) *model.Message {
	msg := &model.Message{Role: model.Assistant, Blocks: []model.Block{}, Model: p.client.Name + "/" + req.Model, Usage: a.usage}
	if a.thinking.Len() > 0 {
		msg.Blocks = append(msg.Blocks, model.Block{Type: model.ThinkingBlock, Text: a.thinking.String()})
	}
	if a.text.Len() > 0 {
		msg.Blocks = append(msg.Blocks, model.Block{Type: model.TextBlock, Text: a.text.String()})
	}
	for _, c := range a.calls {
		b := model.Block{Type: model.CallBlock, ID: c.id, Name: c.name, Signature: c.extra}
		b.SetArgs(c.args)
		msg.Blocks = append(msg.Blocks, b)
	}
	model.UniqueIDs(msg.Blocks, req.Messages, p.newID)
	msg.Stop = a.stop()
	if msg.Usage == nil {
		usage := model.EstimateUsage(req, msg.Blocks)
		msg.Usage = &usage
	}
	return msg
}

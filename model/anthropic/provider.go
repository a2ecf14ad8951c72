// Package anthropic speaks Anthropic's Messages, with prompt caching and signed thinking. Start at Provider.Stream;
// request.go is what is sent, answer.go what comes back.
package anthropic

import (
	"context"
	"crypto/rand"
	"io"
	"iter"
	"strings"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// Config says where the endpoint is. Its Compat counts for NoStrict only.
type Config = wire.Config

// Provider is an endpoint of Messages.
type Provider struct {
	client *wire.Client
	path   string
}

var _ model.Provider = (*Provider)(nil)

// New returns the provider at cfg, whose BaseURL may end in /v1 or stop before it.
func New(cfg Config) *Provider {
	header := map[string]string{"anthropic-version": "2023-06-01"}
	if cfg.Key != "" {
		header["x-api-key"] = cfg.Key
	}
	path := "v1/messages"
	if strings.HasSuffix(strings.TrimSuffix(cfg.BaseURL, "/"), "/v1") {
		path = "messages"
	}
	return &Provider{client: wire.NewClient(cfg, header), path: path}
}

// Stream asks for a message that answers req.
func (p *Provider) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		res, err := p.client.Post(ctx, p.path, p.body(req))
		if err != nil {
			yield(model.Delta{}, err)
			return
		}
		defer res.Close()

		var a answer
		if res.Whole != nil {
			delta, err := a.whole(res)
			if err != nil {
				yield(model.Delta{}, err)
				return
			}
			if delta != (model.Delta{}) && !yield(delta, nil) {
				return
			}
		}
		for res.Whole == nil && !a.stopped {
			data, err := res.Next()
			if err == io.EOF || err != nil && a.reason != "" && !wire.Canceled(err) {
				break // with a reason the answer is whole; only the end mark was lost
			}
			var delta model.Delta
			if err == nil {
				delta, err = a.event(res, data)
			}
			if err != nil {
				yield(model.Delta{}, err)
				return
			}
			if delta != (model.Delta{}) && !yield(delta, nil) {
				return
			}
		}
		if a.stopped {
			res.Drain()
		}
		if a.reason == "" {
			yield(model.Delta{}, res.Incomplete())
			return
		}
		yield(model.Delta{Message: p.message(&a, req)}, nil)
	}
}

// message is the whole answer in flue's words.
func (p *Provider) message(a *answer, req *model.Request) *model.Message {
	msg := &model.Message{Role: model.Assistant, Model: p.client.Name + "/" + req.Model, Blocks: a.done(),
		Stop: a.stop(), Usage: &a.usage}
	model.UniqueIDs(msg.Blocks, req.Messages, func() string { return "toolu_" + rand.Text()[:16] })
	if a.usage.Total() == 0 {
		a.usage = model.EstimateUsage(req, msg.Blocks)
	}
	return msg
}

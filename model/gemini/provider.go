// Package gemini speaks Google's generateContent, with signed thinking. Start at Provider.Stream; request.go is what is
// sent, schema.go the parameters of tools in it, answer.go what comes back.
package gemini

import (
	"context"
	"crypto/rand"
	"io"
	"iter"
	"net/url"
	"strings"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/wire"
)

// Config says where the endpoint is. Its Compat counts for NoStrict only.
type Config = wire.Config

// Provider is an endpoint of generateContent.
type Provider struct {
	client  *wire.Client
	version string        // what of the path BaseURL leaves to say
	newID   func() string // for a call that came without an id, as older models' do
}

var _ model.Provider = (*Provider)(nil)

// made marks the ids that are flue's own and mean nothing to Google.
const made = "call_flue_"

// New returns the provider at cfg, whose BaseURL may end in a version, such as /v1beta, or stop before it.
func New(cfg Config) *Provider {
	header := map[string]string{}
	if cfg.Key != "" {
		header["x-goog-api-key"] = cfg.Key
	}
	p := &Provider{client: wire.NewClient(cfg, header), newID: func() string { return made + rand.Text()[:16] }}
	if !strings.Contains(cfg.BaseURL, "/v1") {
		p.version = "v1beta/"
	}
	return p
}

// Stream asks for content that answers req.
func (p *Provider) Stream(ctx context.Context, req *model.Request) iter.Seq2[model.Delta, error] {
	return func(yield func(model.Delta, error) bool) {
		name := "models/" + url.PathEscape(req.Model)
		if kind, id, ok := strings.Cut(req.Model, "/"); ok { // tunedModels/…
			name = url.PathEscape(kind) + "/" + url.PathEscape(id)
		}
		res, err := p.client.Post(ctx, p.version+name+":streamGenerateContent?alt=sse", p.body(req))
		if err != nil {
			yield(model.Delta{}, err)
			return
		}
		defer res.Close()

		var a answer
		for {
			delta, err := a.next(res)
			if err == io.EOF {
				break
			}
			if err != nil {
				yield(model.Delta{}, err)
				return
			}
			if delta != (model.Delta{}) && !yield(delta, nil) {
				return
			}
		}
		if err := a.failed(res); err != nil {
			yield(model.Delta{}, err)
			return
		}
		yield(model.Delta{Message: p.message(&a, req)}, nil)
	}
}

// message is the whole answer in flue's words.
func (p *Provider) message(a *answer, req *model.Request) *model.Message {
	msg := &model.Message{Role: model.Assistant, Blocks: a.done(), Model: p.client.Name + "/" + req.Model, Stop: a.stop(), Usage: &a.usage}
	model.UniqueIDs(msg.Blocks, req.Messages, p.newID)
	if a.usage.Total() == 0 {
		a.usage = model.EstimateUsage(req, msg.Blocks)
	}
	return msg
}

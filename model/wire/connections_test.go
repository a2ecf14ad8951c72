package wire_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/anthropic"
	"github.com/flue-run/flue/model/gemini"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/model/openai"
	"github.com/flue-run/flue/model/responses"
	"github.com/flue-run/flue/model/wire"
)

var adapters = map[string]func(wire.Config) model.Provider{
	"openai":    func(cfg wire.Config) model.Provider { return openai.New(cfg) },
	"responses": func(cfg wire.Config) model.Provider { return responses.New(cfg) },
	"anthropic": func(cfg wire.Config) model.Provider { return anthropic.New(cfg) },
	"gemini":    func(cfg wire.Config) model.Provider { return gemini.New(cfg) },
}

// TestConnectionsAreShared: providers are made for each run, and use the connections that earlier ones have opened.
func TestConnectionsAreShared(t *testing.T) {
	const atOnce, rounds = 16, 5
	for name, connect := range adapters {
		t.Run(name, func(t *testing.T) {
			var opened atomic.Int32
			models := &modeltest.Server{}
			server := httptest.NewUnstartedServer(models)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					opened.Add(1)
				}
			}
			server.Start()
			defer server.Close()
			for round := range rounds {
				hold := make(chan struct{})
				var wg sync.WaitGroup
				for range atOnce {
					models.Add(modeltest.Answer{Text: "one two three", Hold: hold})
					wg.Go(func() {
						p := connect(wire.Config{Name: "p", BaseURL: server.URL + "/v1"})
						for _, err := range p.Stream(t.Context(), &model.Request{Model: "m"}) {
							if err != nil {
								t.Error(err)
							}
						}
					})
				}
				for len(models.Requests()) < (round+1)*atOnce && !t.Failed() {
					runtime.Gosched()
				}
				close(hold)
				wg.Wait()
			}
			if n := opened.Load(); n > 2*atOnce {
				t.Errorf("%d requests, %d at a time, opened %d connections", atOnce*rounds, atOnce, n)
			}
		})
	}
}

// TestAnswersAreReadToTheEnd: behind the mark that ends a stream is the end of the HTTP answer. A connection on which that
// was not read is lost.
func TestAnswersAreReadToTheEnd(t *testing.T) {
	for name, connect := range adapters {
		server := modeltest.NewServer(t, modeltest.Answer{Text: "one two three"})
		seen := &ends{}
		p := connect(wire.Config{Name: "p", BaseURL: server.URL, HTTPClient: &http.Client{Transport: seen}})
		for _, err := range p.Stream(t.Context(), &model.Request{Model: "m"}) {
			if err != nil {
				t.Error(err)
			}
		}
		if !seen.end {
			t.Errorf("%s: the answer was left before its end", name)
		}
	}
}

// ends is a transport that notes whether an answer was read to its end.
type ends struct {
	io.ReadCloser
	end bool
}

func (e *ends) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		e.ReadCloser, res.Body = res.Body, e
	}
	return res, err
}

func (e *ends) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if n > 0 && err == io.EOF {
		err = nil // the end comes by itself, as from a server far away
	}
	e.end = e.end || err == io.EOF
	return n, err
}

// Package wire sends a request to a model's HTTP endpoint and reads the answer, a stream of events or one JSON
// document, for every wire format in the folders beside it. Start at Client.Post; classify.go says what an error
// answer means.
package wire

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/model"
)

// Config says where a provider is, what it is like and with which key it is asked.
type Config struct {
	Name    string // of the provider: in errors and in "provider/model-id"
	BaseURL string // what the paths of requests are appended to; a query stays
	Key     string // empty: none is sent, which suits local servers
	Headers map[string]string
	Compat  model.Compat

	Info       func(id string) (model.Info, bool) // of "provider/model-id"; default: model.Lookup
	HTTPClient *http.Client                       // default: one whose connections all clients share
	FirstByte  time.Duration                      // how long the first byte of an answer may take; default 120 s
	Idle       time.Duration                      // how long a stream may be silent after it; default 60 s
}

// Client sends requests to one endpoint. Nothing of the process's environment goes into them; only the transport of
// net/http reads the proxy variables.
type Client struct {
	Config
	http        *http.Client
	header      http.Header // of every request
	base, query string      // of BaseURL; base ends with a slash
}

var errSilent = errors.New("silent")

// shared keeps the connections of all clients of the process: a run has clients of its own, and the next run goes on with
// their connections. http.DefaultTransport would keep two for each server.
var shared = sync.OnceValue(func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 128
	t.WriteBufferSize = 16 << 10 // the request of a first turn goes out in one write
	return t
})

// NewBearerClient returns a client that sends cfg.Key as OpenAI's endpoints take it.
func NewBearerClient(cfg Config) *Client {
	header := map[string]string{}
	if cfg.Key != "" {
		header["Authorization"] = "Bearer " + cfg.Key
	}
	return NewClient(cfg, header)
}

// NewClient returns a client that sends header in each request, and cfg.Headers, which win.
func NewClient(cfg Config, header map[string]string) *Client {
	if cfg.Info == nil {
		cfg.Info = model.Lookup
	}
	cfg.FirstByte = cmp.Or(cfg.FirstByte, 120*time.Second)
	cfg.Idle = cmp.Or(cfg.Idle, time.Minute)
	httpClient := http.Client{}
	if cfg.HTTPClient != nil {
		httpClient = *cfg.HTTPClient
	} else {
		httpClient.Transport = shared()
	}
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	c := &Client{Config: cfg, http: &httpClient, header: http.Header{
		"Accept": {"text/event-stream, application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"flue"}}}
	c.base, c.query, _ = strings.Cut(cfg.BaseURL, "?")
	c.base = strings.TrimSuffix(c.base, "/") + "/"
	for _, headers := range []map[string]string{header, cfg.Headers} {
		for name, value := range headers {
			c.header.Set(name, value)
		}
	}
	return c
}

// Post sends params as JSON to path; a field of a map may be Raw. The error is a *model.Error. The caller closes the answer.
// A redirect is an error: following it would carry the key away.
func (c *Client) Post(ctx context.Context, path string, params any) (*Answer, error) {
	if c.BaseURL == "" {
		return nil, &model.Error{Kind: model.ErrInvalid, Provider: c.Name, Message: "it needs a base_url"}
	}
	body, err := body(params)
	if err != nil {
		return nil, &model.Error{Kind: model.ErrInvalid, Provider: c.Name, Err: fmt.Errorf("writing the request: %w", err)}
	}
	if c.query != "" {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += separator + c.query
	}
	timed, cancel := context.WithCancelCause(ctx)
	a := &Answer{client: c, caller: ctx, ctx: timed, cancel: cancel,
		body: &timedBody{timer: time.AfterFunc(c.FirstByte, func() { cancel(errSilent) }), idle: c.Idle}}
	res, err := c.send(timed, c.base+path, body)
	if err != nil {
		defer a.Close()
		return nil, a.failed(err)
	}
	a.body.ReadCloser = res.Body
	if err := a.begin(res); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (c *Client) send(ctx context.Context, url string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = c.header // which a transport does not change
	return c.http.Do(req)
}

// Level is how much the model is to think: as req asks, as far as the model is known to be able to.
func (c *Client) Level(req *model.Request) model.Thinking {
	if info, ok := c.Info(c.Name + "/" + req.Model); ok {
		return info.Level(req.Thinking)
	}
	return req.Thinking
}

// Answer is the answer to a request: Whole, or a stream that Next reads.
type Answer struct {
	Whole []byte // a JSON document; nil when the answer is a stream

	client      *Client
	caller, ctx context.Context // the request's own is cancelled by silence, too
	cancel      context.CancelCauseFunc
	body        *timedBody
	events      *eventReader
}

// maxRefusal is how many bytes of an error's body are read.
const maxRefusal = 64 << 10

// begin decides what res is.
func (a *Answer) begin(res *http.Response) error {
	if res.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(a.body, maxRefusal))
		if err != nil {
			return a.failed(err)
		}
		return a.client.refused(res, text)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case kind == "text/event-stream":
		a.events = newEventReader(a.body)
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		text, err := io.ReadAll(io.LimitReader(a.body, maxEvent+1))
		if err != nil {
			return a.failed(err)
		}
		if len(text) > maxEvent {
			return a.failed(errTooLong)
		}
		a.Whole = text
	default:
		text := make([]byte, 200)
		n, _ := io.ReadFull(a.body, text)
		return a.BadAnswer(fmt.Sprintf("want text/event-stream or application/json, got %q", kind), text[:n])
	}
	return nil
}

// Next returns the data of the stream's next event, valid until the next call; io.EOF at the end, else a *model.Error.
func (a *Answer) Next() ([]byte, error) {
	data, err := a.events.next()
	if err != nil && err != io.EOF {
		return nil, a.failed(err)
	}
	return data, err
}

// rest is how long Drain waits for the end of a stream.
const rest = 100 * time.Millisecond

// Drain reads what little follows the mark that ends a stream, so that Close leaves the connection to the next request.
func (a *Answer) Drain() {
	stop := time.AfterFunc(rest, func() { a.cancel(context.Canceled) })
	defer stop.Stop()
	_, _ = io.CopyN(io.Discard, a.events.r, 4<<10)
}

// Close ends the request, finished or not.
func (a *Answer) Close() {
	a.body.timer.Stop()
	a.cancel(context.Canceled)
	if a.body.ReadCloser != nil {
		a.body.Close()
	}
	if a.events != nil {
		a.events.close()
	}
}

// BadAnswer is the error for text that is not what the wire format says.
func (a *Answer) BadAnswer(why string, text []byte) *model.Error {
	return &model.Error{Kind: model.ErrBadAnswer, Provider: a.client.Name, Status: http.StatusOK,
		Message: a.client.redact(fmt.Sprintf("%s: %q", why, cut(string(text), 200)))}
}

// Incomplete is the error for an answer that ended without saying why.
func (a *Answer) Incomplete() *model.Error {
	return &model.Error{Kind: model.ErrIncomplete, Provider: a.client.Name, Status: http.StatusOK,
		Message: "the answer ended without a finish reason"}
}

// Canceled says whether err is that the caller gave up.
func Canceled(err error) bool {
	var e *model.Error
	return errors.As(err, &e) && e.Kind == model.ErrCanceled
}

// failed says what an error of the transport means.
func (a *Answer) failed(err error) *model.Error {
	e := &model.Error{Kind: model.ErrNetwork, Provider: a.client.Name, Err: err}
	var bad *model.Error
	switch {
	case errors.As(err, &bad):
		return bad
	case a.caller.Err() != nil:
		e.Kind, e.Err = model.ErrCanceled, a.caller.Err()
	case errors.Is(context.Cause(a.ctx), errSilent) && a.body.begun:
		e.Kind, e.Err, e.Message = model.ErrTimeout, nil, fmt.Sprintf("the stream was silent for %v", a.body.idle)
	case errors.Is(context.Cause(a.ctx), errSilent):
		e.Kind, e.Err, e.Message = model.ErrTimeout, nil,
			fmt.Sprintf("no answer within %v", a.client.FirstByte)
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Kind, e.Message = model.ErrIncomplete, "the connection ended in the middle of the answer"
	case errors.Is(err, errTooLong):
		e.Kind = model.ErrBadAnswer
	default:
		e.Err, e.Message = nil, cut(a.client.redact(err.Error()), 500) // its text may hold a URL, and that a key
	}
	return e
}

// timedBody ends the request when a read takes too long. The time that the reader of the stream takes between two
// reads does not count.
type timedBody struct {
	io.ReadCloser
	timer *time.Timer
	idle  time.Duration
	begun bool // the first byte has come
}

func (b *timedBody) Read(p []byte) (int, error) {
	if b.begun {
		b.timer.Reset(b.idle)
	}
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.begun = true
		b.timer.Stop()
	}
	return n, err
}

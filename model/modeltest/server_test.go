package modeltest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/model/anthropic"
	"github.com/flue-run/flue/model/modeltest"
	"github.com/flue-run/flue/model/openai"
)

// adapters are the two ways to talk to a server.
var adapters = map[string]func(baseURL string) model.Provider{
	"openai": func(baseURL string) model.Provider { return openai.New(openai.Config{Name: "p", BaseURL: baseURL}) },
	"anthropic": func(baseURL string) model.Provider {
		return anthropic.New(anthropic.Config{Name: "p", BaseURL: baseURL})
	},
}

func ask(ctx context.Context, p model.Provider) (*model.Message, error) {
	for d, err := range p.Stream(ctx, &model.Request{Model: "m", Messages: []model.Message{model.UserText("hi")}}) {
		if err != nil || d.Message != nil {
			return d.Message, err
		}
	}
	return nil, errors.New("the stream had no end")
}

func TestServer(t *testing.T) {
	for name, connect := range adapters {
		t.Run(name, func(t *testing.T) {
			s := modeltest.NewServer(t)
			p := connect(s.URL)
			for _, tt := range []struct {
				answer modeltest.Answer
				want   string // blocks, stop and usage, or the error's kind
			}{
				{modeltest.Answer{Thinking: "hm hm", Text: "Hello, you."}, "thinking:hm hm text:Hello, you. end 10/5"},
				{modeltest.Answer{Calls: []modeltest.Call{{Name: "read", Args: `{"a": 1}`}, {Name: "now"}}, Input: 7, Output: 3},
					`call:call_1 read {"a":1} call:call_2 now {} calls 7/3`},
				{modeltest.Answer{Calls: []modeltest.Call{{Name: "read", Args: `{"a`}}}, `call:call_3 read bad:{"a calls 10/5`},
				{modeltest.Answer{Text: "too long", Stop: "length"}, "text:too long length 10/5"},
				{modeltest.Answer{Text: "one two three", Cut: true}, "incomplete"},
				{modeltest.Answer{HTML: true}, "bad_answer"},
				{modeltest.Answer{Raw: "data: {\n\n"}, "bad_answer"},
				{modeltest.Answer{Status: 529, Text: "busy"}, "overloaded"},
			} {
				s.Add(tt.answer)
				msg, err := ask(t.Context(), p)
				if got := render(msg, err); got != tt.want {
					t.Errorf("%+v:\n got %s\nwant %s", tt.answer, got, tt.want)
				}
			}
			if msg, err := ask(t.Context(), p); !strings.Contains(render(msg, err), "invalid") {
				t.Errorf("past the end: %v", err)
			}
			if n := len(s.Requests()); n != 9 || s.Requests()[0].Get("model").Str != "m" {
				t.Errorf("got %d requests, the first %s", n, s.Requests()[0].Body)
			}
		})
	}
}

func TestHold(t *testing.T) {
	hold := make(chan struct{})
	s := modeltest.NewServer(t, modeltest.Answer{Text: "late", Hold: hold})
	done := make(chan string)
	go func() { done <- render(ask(t.Context(), adapters["openai"](s.URL))) }()
	select {
	case got := <-done:
		t.Errorf("answered while held: %s", got)
	case hold <- struct{}{}: // the server takes it: it was waiting
	}
	if got := <-done; got != "text:late end 10/5" {
		t.Errorf("got %s", got)
	}
}

func render(m *model.Message, err error) string {
	var e *model.Error
	if errors.As(err, &e) {
		return string(e.Kind)
	}
	var parts []string
	for _, b := range m.Blocks {
		part := string(b.Type) + ":" + b.Text
		if b.Type == model.CallBlock {
			part += b.ID + " " + b.Name + " " + string(b.Args)
		}
		if b.BadArgs != "" {
			part += "bad:" + b.BadArgs
		}
		parts = append(parts, part)
	}
	u := m.Usage
	return fmt.Sprintf("%s %s %d/%d", strings.Join(parts, " "), m.Stop, u.Input, u.Output)
}

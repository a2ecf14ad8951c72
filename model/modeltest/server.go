// Package modeltest is a model's HTTP endpoint for tests: it answers from a list and remembers what it was asked. Start
// at NewServer.
package modeltest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"
)

// Answer is one answer of a Server: what the model says, or one way in which the endpoint fails.
type Answer struct {
	Thinking string
	Text     string
	Calls    []Call
	Stop     string // OpenAI's finish reason; default: tool_calls where there are calls, else stop
	Input    int    // tokens that the usage tells; default 10
	Output   int    // default 5

	Hold   <-chan struct{}   // nothing is sent before it is closed
	Status int               // another status than 200, with Text as the error's message
	Header map[string]string // of the answer
	Cut    bool              // the stream ends before its finish reason
	Stall  bool              // the stream falls silent before its finish reason and stays open until the client leaves
	HTML   bool              // a web page instead of an answer
	Raw    string            // the stream's bytes as they are
}

// Call is a tool call of an Answer. Args are sent as they stand, JSON or not.
type Call struct {
	ID   string // default: unique on this server
	Name string
	Args string
}

// Request is what a Server was asked.
type Request struct {
	Path   string
	Query  string
	Header http.Header
	Body   []byte
}

// Get returns the part of the body at a gjson path, such as messages.0.content.
func (r Request) Get(path string) gjson.Result { return gjson.GetBytes(r.Body, path) }

// Server is a model's endpoint on loopback. It speaks Chat Completions, Responses, Messages and generateContent, by the path
// that is asked for, and gives its answers in order, one a request. A request past the end is answered with 400.
type Server struct {
	URL string // the base URL for every wire format, with /v1

	mu       sync.Mutex
	answers  []Answer
	requests []Request
	calls    int
}

// NewServer starts a server that lives until the test ends.
func NewServer(t testing.TB, answers ...Answer) *Server {
	s := &Server{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/v1"
	return s
}

// Add appends answers.
func (s *Server) Add(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, answers...)
}

// Requests lists what has been asked so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// next records a request and takes the answer to it.
func (s *Server) next(r Request) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	if len(s.answers) == 0 {
		return Answer{Status: http.StatusBadRequest, Text: fmt.Sprintf("modeltest: no answer for request %d", len(s.requests))}
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	a.Calls = append([]Call(nil), a.Calls...)
	for i := range a.Calls {
		if s.calls++; a.Calls[i].ID == "" {
			a.Calls[i].ID = fmt.Sprintf("call_%d", s.calls)
		}
	}
	return a
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	a := s.next(Request{Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header, Body: body})
	if a.Hold != nil {
		select {
		case <-a.Hold:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	events := openaiEvents
	switch {
	case strings.HasSuffix(r.URL.Path, "/messages"):
		events = anthropicEvents
	case strings.HasSuffix(r.URL.Path, "/responses"):
		events = responsesEvents
	case strings.HasSuffix(r.URL.Path, ":streamGenerateContent"):
		events = geminiEvents
	}
	switch {
	case a.Status != 0:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.Status)
		_, _ = fmt.Fprintf(w, `{"type": "error", "error": {"type": "error", "message": %s}}`, quote(a.Text))
	case a.HTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title><p>This network wants you to sign in.</p>")
	case a.Raw != "":
		_, _ = io.WriteString(w, a.Raw)
	default:
		for _, event := range events(a) {
			if _, err := io.WriteString(w, event); err != nil {
				return
			}
		}
		if a.Stall {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}
}

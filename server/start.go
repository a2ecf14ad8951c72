package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

// finished answers a request that waited for its run.
type finished struct {
	Result  json.RawMessage `json:"result"`
	Run     string          `json:"run"`
	Session string          `json:"session"`
	Usage   json.RawMessage `json:"usage"`
}

// accepted answers a request that does not wait.
type accepted struct {
	Run     string `json:"run"`
	Session string `json:"session"`
	Status  string `json:"status"`
}

// start begins a run in a session, or in a new one, and answers as the client asks: with its result, its events, or at once.
// An accepted run goes on when the client has left.
func (s *Server) start(w http.ResponseWriter, r *http.Request) error {
	agent, err := s.startable(r)
	if err != nil {
		return err
	}
	key := store.Key{Agent: agent.Name, Session: r.PathValue("session")}
	if key.Session != "" && !store.ValidSession(key.Session) {
		return badSession(key.Session)
	}
	once, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	payload, err := s.readPayload(w, r)
	if err != nil {
		return err
	}
	req := engine.Request{Agent: key.Agent, Session: key.Session, Payload: payload, Trigger: engine.Trigger{Kind: "http"}, IdempotencyKey: once}
	atOnce := r.Header.Get("X-Webhook") == "true" || prefersAsync(r)
	if !atOnce && accepts(r, "text/event-stream") {
		return s.startStream(w, r, req)
	}
	run, err := s.cfg.Runner.Accept(r.Context(), req)
	if err != nil {
		return err
	}
	if atOnce {
		s.accept(w, r, run.Run)
		return nil
	}
	return s.wait(w, r, run.Run)
}

// startStream begins a run and answers with its events, all of them.
func (s *Server) startStream(w http.ResponseWriter, r *http.Request, req engine.Request) error {
	before := int64(0) // the session's last entry before the run
	if key := (store.Key{Agent: req.Agent, Session: req.Session}); key.Session != "" {
		known, err := s.cfg.Store.Session(r.Context(), key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("read session %s: %w", key, err)
		}
		before = known.Last
	}
	req.Watch = true
	run, err := s.cfg.Runner.Accept(r.Context(), req)
	if err != nil {
		return err
	}
	defer run.Watch.Close()
	if !run.Fresh {
		before = 0
	}
	s.streamRun(w, r, run, before)
	return nil
}

// accept answers at once.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, run store.Run) {
	w.Header().Set("Location", "/runs/"+run.ID)
	if prefersAsync(r) {
		w.Header().Set("Preference-Applied", "respond-async")
	}
	s.writeJSON(w, http.StatusAccepted, accepted{run.ID, run.Session.Session, "accepted"})
}

// wait answers when the run has its outcome.
func (s *Server) wait(w http.ResponseWriter, r *http.Request, run store.Run) error {
	ended, err := s.cfg.Runner.Wait(r.Context(), run.ID)
	switch {
	case errors.Is(err, engine.ErrDraining):
		return &apiError{status: http.StatusServiceUnavailable, kind: "draining", retry: retryDrained,
			message: "the server stops; the run is kept and goes on when a server has its store", details: about(run)}
	case err != nil:
		return fmt.Errorf("wait for run %s: %w", run.ID, err)
	}
	if end := ended.Settlement; end.Outcome == store.Completed {
		s.writeJSON(w, http.StatusOK, finished{orNull(end.Result), ended.ID, ended.Session.Session, orNull(end.Usage)})
		return nil
	}
	return failedRun(ended)
}

// about names a run in the details of an error.
func about(run store.Run) map[string]any {
	details := map[string]any{"run": run.ID, "session": run.Session.Session}
	if run.Settlement != nil && len(run.Settlement.Usage) > 0 {
		details["usage"] = run.Settlement.Usage
	}
	return details
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// idempotencyKey is the request's; "" if it has none.
func idempotencyKey(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if len(r.Header.Values("Idempotency-Key")) > 1 || len(key) > 255 || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return "", invalid("an Idempotency-Key is one header of up to 255 printable ASCII characters")
	}
	return key, nil
}

// prefersAsync says whether the client would rather not wait: `Prefer: respond-async`.
func prefersAsync(r *http.Request) bool {
	for _, header := range r.Header.Values("Prefer") {
		for preference := range strings.SplitSeq(header, ",") {
			name, _, _ := strings.Cut(preference, ";")
			if strings.EqualFold(strings.TrimSpace(name), "respond-async") {
				return true
			}
		}
	}
	return false
}

// accepts says whether the client names a media type in its Accept header.
func accepts(r *http.Request, kind string) bool {
	for _, header := range r.Header.Values("Accept") {
		for one := range strings.SplitSeq(header, ",") {
			if named, _, err := mime.ParseMediaType(one); err == nil && named == kind {
				return true
			}
		}
	}
	return false
}

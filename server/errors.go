package server

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/store"
)

// retryDrained is when to try again after a server that stops: another one should be there by then.
const retryDrained = 2 * time.Second

// apiError is an answer that is no success. Its words are for the client.
type apiError struct {
	status  int
	kind    string
	message string
	details any           // JSON; nil: none
	retry   time.Duration // when to try again; 0: it is not said
}

func (e *apiError) Error() string { return e.kind + ": " + e.message }

// envelope is how every error is written.
type envelope struct {
	Error problem `json:"error"`
}

type problem struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Details any    `json:"details,omitempty"`
	Ref     string `json:"ref,omitempty"` // finds an internal error in the server's log
}

// fail answers with an error. What is not meant for clients goes to the log, under a reference.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(context.Cause(r.Context()), context.Canceled) && errors.Is(err, context.Canceled) {
		return // the client is gone
	}
	e, ref := classify(err), ""
	if e == nil {
		ref = store.NewID("ref", s.cfg.Now(), rand.Reader)
		s.cfg.Log.Error("internal error", "ref", ref, "method", r.Method, "path", r.URL.Path, "error", err)
		e = &apiError{status: http.StatusInternalServerError, kind: string(engine.Internal), message: "internal error; the server's log has it under the ref"}
	}
	if e.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="flue"`)
	}
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.retry.Seconds()))))
	}
	s.writeJSON(w, e.status, envelope{problem{e.kind, e.message, e.details, ref}})
}

// violation is a place at which a payload does not fit its schema.
type violation struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// classify is the one place that maps errors to answers; nil: it is internal.
func classify(err error) *apiError {
	var (
		ours    *apiError
		payload *engine.PayloadError
		request *engine.RequestError
		ask     *model.Error
		full    *engine.QueueFullError
	)
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &payload):
		return &apiError{status: http.StatusBadRequest, kind: "invalid_payload", details: violations(payload.Violations),
			message: "the payload does not fit the schema of agent " + payload.Agent + ": " + payload.Violations[0].String()}
	case errors.As(err, &request):
		return &apiError{status: http.StatusBadRequest, kind: "invalid_request", message: request.Message}
	case errors.As(err, &full):
		return &apiError{status: http.StatusTooManyRequests, kind: "queue_full", message: "too many runs are waiting", retry: full.RetryAfter}
	case errors.Is(err, engine.ErrDraining):
		return &apiError{status: http.StatusServiceUnavailable, kind: "draining", message: "the server stops", retry: retryDrained}
	case errors.Is(err, store.ErrConflict):
		return &apiError{status: http.StatusConflict, kind: "idempotency_conflict", message: "the Idempotency-Key was used for another request"}
	case errors.Is(err, store.ErrNotFound):
		return &apiError{status: http.StatusNotFound, kind: "not_found", message: "there is no such session or run"}
	case errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrFenced):
		return &apiError{status: http.StatusConflict, kind: "session_busy", message: "the session has a run at work; wait for it or abort it", retry: time.Second}
	case errors.As(err, &ask) && ask.Kind == model.ErrNoKey:
		return &apiError{status: http.StatusServiceUnavailable, kind: string(engine.ProviderNoKey), message: "the server has no key for the agent's model"}
	}
	return nil
}

func violations(list []schema.Violation) []violation {
	out := make([]violation, len(list))
	for i, v := range list {
		out[i] = violation{v.Path, v.Message}
	}
	return out
}

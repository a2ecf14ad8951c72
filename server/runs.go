package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

// runView is a run as clients see it.
type runView struct {
	Run      string          `json:"run"`
	Agent    string          `json:"agent"`
	Session  string          `json:"session"`
	Status   string          `json:"status"` // waiting, running, or its outcome
	Admitted time.Time       `json:"admitted"`
	Ended    *time.Time      `json:"ended,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    *engine.Error   `json:"error,omitempty"`
	Usage    json.RawMessage `json:"usage,omitempty"`
}

// showRun answers GET /runs/{run}.
func (s *Server) showRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.run(r)
	if err != nil {
		return err
	}
	return s.writeRun(w, r, run)
}

// abortRun answers POST /runs/{run}/abort, once the run has its outcome.
func (s *Server) abortRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.run(r)
	if err != nil {
		return err
	}
	ended, err := s.cfg.Runner.Abort(r.Context(), run.ID)
	if errors.Is(err, store.ErrSettled) {
		return &apiError{status: http.StatusConflict, kind: "run_over", message: "the run has its outcome already; GET /runs/" + run.ID + " shows it", details: about(run)}
	}
	if err != nil {
		return fmt.Errorf("abort run %s: %w", run.ID, err)
	}
	return s.writeRun(w, r, ended)
}

// listRuns answers GET /runs, the latest first.
func (s *Server) listRuns(w http.ResponseWriter, r *http.Request) error {
	page, err := readPage(r)
	if err != nil {
		return err
	}
	q := store.RunQuery{Agents: s.listed(r), Before: page.after, Limit: page.limit + 1}
	if session := r.FormValue("session"); session != "" {
		q.Session = store.Key{Agent: r.FormValue("agent"), Session: session}
		if q.Session.Agent == "" {
			return invalid("?session= needs ?agent=, too")
		}
	}
	if text := r.FormValue("unfinished"); text != "" {
		if q.Unfinished, err = strconv.ParseBool(text); err != nil {
			return invalid("?unfinished=%.20s: true or false", text)
		}
	}
	runs, err := s.cfg.Store.Runs(r.Context(), q)
	if errors.Is(err, store.ErrNotFound) {
		return invalid("?after=%.80s: there is no such run", page.after)
	}
	if err != nil {
		return fmt.Errorf("list runs: %w", err)
	}
	views, next := []runView{}, ""
	for i, run := range runs {
		if i == page.limit {
			next = runs[i-1].ID
			break
		}
		view, err := s.view(r.Context(), run)
		if err != nil {
			return err
		}
		view.Result = nil // a list is short
		views = append(views, view)
	}
	s.writeJSON(w, http.StatusOK, paged("runs", views, next))
	return nil
}

// run is the one that the path of a request names.
func (s *Server) run(r *http.Request) (store.Run, error) {
	run, err := s.cfg.Store.RunByID(r.Context(), r.PathValue("run"))
	if errors.Is(err, store.ErrNotFound) || err == nil && !isServed(s.project().Agents[run.Session.Agent]) {
		return store.Run{}, &apiError{status: http.StatusNotFound, kind: "run_not_found", message: fmt.Sprintf("there is no run %.80q", r.PathValue("run"))}
	}
	if err != nil {
		return store.Run{}, fmt.Errorf("find a run: %w", err)
	}
	return run, nil
}

func (s *Server) writeRun(w http.ResponseWriter, r *http.Request, run store.Run) error {
	view, err := s.view(r.Context(), run)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, view)
	return nil
}

// view is a run as clients see it.
func (s *Server) view(ctx context.Context, run store.Run) (runView, error) {
	v := runView{Run: run.ID, Agent: run.Session.Agent, Session: run.Session.Session, Admitted: run.Admitted}
	end := run.Settlement
	if end == nil {
		var err error
		v.Status, err = s.unsettled(ctx, run)
		return v, err
	}
	v.Status, v.Ended, v.Usage = string(end.Outcome), &end.Time, end.Usage
	if end.Outcome == store.Completed {
		v.Result = end.Result
		return v, nil
	}
	why := errorOf(run)
	v.Error = &why
	return v, nil
}

// unsettled says whether a run without an outcome is carried out now.
func (s *Server) unsettled(ctx context.Context, run store.Run) (string, error) {
	session, err := s.cfg.Store.Session(ctx, run.Session)
	if err != nil {
		return "", fmt.Errorf("read session %s: %w", run.Session, err)
	}
	if !session.Leased {
		return "waiting", nil
	}
	before, err := s.cfg.Store.Runs(ctx, store.RunQuery{Session: run.Session, Unfinished: true, Before: run.ID, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("read the runs of session %s: %w", run.Session, err)
	}
	if len(before) > 0 {
		return "waiting", nil
	}
	return "running", nil
}

// errorOf is why a run has no result, in words for clients.
func errorOf(run store.Run) engine.Error {
	var why engine.Error
	if err := json.Unmarshal(run.Settlement.Error, &why); err != nil {
		why = engine.Error{Type: engine.Internal}
	}
	return public(why)
}

// public leaves out what only those who run the server should read: the store has it.
func public(e engine.Error) engine.Error {
	if e.Type == engine.Internal {
		e.Message = "internal error; the store has it"
	}
	return e
}

// failedRun is the answer to a request that waited for a run that has no result.
func failedRun(run store.Run) *apiError {
	why := errorOf(run)
	status := http.StatusUnprocessableEntity // the work itself failed: the same request may fail again
	switch {
	case why.Type == engine.Aborted:
		status = http.StatusConflict
	case why.Type == engine.LimitTimeout:
		status = http.StatusGatewayTimeout
	case why.Type == engine.ProviderFailed:
		status = http.StatusBadGateway
	case why.Type == engine.ProviderNoKey, why.Type == engine.SandboxFailed:
		status = http.StatusServiceUnavailable
	case why.Type == engine.Internal:
		status = http.StatusInternalServerError
	}
	details := about(run)
	if why.Step != "" {
		details["step"] = why.Step
	}
	return &apiError{status: status, kind: string(why.Type), message: why.Message, details: details}
}

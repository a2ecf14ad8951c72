package server

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// sessionView is a session as clients see it.
type sessionView struct {
	Agent    string          `json:"agent"`
	Session  string          `json:"session"`
	Created  time.Time       `json:"created"`
	Updated  time.Time       `json:"updated"`
	Runs     int             `json:"runs"`
	Waiting  int             `json:"waiting"`            // runs without an outcome
	Outcome  store.Outcome   `json:"outcome,omitempty"`  // of the latest run
	Leased   bool            `json:"leased"`             // a process carries out its runs now
	Last     int64           `json:"last"`               // position of the last entry of its log
	Messages []model.Message `json:"messages,omitempty"` // what counts of its conversation
}

func viewSession(s store.Session) sessionView {
	return sessionView{Agent: s.Key.Agent, Session: s.Key.Session, Created: s.Created, Updated: s.Updated,
		Runs: s.Runs, Waiting: s.Waiting, Outcome: s.Outcome, Leased: s.Leased, Last: s.Last}
}

// listSessions answers GET /sessions, the latest first.
func (s *Server) listSessions(w http.ResponseWriter, r *http.Request) error {
	page, err := readPage(r)
	if err != nil {
		return err
	}
	q := store.SessionQuery{Agents: s.listed(r), Limit: page.limit + 1}
	if page.after != "" {
		if q.Before, err = store.ParseMark(page.after); err != nil {
			return invalid("?after=%.80s: take the `next` of the page before", page.after)
		}
	}
	sessions, err := s.cfg.Store.Sessions(r.Context(), q)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	views, next := []sessionView{}, ""
	for i, one := range sessions {
		if i == page.limit {
			next = sessions[i-1].Mark().String()
			break
		}
		views = append(views, viewSession(one))
	}
	s.writeJSON(w, http.StatusOK, paged("sessions", views, next))
	return nil
}

// showSession answers GET /agents/{agent}/{session}.
func (s *Server) showSession(w http.ResponseWriter, r *http.Request) error {
	found, err := s.found(r)
	if err != nil {
		return err
	}
	history, err := engine.ReadHistory(r.Context(), s.cfg.Store, found.Key)
	if err != nil {
		return fmt.Errorf("read session %s: %w", found.Key, err)
	}
	view := viewSession(found)
	view.Messages = history.Messages
	s.writeJSON(w, http.StatusOK, view)
	return nil
}

// deleteSession answers DELETE /agents/{agent}/{session}.
func (s *Server) deleteSession(w http.ResponseWriter, r *http.Request) error {
	found, err := s.found(r)
	if err != nil {
		return err
	}
	if err := s.cfg.Store.DeleteSession(r.Context(), found.Key); err != nil {
		return fmt.Errorf("delete session %s: %w", found.Key, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// forkSession answers POST /agents/{agent}/{session}/fork.
func (s *Server) forkSession(w http.ResponseWriter, r *http.Request) error {
	found, err := s.found(r)
	if err != nil {
		return err
	}
	var asked struct {
		Session string `json:"session"`
		At      *int64 `json:"at"`
	}
	if err := s.readFields(w, r, &asked); err != nil {
		return err
	}
	if !store.ValidSession(asked.Session) {
		return badSession(asked.Session)
	}
	to := store.Key{Agent: found.Key.Agent, Session: asked.Session}
	if _, err := s.cfg.Store.Session(r.Context(), to); err == nil {
		return &apiError{status: http.StatusConflict, kind: "session_exists", message: fmt.Sprintf("there is a session %s already", to)}
	}
	at := int64(-1)
	if asked.At != nil {
		if at = *asked.At; at < 0 {
			return invalid("at: a position in the session's log, from 0")
		}
	}
	if err := engine.ForkSession(r.Context(), s.cfg.Store, found.Key, asked.Session, at, s.cfg.Now()); err != nil {
		return err
	}
	w.Header().Set("Location", "/agents/"+to.Agent+"/"+to.Session)
	return s.writeSession(w, r, http.StatusCreated, to)
}

// rewindSession answers POST /agents/{agent}/{session}/rewind.
func (s *Server) rewindSession(w http.ResponseWriter, r *http.Request) error {
	found, err := s.found(r)
	if err != nil {
		return err
	}
	var asked struct {
		To *int64 `json:"to"`
	}
	if err := s.readFields(w, r, &asked); err != nil {
		return err
	}
	if asked.To == nil {
		return invalid("to is missing: the position of the last entry that shall count, 0 for none")
	}
	if err := engine.RewindSession(r.Context(), s.cfg.Store, found.Key, *asked.To, s.cfg.Now()); err != nil {
		return err
	}
	return s.writeSession(w, r, http.StatusOK, found.Key)
}

func (s *Server) writeSession(w http.ResponseWriter, r *http.Request, status int, key store.Key) error {
	session, err := s.cfg.Store.Session(r.Context(), key)
	if err != nil {
		return fmt.Errorf("read session %s: %w", key, err)
	}
	s.writeJSON(w, status, viewSession(session))
	return nil
}

// showLog answers GET /agents/{agent}/{session}/log: every stored event, a line each, those that were rewound, too.
func (s *Server) showLog(w http.ResponseWriter, r *http.Request) error {
	found, err := s.found(r)
	if err != nil {
		return err
	}
	after, err := position(r.FormValue("after"), found.Last)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	for entry, err := range s.cfg.Store.Entries(r.Context(), found.Key, after) {
		line, err := logLine(found.Key, entry, err)
		if err != nil {
			return fmt.Errorf("read session %s: %w", found.Key, err)
		}
		s.hurry(w)
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func logLine(key store.Key, entry store.Entry, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	event, err := engine.EventOf(key, entry)
	if err != nil {
		return nil, err
	}
	line, err := eventJSON(event)
	return append(line, '\n'), err
}

// found is the session that the path of a request names.
func (s *Server) found(r *http.Request) (store.Session, error) {
	key, err := s.session(r)
	if err != nil {
		return store.Session{}, err
	}
	s.cfg.Runner.Flush(r.Context(), key)
	found, err := s.cfg.Store.Session(r.Context(), key)
	if errors.Is(err, store.ErrNotFound) {
		return found, &apiError{status: http.StatusNotFound, kind: "session_not_found", message: fmt.Sprintf("there is no session %s", key)}
	}
	if err != nil {
		return found, fmt.Errorf("find session %s: %w", key, err)
	}
	return found, nil
}

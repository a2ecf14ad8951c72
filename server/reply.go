package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// writeJSON answers with a value, whole or not at all.
func (s *Server) writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		s.cfg.Log.Error("encode an answer", "error", err)
		status, body = http.StatusInternalServerError, []byte(`{"error":{"type":"internal","message":"internal error; the server's log has it"}}`)
	}
	body = append(body, '\n')
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	s.hurry(w)
	w.WriteHeader(status)
	w.Write(body) // a client that is gone needs no answer
}

// hurry bounds how long the next write to the client may take.
func (s *Server) hurry(w http.ResponseWriter) {
	err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.Patience))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.cfg.Log.Debug("set a deadline for a write", "error", err)
	}
}

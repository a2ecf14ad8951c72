package server

import "net/http"

// health says that the process lives.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	s.writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// ready says that runs are accepted. Whoever routes requests asks it without a token, so it tells nothing else.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) error {
	if s.closing.Load() {
		return &apiError{status: http.StatusServiceUnavailable, kind: "draining", message: "the server stops", retry: retryDrained}
	}
	s.writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}

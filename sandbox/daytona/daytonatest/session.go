package daytonatest

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// session is a shell of Daytona's, which has run at most one command here.
type session struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever something has
	command string        // its id; "": none has come
	log     []byte
	code    *int
	ended   bool // with its session
	input   io.WriteCloser
	process *os.Process
	over    sync.WaitGroup
}

func (m *machine) newSession(w http.ResponseWriter, r *http.Request) {
	var body struct {
		ID string `json:"sessionId"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.ID == "" {
		fail(w, http.StatusBadRequest, "sessionId is required")
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions[body.ID] != nil {
		fail(w, http.StatusConflict, "session already exists")
		return
	}
	m.sessions[body.ID] = &session{changed: make(chan struct{})}
	w.WriteHeader(http.StatusCreated)
}

func (m *machine) session(w http.ResponseWriter, r *http.Request) *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[r.PathValue("session")]
	if s == nil || r.PathValue("command") != "" && s.command != r.PathValue("command") {
		fail(w, http.StatusNotFound, "session or command not found")
		return nil
	}
	return s
}

func (m *machine) getSession(w http.ResponseWriter, r *http.Request) {
	if s := m.session(w, r); s != nil {
		commands := []map[string]any{}
		if s.command != "" {
			commands = append(commands, map[string]any{"id": s.command})
		}
		answer(w, map[string]any{"sessionId": r.PathValue("session"), "commands": commands})
	}
}

func (m *machine) deleteSession(w http.ResponseWriter, r *http.Request) {
	s := m.session(w, r)
	if s == nil {
		return
	}
	s.end()
	m.mu.Lock()
	delete(m.sessions, r.PathValue("session"))
	m.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (m *machine) endAll() {
	m.mu.Lock()
	sessions := m.sessions
	m.sessions = map[string]*session{}
	m.mu.Unlock()
	for _, s := range sessions {
		s.end()
	}
}

// end ends the processes of a session: TERM, and then KILL.
func (s *session) end() {
	s.mu.Lock()
	process := s.process
	s.mu.Unlock()
	if process != nil {
		endGroup(process.Pid, false)
		kill := time.AfterFunc(200*time.Millisecond, func() { endGroup(process.Pid, true) })
		s.over.Wait()
		kill.Stop()
	}
	s.change(func() { s.ended = true })
}

func (s *session) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	close(s.changed)
	s.changed = make(chan struct{})
}

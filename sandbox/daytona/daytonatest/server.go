// Package daytonatest is a server on loopback that speaks as much of Daytona's API as package daytona uses, written from
// the API's published description. Its sandboxes are real: bubblewrap shows each a root of its own, so that scripts,
// files and processes are those of a Linux. Start at New.
package daytonatest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/sandbox/bubblewrap"
)

// Key is what the server lets in.
const Key = "dtn_test-key-4f1b"

// Server is the API with its sandboxes.
type Server struct {
	URL string // of the API

	// Fault, if set, may answer a request in place of the server; it returns whether it did. It is set before requests come.
	Fault func(w http.ResponseWriter, r *http.Request) bool
	// Starting are the states that a new sandbox, or one that is started again, is in before it has started: one a look.
	Starting []string
	// NoFollow has the server refuse to pass on a log as it grows.
	NoFollow bool

	root string
	mux  http.Handler
	mu   sync.Mutex
	made []Made
	all  map[string]*machine
}

// Made is a request for a sandbox, as it came.
type Made struct {
	ID   string
	Body map[string]any
}

// machine is one sandbox.
type machine struct {
	server   *Server
	id, name string
	root     string // the folder with workspace, home and tmp

	mu       sync.Mutex
	state    string
	reason   string
	coming   []string // states that follow
	sessions map[string]*session
}

// New starts a server, which ends with the test. The test is skipped where there can be no sandboxes.
func New(t testing.TB) *Server {
	t.Helper()
	s, stop, err := Start(t.TempDir())
	if err != nil {
		t.Skipf("NOT TESTED: sandboxes at Daytona, whose test server needs bubblewrap: %v", err)
	}
	t.Cleanup(stop)
	return s
}

// Start starts a server, whose sandboxes have their files in a folder. The error says why there can be none here.
func Start(dir string) (s *Server, stop func(), err error) {
	if _, err := bubblewrap.Find(); err != nil {
		return nil, nil, err
	}
	s = &Server{root: dir, all: map[string]*machine{}}
	s.mux = s.routes()
	server := httptest.NewServer(http.HandlerFunc(s.answer))
	s.URL = server.URL + "/api"
	return s, func() {
		for _, id := range s.IDs() {
			s.machine(id).destroy()
		}
		server.Close()
	}, nil
}

// IDs are the sandboxes that there are.
func (s *Server) IDs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id := range s.all {
		ids = append(ids, id)
	}
	return ids
}

// Made are the requests for sandboxes.
func (s *Server) Made() []Made {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Made(nil), s.made...)
}

// State is that of a sandbox; "" if there is none.
func (s *Server) State(id string) string {
	m := s.machine(id)
	if m == nil {
		return ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// SetState puts a sandbox into a state. In any but started nothing runs in it.
func (s *Server) SetState(id, state, reason string) {
	m := s.machine(id)
	m.mu.Lock()
	m.state, m.reason, m.coming = state, reason, nil
	m.mu.Unlock()
	if state != "started" {
		m.endAll()
	}
}

// Vanish removes a sandbox, as if it had been deleted by somebody.
func (s *Server) Vanish(id string) { s.machine(id).destroy() }

func (s *Server) machine(id string) *machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.all {
		if m.id == id || m.name == id {
			return m
		}
	}
	return nil
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/sandbox", s.create)
	route := func(pattern string, handle func(*machine, http.ResponseWriter, *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			m := s.machine(r.PathValue("id"))
			if m == nil {
				fail(w, http.StatusNotFound, "Sandbox with ID or name "+r.PathValue("id")+" not found")
				return
			}
			if strings.HasPrefix(r.URL.Path, "/toolbox/") && s.State(m.id) != "started" {
				fail(w, http.StatusBadRequest, "Sandbox is not running")
				return
			}
			handle(m, w, r)
		})
	}
	route("GET /api/sandbox/{id}", (*machine).get)
	route("DELETE /api/sandbox/{id}", func(m *machine, w http.ResponseWriter, r *http.Request) { m.destroy(); answer(w, map[string]any{}) })
	route("POST /api/sandbox/{id}/start", (*machine).start)
	route("POST /api/sandbox/{id}/stop", (*machine).stop)
	route("GET /api/sandbox/{id}/toolbox-proxy-url", func(m *machine, w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"url": strings.TrimSuffix(s.URL, "/api") + "/toolbox"})
	})
	route("POST /toolbox/{id}/process/execute", (*machine).execute)
	route("POST /toolbox/{id}/process/session", (*machine).newSession)
	route("GET /toolbox/{id}/process/session/{session}", (*machine).getSession)
	route("DELETE /toolbox/{id}/process/session/{session}", (*machine).deleteSession)
	route("POST /toolbox/{id}/process/session/{session}/exec", (*machine).exec)
	route("GET /toolbox/{id}/process/session/{session}/command/{command}", (*machine).getCommand)
	route("GET /toolbox/{id}/process/session/{session}/command/{command}/logs", (*machine).logs)
	route("POST /toolbox/{id}/process/session/{session}/command/{command}/input", (*machine).input)
	route("GET /toolbox/{id}/files/info", (*machine).info)
	route("GET /toolbox/{id}/files/download", (*machine).download)
	route("POST /toolbox/{id}/files/upload", (*machine).upload)
	return mux
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	if s.Fault == nil || !s.Fault(w, r) {
		s.Serve(w, r)
	}
}

// Serve answers a request as it is answered without a Fault.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+Key {
		fail(w, http.StatusUnauthorized, "Invalid credentials: "+r.Header.Get("Authorization")) // as a careless server would
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	name, _ := body["name"].(string)
	if s.machine(name) != nil {
		fail(w, http.StatusConflict, "Sandbox with name "+name+" already exists")
		return
	}
	m := &machine{server: s, id: "sb-" + strings.ToLower(rand.Text()[:10]), name: name, sessions: map[string]*session{}}
	m.root = filepath.Join(s.root, m.id)
	for _, dir := range []string{"workspace", "home", "tmp", "skills"} {
		if err := os.MkdirAll(filepath.Join(m.root, dir), 0o755); err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return
		}
	}
	m.begin()
	s.mu.Lock()
	s.all[m.id] = m
	s.made = append(s.made, Made{m.id, body})
	s.mu.Unlock()
	m.get(w, r)
}

// begin lets the states come that lead to started.
func (m *machine) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coming = append(append([]string{"creating"}, m.server.Starting...), "started")
	m.state, m.reason = m.coming[0], ""
}

// get tells about the sandbox; each look shows the next state.
func (m *machine) get(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	if len(m.coming) > 0 {
		m.state, m.coming = m.coming[0], m.coming[1:]
	}
	if m.state == "error" || m.state == "build_failed" {
		m.coming = nil
	}
	told := map[string]any{"id": m.id, "name": m.name, "state": m.state, "errorReason": m.reason, "target": "us"}
	m.mu.Unlock()
	answer(w, told)
}

func (m *machine) start(w http.ResponseWriter, r *http.Request) {
	if state := m.server.State(m.id); state != "stopped" && state != "archived" {
		fail(w, http.StatusBadRequest, "Sandbox is not in valid state")
		return
	}
	m.begin()
	m.get(w, r)
}

func (m *machine) stop(w http.ResponseWriter, r *http.Request) {
	if m.server.State(m.id) != "started" {
		fail(w, http.StatusBadRequest, "Sandbox is not started")
		return
	}
	m.server.SetState(m.id, "stopped", "")
	m.get(w, r)
}

func (m *machine) destroy() {
	m.server.mu.Lock()
	delete(m.server.all, m.id)
	m.server.mu.Unlock()
	m.endAll()
	os.RemoveAll(m.root)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value) // a client that has gone does not matter
}

func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "error": http.StatusText(status), "message": message}) // likewise
}

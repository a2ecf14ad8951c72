package server

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// access is what a request needs to be let in.
type access int

const (
	byToken access = iota // a token; without tokens, to come from this machine
	open                  // nothing: what is shown is nobody's secret
	signed                // what the handler itself checks: the signature over the body
	signIn                // the console's cookie, which it checks itself; without tokens, to come from this machine
)

// route is one method of one path. What a handler returns as an error is its answer, if it has not begun one.
type route struct {
	method, path string
	access       access
	handle       func(w http.ResponseWriter, r *http.Request) error
}

// routes are all that the server answers.
func (s *Server) routes() []route {
	return []route{
		{"POST", "/agents/{agent}", byToken, s.start},
		{"POST", "/agents/{agent}/{session}", byToken, s.start},

		{"POST", "/webhooks/{agent}", signed, s.webhook},

		{"GET", "/agents", byToken, s.listAgents},
		{"GET", "/agents/{agent}", byToken, s.showAgent},

		{"GET", "/sessions", byToken, s.listSessions},
		{"GET", "/agents/{agent}/{session}", byToken, s.showSession},
		{"DELETE", "/agents/{agent}/{session}", byToken, s.deleteSession},
		{"GET", "/agents/{agent}/{session}/events", byToken, s.followSession},
		{"GET", "/agents/{agent}/{session}/log", byToken, s.showLog},
		{"GET", "/agents/{agent}/{session}/files/{path...}", byToken, s.showFile},
		{"POST", "/agents/{agent}/{session}/fork", byToken, s.forkSession},
		{"POST", "/agents/{agent}/{session}/rewind", byToken, s.rewindSession},

		{"GET", "/runs", byToken, s.listRuns},
		{"GET", "/runs/{run}", byToken, s.showRun},
		{"POST", "/runs/{run}/abort", byToken, s.abortRun},

		{"GET", "/health", open, s.health},
		{"GET", "/ready", open, s.ready},
		{"GET", "/metrics", byToken, s.showMetrics},
		{"GET", "/openapi.json", byToken, s.showOpenAPI},
	}
}

// Routes are the methods and paths that the server answers, such as "GET /agents/{agent}".
func (s *Server) Routes() []string {
	var list []string
	for _, r := range s.routes() {
		list = append(list, r.method+" "+r.path)
	}
	return list
}

// mux finds the route of a request. Paths are registered without their method, so that the answer to a wrong method is ours.
func (s *Server) mux() http.Handler {
	byPath := map[string]map[string]*route{}
	for _, r := range s.routes() {
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]*route{}
		}
		byPath[r.path][r.method] = &r
	}
	mux := http.NewServeMux()
	for path, methods := range byPath {
		mux.Handle(path, &resource{s, methods, notAllowed(methods)})
	}
	pages := s.console()
	for _, path := range []string{"/{$}", "/console/"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			s.answer(w, r, signIn, func(w http.ResponseWriter, r *http.Request) error {
				pages.ServeHTTP(w, r)
				return nil
			})
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, byToken, func(http.ResponseWriter, *http.Request) error {
			return &apiError{status: http.StatusNotFound, kind: "not_found", message: "there is nothing at this address; GET /openapi.json lists what there is"}
		})
	})
	return mux
}

// resource is what a path names.
type resource struct {
	server  *Server
	methods map[string]*route
	others  *route // of all other methods
}

func (p *resource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	found := p.methods[method]
	if found == nil {
		found = p.others
	}
	p.server.answer(w, r, found.access, found.handle)
}

// notAllowed refuses other methods than those of a path.
func notAllowed(methods map[string]*route) *route {
	list := slices.Collect(maps.Keys(methods))
	if _, ok := methods[http.MethodGet]; ok {
		list = append(list, http.MethodHead)
	}
	slices.Sort(list)
	allowed := strings.Join(list, ", ")
	return &route{handle: func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", allowed)
		return &apiError{status: http.StatusMethodNotAllowed, kind: "method_not_allowed", message: r.Method + " is not allowed here; allowed: " + allowed}
	}}
}

// answer lets a request in, or not, and turns the error of its handler into an answer.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, need access, handle func(http.ResponseWriter, *http.Request) error) {
	err := s.admit(r, need)
	if err == nil {
		err = handle(w, r)
	}
	switch rec, _ := w.(*recorder); {
	case err == nil:
	case rec != nil && rec.status != 0: // half an answer is out: the client must see that it is no whole one
		if r.Context().Err() == nil {
			s.cfg.Log.Error("answer broken off", "method", r.Method, "path", r.URL.Path, "error", err)
		}
		panic(http.ErrAbortHandler)
	default:
		s.fail(w, r, err)
	}
}

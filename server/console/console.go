// Package console is the server's web page: what its agents do and did, for a person with a browser. Start at New; each
// page has a file of its own, and the pages work for reading without JavaScript.
package console

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

// Runner carries out runs and tells of them; *engine.Node is one.
type Runner interface {
	Engine() *engine.Engine
	Accept(ctx context.Context, req engine.Request) (engine.Accepted, error)
	Abort(ctx context.Context, run string) (store.Run, error)
	Follow(ctx context.Context, key store.Key, after int64) iter.Seq2[engine.Event, error]
	Flush(ctx context.Context, key store.Key)
}

// Config is what the console shows and asks. All but Token and Now are required.
type Config struct {
	Runner Runner
	Store  store.Store
	// Token says whose token a person has entered. nil: nobody has to sign in.
	Token func(value string) (name string, ok bool)
	// Fail answers a request that met an error of the server's own, which may hold what a stranger must not see.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	Now  func() time.Time // time.Now
	// Show is an event as people may see it.
	Show func(engine.Event) engine.Event
	// Stream begins an answer of server-sent events; gone is called when the reader does not take any more.
	Stream func(w http.ResponseWriter, gone func()) Stream
	// Closing ends when the server stops: live pages have no end of their own.
	Closing context.Context
}

// Stream writes server-sent events to one reader, and what keeps the connection alive between them.
type Stream interface {
	Send(id int64, event string, data []byte) error
	Close()
}

//go:embed templates static
var content embed.FS

type console struct {
	Config
	pages *template.Template
	login login
}

// New returns the handler of "/" and of everything below "/console/". It panics if its own templates are wrong.
func New(cfg Config) http.Handler {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &console{Config: cfg}
	c.pages = template.Must(template.New("").Funcs(template.FuncMap{
		"ago":     func(t time.Time) string { return ago(cfg.Now().Sub(t)) },
		"segment": url.PathEscape, // the name of a file, for a path
		"path":    func(name string) string { return (&url.URL{Path: name}).EscapedPath() },
	}).ParseFS(content, "templates/*.html"))
	c.login = newLogin(cfg)

	mux := http.NewServeMux()
	static, _ := fs.Sub(content, "static") // the folder is embedded
	mux.Handle("GET /console/static/", http.StripPrefix("/console/static/", http.FileServerFS(static)))
	mux.HandleFunc("GET /console/login", c.showLogin)
	mux.HandleFunc("POST /console/login", c.signIn)
	mux.HandleFunc("POST /console/logout", c.signOut)
	for pattern, page := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /{$}":                                              c.home,
		"GET /console/agents/{agent}":                           c.agent,
		"POST /console/agents/{agent}":                          c.start,
		"GET /console/agents/{agent}/{session}":                 c.session,
		"POST /console/agents/{agent}/{session}":                c.start,
		"GET /console/agents/{agent}/{session}/live":            c.live,
		"GET /console/agents/{agent}/{session}/log":             c.log,
		"GET /console/agents/{agent}/{session}/files/{path...}": c.files,
		"POST /console/runs/{run}/abort":                        c.abort,
	} {
		mux.Handle(pattern, c.signedIn(c.handle(page)))
	}
	return policy(mux)
}

// policy keeps what a page shows from doing anything: no script but ours, no frame around it. That no page of another
// origin starts a run, and that nothing is sniffed or cached, the server sees to for all its routes.
func policy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// notice is an error that a person is told in a page, with its status.
type notice struct {
	status int
	text   string
}

func (n *notice) Error() string { return n.text }

// handle answers with a page's error.
func (c *console) handle(page func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := page(w, r)
		var told *notice
		var request *engine.RequestError
		switch {
		case err == nil:
			return
		case errors.As(err, &told):
		case errors.Is(err, store.ErrNotFound):
			told = &notice{http.StatusNotFound, "There is nothing of that name."}
		case errors.As(err, &request):
			told = &notice{http.StatusBadRequest, request.Message}
		default:
			c.Fail(w, r, err)
			return
		}
		w.WriteHeader(told.status)
		c.render(w, r, "notice.html", told.text)
	})
}

// frame is what every page has around its own data.
type frame struct {
	Title  string
	Signed bool // somebody can sign out
	Data   any
}

// render writes a page. The header is out already if it fails, so that nobody can be told.
func (c *console) render(w http.ResponseWriter, r *http.Request, page string, data any) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	title := "flue"
	if name := r.PathValue("agent"); name != "" {
		title = name + " · flue"
	}
	_ = c.pages.ExecuteTemplate(w, page, frame{title, c.Token != nil && page != "login.html", data}) // only a reader that has left
	return nil
}

package git

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// httpPeer is a repository of a server that speaks git's protocol over HTTP, in version 2 or, if that is all it knows, 0 or 1.
type httpPeer struct {
	*repo
	service string
	base    string // the URL, without credentials, with a "/" at its end
	shown   string // as it was first, for messages
	site    string // scheme and host that the credentials are for
	user    *url.Userinfo
	v2      bool
	can     map[string]string // what the server is able to
	list    []farRef          // its refs, unless v2
}

// agent is how this git introduces itself.
const agent = "git/2.39.5"

// maxHops is how many redirects are followed, of the first request only.
const maxHops = 20

// openHTTP asks a server what it has and is able to.
func (r *repo) openHTTP(text, service string) (peer, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, fatal("unable to access '%s': URL using bad/illegal format or missing URL", masked(text))
	}
	p := &httpPeer{repo: r, service: service, site: u.Scheme + "://" + u.Host, user: u.User, can: map[string]string{}}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	p.base = strings.TrimRight(u.String(), "/") + "/"
	p.shown = p.base
	if p.user == nil {
		p.user = r.storedCredentials(u)
	}
	answer, err := p.discover()
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if kind := first(answer.Header["Content-Type"]); kind != "application/x-"+service+"-advertisement" {
		return nil, fatal("%sinfo/refs not valid: is this a git repository?", p.base)
	}
	return p, p.advertised(&packets{r: p.metered(answer.Body)})
}

// discover sends the first request, and follows where it is sent on to.
func (p *httpPeer) discover() (*sandbox.Response, error) {
	tail := "info/refs?service=" + p.service
	at := p.base + tail
	for range maxHops {
		answer, err := p.send("GET", at, nil)
		if err != nil {
			return nil, err
		}
		where := first(answer.Header["Location"])
		if answer.Code/100 != 3 || where == "" {
			if answer.Code != 200 {
				err := p.refused(answer)
				answer.Body.Close()
				return nil, err
			}
			if at != p.base+tail {
				base, ok := strings.CutSuffix(at, tail)
				if !ok {
					answer.Body.Close()
					return nil, fatal("unable to update url base from redirection:\n  asked for: %s\n   redirect: %s", p.base+tail, at)
				}
				if p.service == "git-upload-pack" {
					fmt.Fprintf(p.inv.Stderr, "warning: redirecting to %s\n", base)
				}
				p.base = base
			}
			return answer, nil
		}
		answer.Body.Close()
		from, err := url.Parse(at)
		if err != nil {
			return nil, p.unable("%v", err)
		}
		to, err := from.Parse(where)
		if err != nil {
			return nil, p.unable("The redirect target URL could not be parsed")
		}
		at = to.String()
	}
	return nil, p.unable("Maximum (%d) redirects followed", maxHops)
}

// send sends a request; what http.extraHeader and the credentials say goes to the first site only.
func (p *httpPeer) send(method, at string, body []byte) (*sandbox.Response, error) {
	if p.inv.Fetch == nil {
		u, _ := url.Parse(p.base)
		return nil, p.unable("Could not resolve host: %s (%s)", u.Hostname(), cli.NoNetwork)
	}
	q := sandbox.Request{Method: method, URL: at}
	add := func(name, value string) { q.Header = append(q.Header, sandbox.Field{Name: name, Value: value}) }
	if u, err := url.Parse(at); err == nil && u.Scheme+"://"+u.Host == p.site {
		if p.user != nil {
			password, _ := p.user.Password()
			add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(p.user.Username()+":"+password)))
		}
		for _, line := range p.extraHeaders() {
			if name, value, ok := strings.Cut(line, ":"); ok {
				add(strings.TrimSpace(name), strings.TrimSpace(value))
			}
		}
	}
	add("User-Agent", agent)
	if method == "GET" {
		add("Accept", "*/*")
		add("Pragma", "no-cache")
	} else {
		add("Content-Type", "application/x-"+p.service+"-request")
		add("Accept", "application/x-"+p.service+"-result")
		q.Body, q.Size = bytes.NewReader(body), int64(len(body))
	}
	if p.v2 || method == "GET" && p.service == "git-upload-pack" {
		add("Git-Protocol", "version=2")
	}
	if err := p.inv.Budget.Command(); err != nil {
		return nil, err
	}
	if err := p.spend(len(body)); err != nil {
		return nil, err
	}
	answer, err := p.inv.Fetch(p.ctx, q)
	var fe *sandbox.FetchError
	switch {
	case errors.As(err, &fe) && fe.Stage == sandbox.FetchRefused:
		return nil, p.unable("%v (the sandbox's file grants URLs under network.allow)", fe)
	case err != nil:
		return nil, p.unable("%v", err)
	}
	return answer, nil
}

// post sends a request to the service and returns the answer's body.
func (p *httpPeer) post(body []byte) (io.ReadCloser, error) {
	answer, err := p.send("POST", p.base+p.service, body)
	if err != nil {
		return nil, err
	}
	kind := first(answer.Header["Content-Type"])
	switch {
	case answer.Code == 401 || answer.Code == 403:
		err = p.refused(answer)
	case answer.Code != 200:
		err = fatal("the remote end hung up unexpectedly\nerror: RPC failed; HTTP %d curl 22 The requested URL returned error: %d", answer.Code, answer.Code)
	case kind != "application/x-"+p.service+"-result":
		err = fatal("invalid content-type %s of the answer of %s", plain(kind), p.base)
	default:
		return answer.Body, nil
	}
	answer.Body.Close()
	return nil, err
}

func (p *httpPeer) unable(format string, args ...any) error {
	return fatal("unable to access '%s': %s", p.shown, fmt.Sprintf(format, args...))
}

// refused says what a status means, after what the server says itself.
func (p *httpPeer) refused(answer *sandbox.Response) error {
	code := answer.Code
	if kind := first(answer.Header["Content-Type"]); strings.HasPrefix(kind, "text/plain") && (code != 401 || p.user != nil) {
		text := make([]byte, 8<<10)
		n, _ := io.ReadFull(p.metered(answer.Body), text)
		for line := range strings.Lines(string(text[:n])) {
			fmt.Fprintf(p.inv.Stderr, "remote: %s\n", plain(strings.TrimRight(line, "\r\n")))
		}
	}
	switch {
	case code == 401 && p.user == nil:
		return fatal("could not read Username for '%s': nobody can be asked in this sandbox; write https://USER:PASSWORD@HOST/… for the URL, or set http.extraHeader", p.site)
	case code == 401:
		return fatal("Authentication failed for '%s'", p.shown)
	case code == 404 || code == 410:
		return fatal("repository '%s' not found", p.shown)
	}
	return p.unable("The requested URL returned error: %d", code)
}

// metered is a body that spends for what is read.
func (p *httpPeer) metered(body io.Reader) io.Reader { return &metered{p.repo, body} }

type metered struct {
	*repo
	r io.Reader
}

// Read reads the body.
func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if e := m.spend(n + 1); e != nil {
		return n, e
	}
	return n, err
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

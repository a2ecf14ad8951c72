// Package fetch is the network of a sandbox: HTTP to the URLs that its file allows, and to nothing else. Start at New;
// allow.go judges URLs, address.go the addresses that their hosts turn out to have, connect.go dials those, request.go
// and exchange.go write requests and read answers.
package fetch

import (
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// Config is what a sandbox may reach.
type Config struct {
	// Allow has URL prefixes: scheme, host and port must be the same, and a path ends where a segment does.
	// "https://*.example.com/" is every host below example.com, "https://*/" every host. A private address, one of this
	// machine's among them, is reached only where Allow has it literally, or "localhost".
	Allow []string
	// OwnPort is a port on which flue itself listens, which no sandbox reaches; 0: none.
	OwnPort uint16
	// Roots are the authorities that servers' certificates must come from; nil: the system's.
	Roots *x509.CertPool
}

type client struct {
	allow []prefix
	texts []string
	own   uint16
	roots *x509.CertPool
}

// New makes a sandbox's network. It fails where an entry of Allow is no URL prefix. Variables such as HTTPS_PROXY mean
// nothing to it, and each request has a connection of its own.
func New(c Config) (sandbox.Fetch, error) {
	f := &client{own: c.OwnPort, roots: c.Roots, texts: c.Allow}
	for _, text := range c.Allow {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, err
		}
		f.allow = append(f.allow, p)
	}
	return f.fetch, nil
}

func fail(stage sandbox.FetchStage, format string, args ...any) error {
	return &sandbox.FetchError{Stage: stage, Err: fmt.Errorf(format, args...)}
}

// judge says whether a URL is allowed. A host that an entry names may then have a private address, if it is one.
func (f *client) judge(text string) (target, error) {
	t, err := parseTarget(text)
	if err != nil {
		return t, fail(sandbox.FetchURL, "the URL cannot be fetched: %w", err)
	}
	for _, p := range f.allow {
		if p.matches(t) {
			t.allowed = true
			t.named = t.named || !p.below
		}
	}
	if t.allowed {
		return t, nil
	}
	return t, fail(sandbox.FetchRefused, "the sandbox's network does not allow %s://%s%s; it allows: %s", t.scheme, t.authority, t.path, strings.Join(f.texts, ", "))
}

func (f *client) fetch(ctx context.Context, r sandbox.Request) (*sandbox.Response, error) {
	t, err := f.judge(r.URL)
	if err != nil {
		return nil, err
	}
	head, err := requestHead(r, t)
	if err != nil {
		return nil, err
	}
	if r.Trace == nil {
		r.Trace = func(sandbox.TraceKind, string) {}
	}
	answer := &sandbox.Response{Sent: len(head)}
	began := time.Now()
	conn, err := f.connect(ctx, r, t, answer, began)
	if err != nil {
		return nil, err
	}
	e := &exchange{conn: conn, ctx: ctx, sent: make(chan error, 1)}
	e.stop = context.AfterFunc(ctx, func() { conn.Close() })
	if err := e.ask(r, head, answer); err != nil {
		e.Close()
		return nil, err
	}
	answer.Answered = time.Since(began)
	return answer, nil
}

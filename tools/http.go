package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/flue-run/flue/sandbox/fetch"
)

const (
	maxRedirects = 5
	// readAhead is what is read beyond the limit, so that a secret is found that stands across it; secretsTail of that is
	// never shown, since a secret may be cut off in there.
	readAhead   = 64 << 10
	secretsTail = 16 << 10
)

func (d Declaration) request(env Env) func(context.Context, map[string]any) (Result, error) {
	redact := d.Redact
	if redact == nil {
		redact = func(text string) string { return text }
	}
	return func(ctx context.Context, args map[string]any) (Result, error) {
		request, err := d.Request(args)
		if err != nil {
			return refuse("%s: %s", d.Def.Name, redact(err.Error()))
		}
		out, err := request.build()
		if err != nil {
			return refuse("%s: %s", d.Def.Name, redact(err.Error()))
		}
		limited, cancel := context.WithTimeout(ctx, d.Timeout)
		defer cancel()
		result, err := send(out.WithContext(limited), env.limit(), redact)
		switch {
		case ctx.Err() != nil:
			return Result{}, fmt.Errorf("sending the request of %s: %w", d.Def.Name, context.Cause(ctx))
		case limited.Err() != nil:
			return refuse("%s: no answer within %s; whether the request was carried out is not known", d.Def.Name, d.Timeout)
		case err != nil:
			return refuse("%s: the request failed: %s", d.Def.Name, redact(err.Error()))
		}
		return result, nil
	}
}

// send sends a request and returns status, content type and body.
func send(r *http.Request, limit int, redact func(string) string) (Result, error) {
	client := newClient(r.URL)
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		var around *url.Error // its text holds the URL, and so what is secret in it
		if errors.As(err, &around) {
			err = around.Err
		}
		return Result{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(limit+readAhead+1)))
	if err != nil {
		return Result{}, fmt.Errorf("reading the answer: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", answer.StatusCode, http.StatusText(answer.StatusCode))
	kind := answer.Header.Get("Content-Type")
	if kind != "" {
		fmt.Fprintf(&b, "content-type: %s\n", redact(valid(kind)))
	}
	b.WriteByte('\n')
	b.WriteString(bodyText(body, limit, redact))
	return Result{Text: b.String(), IsError: answer.StatusCode >= 400}, nil
}

// bodyText is what is shown of a body that was read a little further than the limit.
func bodyText(body []byte, limit int, redact func(string) string) string {
	more := len(body) > limit+readAhead
	text := redact(string(body))
	if more {
		text = text[:max(len(text)-secretsTail, 0)]
	}
	cut := min(limit, len(text))
	for cut > 0 && cut < len(text) && !utf8.RuneStart(text[cut]) {
		cut--
	}
	shown := text[:cut]
	switch {
	case strings.IndexByte(shown, 0) >= 0:
		return "(the body is not text)"
	case cut < len(text) || more:
		return valid(shown) + fmt.Sprintf("\n[cut off after %s]", bytesText(int64(limit)))
	}
	return valid(shown)
}

// newClient makes the client for one request: it follows redirects only within the same scheme, host and port, uses no
// proxy, keeps no cookies, and connects to no private address that is not written in the URL.
func newClient(to *url.URL) *http.Client {
	dialer := &net.Dialer{Timeout: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		return fetch.MayConnect(to.Hostname(), address)
	}}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if next.URL.Scheme != to.Scheme || next.URL.Host != to.Host {
				return fmt.Errorf("it was redirected to %s://%s; only redirects within %s://%s are followed", next.URL.Scheme, next.URL.Host, to.Scheme, to.Host)
			}
			if len(before) > maxRedirects {
				return fmt.Errorf("it was redirected more than %d times", maxRedirects)
			}
			return nil
		},
	}
}

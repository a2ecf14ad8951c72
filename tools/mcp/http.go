package mcp

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

// newClient makes the client of a server over HTTP. It follows redirects within the same host only: headers may be secret.
func newClient(headers map[string]string) *http.Client {
	return &http.Client{
		Transport: &headed{headers: headers, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10, TLSHandshakeTimeout: 10 * time.Second}},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if first := before[0].URL; next.URL.Scheme != first.Scheme || next.URL.Host != first.Host || len(before) > 5 {
				return fmt.Errorf("it redirects to %s://%s, which is not followed", next.URL.Scheme, next.URL.Host)
			}
			return nil
		},
	}
}

// headed adds headers to every request, and bounds every answer.
type headed struct {
	*http.Transport
	headers map[string]string
}

func (h *headed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range h.headers {
		r.Header.Set(name, value)
	}
	answer, err := h.Transport.RoundTrip(r)
	if err == nil {
		answer.Body = &bounded{ReadCloser: answer.Body, left: maxMessage}
	}
	return answer, err
}

// bounded is a body that fails when it becomes too long.
type bounded struct {
	io.ReadCloser
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("an answer of more than %d MiB", maxMessage>>20)
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

package tools

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// Request is what a declared tool sends over HTTP.
type Request struct {
	Method  string // "": GET, or POST with a body
	URL     string
	Headers map[string]string
	Body    []byte // nil: none
}

// EscapeURL makes a value one part of a URL: of its path one segment, of its query one key or value. before is the URL up
// to there. What comes before the path (where a request goes) only a trusted value may be part of, one that the
// model has no say in; it goes in as it is.
func EscapeURL(before, value string, trusted bool) (string, error) {
	_, rest, _ := strings.Cut(before, "://")
	switch {
	case !strings.ContainsAny(rest, "/?#"):
		if !trusted {
			return "", fmt.Errorf("an argument stands in the URL where its host is; it may only stand behind it")
		}
		return value, nil
	case strings.Contains(rest, "?"):
		return url.QueryEscape(value), nil
	case value == "":
		return "", fmt.Errorf("an argument that is part of the URL's path is empty")
	}
	return url.PathEscape(value), nil
}

// ownHeaders are set by what sends the request.
var ownHeaders = []string{"Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding", "Upgrade"}

// build checks r and makes what net/http sends.
func (r Request) build() (*http.Request, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the URL cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the URL does not begin with https:// or http://")
	case u.Hostname() == "":
		return nil, fmt.Errorf("the URL has no host")
	case u.User != nil:
		return nil, fmt.Errorf("the URL holds a user or password; send them in the header Authorization")
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return nil, fmt.Errorf("the URL's path holds %q, which leads elsewhere", segment)
		}
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
		if r.Body != nil {
			method = http.MethodPost
		}
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	out, err := http.NewRequest(method, r.URL, body)
	if err != nil {
		return nil, fmt.Errorf("the URL cannot be sent to")
	}
	out.Header.Set("User-Agent", "flue")
	for name, value := range r.Headers {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if slices.Contains(ownHeaders, name) {
			return nil, fmt.Errorf("the header %s cannot be set", name)
		}
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			return nil, fmt.Errorf("the value of the header %s holds a line break or another control character", name)
		}
		out.Header.Set(name, value)
	}
	return out, nil
}

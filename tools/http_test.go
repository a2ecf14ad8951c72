package tools

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/model"
)

func TestEscapeURL(t *testing.T) {
	for _, c := range []struct {
		before, value string
		trusted       bool
		want          string // "": an error
	}{
		{"", "https://api.example.com", true, "https://api.example.com"},
		{"https://", "api.example.com:8443", true, "api.example.com:8443"},
		{"", "https://evil.example", false, ""},
		{"https://", "evil.example", false, ""},
		{"https://api.example.com", ".evil.example", false, ""},
		{"https://api.example.com", "@evil.example/", false, ""},
		{"https://api.example.com/t/", "a/../b?x#y", false, "a%2F..%2Fb%3Fx%23y"},
		{"https://api.example.com/t/", "%2e%2e", false, "%252e%252e"},
		{"https://api.example.com/t/", "", false, ""},
		{"https://api.example.com/t?q=", "a&b=c d#é", false, "a%26b%3Dc+d%23%C3%A9"},
		{"https://api.example.com/t?q=", "", false, ""},
		{"https://api.example.com?q=", "a/b", true, "a%2Fb"},
	} {
		got, err := EscapeURL(c.before, c.value, c.trusted)
		if c.want == "" && err == nil && !strings.HasSuffix(c.before, "=") || got != c.want {
			t.Errorf("%s + %q: %q, %v, want %q", c.before, c.value, got, err, c.want)
		}
	}
}

func FuzzEscapeURL(f *testing.F) {
	for _, value := range []string{"a/../b?x#y", "%2e%2e", "..", "", "\r\nHost: evil", "@evil.example", "\\evil", "é&=+"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		const path, query = "https://api.example.com/t/", "/end?q="
		segment, err := EscapeURL(path, value, false)
		if err != nil {
			return
		}
		text, err := EscapeURL(path+segment+query, value, false)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Request{URL: path + segment + query + text}.build()
		if err != nil {
			return
		}
		if r.URL.Host != "api.example.com" || r.URL.Path != "/t/"+value+"/end" || strings.Count(r.URL.EscapedPath(), "/") != 3 ||
			len(r.URL.Query()) != 1 || r.URL.Query().Get("q") != value || r.URL.Fragment != "" {
			t.Errorf("%q became %s", value, r.URL)
		}
	})
}

func TestRequestRefused(t *testing.T) {
	for _, c := range []struct {
		r    Request
		want string
	}{
		{Request{URL: "ftp://example.com/"}, "does not begin with https:// or http://"},
		{Request{URL: "file:///etc/passwd"}, "does not begin with https:// or http://"},
		{Request{URL: "https:///x"}, "no host"},
		{Request{URL: "https://user:pw@example.com/"}, "user or password"},
		{Request{URL: "https://example.com/a/../b"}, `holds ".."`},
		{Request{URL: "https://example.com/a/%2E%2e/b"}, `holds ".."`},
		{Request{URL: "https://example.com/\x00"}, "cannot be read"},
		{Request{URL: "https://example.com/", Headers: map[string]string{"X-A": "a\r\nX-B: b"}}, "X-A holds a line break"},
		{Request{URL: "https://example.com/", Headers: map[string]string{"host": "evil.example"}}, "the header Host cannot be set"},
		{Request{URL: "https://example.com/", Headers: map[string]string{"transfer-encoding": "chunked"}}, "cannot be set"},
	} {
		if _, err := c.r.build(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.r, err, c.want)
		}
	}
}

const secret = "s3cr3t-canary"

// sender is a declared tool that sends r; it takes the secret out of what comes back.
func sender(r Request, limit int, timeout time.Duration) Tool {
	return Declared(Env{Sandbox: newFake(nil), Limit: limit}, Declaration{Def: model.ToolDef{Name: "send"}, Timeout: timeout,
		Request: func(map[string]any) (Request, error) { return r, nil },
		Redact:  func(text string) string { return strings.ReplaceAll(text, secret, "[redacted]") }})
}

func TestSend(t *testing.T) {
	var elsewhere []string // requests that another host got
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere = append(elsewhere, r.URL.String()) }))
	defer other.Close()
	released := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/echo":
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL.RawQuery, r.Header.Get("Authorization"), body)
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, "no %s here", r.Header.Get("Authorization"))
		case "/big":
			io.WriteString(w, strings.Repeat("x", 990)+secret+strings.Repeat("y", 1<<20))
		case "/binary":
			w.Header().Set("Content-Type", "image/png")
			io.WriteString(w, "\x89PNG\x00")
		case "/moved":
			http.Redirect(w, r, "/echo?moved", http.StatusTemporaryRedirect)
		case "/away":
			http.Redirect(w, r, other.URL+"/stolen?"+secret, http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/slow":
			select {
			case <-released:
			case <-r.Context().Done():
			}
		case "/cut":
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "short")
		}
	}))
	defer server.Close()
	defer close(released)
	auth := map[string]string{"Authorization": "Bearer " + secret}
	for _, c := range []struct {
		r       Request
		want    string // with … for the rest
		isError bool
	}{
		{Request{URL: "/echo?a=1"}, "200 OK\ncontent-type: text/plain\n\nGET a=1  ", false},
		{Request{URL: "/echo", Body: []byte("hi"), Headers: auth}, "200 OK\ncontent-type: text/plain\n\nPOST  Bearer [redacted] hi", false},
		{Request{URL: "/echo", Method: "PUT", Body: []byte("hi")}, "200 OK\ncontent-type: text/plain\n\nPUT   hi", false},
		{Request{URL: "/missing", Headers: auth}, "404 Not Found\n…no Bearer [redacted] here", true},
		{Request{URL: "/big"}, "200 OK\n…xxx[redacted]\n[cut off after 1000 bytes]", false},
		{Request{URL: "/binary"}, "200 OK\ncontent-type: image/png\n\n(the body is not text)", false},
		{Request{URL: "/moved", Body: []byte("hi"), Headers: auth}, "200 OK\ncontent-type: text/plain\n\nPOST moved Bearer [redacted] hi", false},
		{Request{URL: "/away", Headers: auth}, "send: the request failed: it was redirected to " + other.URL + "; only redirects within " + server.URL + " are followed", true},
		{Request{URL: "/loop"}, "send: the request failed: it was redirected more than 5 times", true},
		{Request{URL: "/slow"}, "send: no answer within 200ms; whether the request was carried out is not known", true},
		{Request{URL: "/cut"}, "send: the request failed: reading the answer: unexpected EOF", true},
		{Request{URL: "/echo", Headers: map[string]string{"X": secret + "\n"}}, "send: the value of the header X holds a line break or another control character", true},
	} {
		path := c.r.URL
		c.r.URL = server.URL + path
		got := invoke(t, sender(c.r, 1000, 200*time.Millisecond), `{}`)
		begin, end, _ := strings.Cut(c.want, "…")
		if !strings.HasPrefix(got.Text, begin) || !strings.HasSuffix(got.Text, end) || !strings.Contains(c.want, "…") && got.Text != c.want || got.IsError != c.isError {
			t.Errorf("%s: %+v, want %q", path, got, c.want)
		}
		if strings.Contains(got.Text, secret) {
			t.Errorf("%s: the secret is in %q", path, got.Text)
		}
	}
	if len(elsewhere) > 0 {
		t.Errorf("another host was sent %v", elsewhere)
	}
}

// TestCutSecret is about a body that was not read to its end, so that a secret may be cut off there; redacting moves it
// nearer to what is shown.
func TestCutSecret(t *testing.T) {
	const limit = 300 << 10
	body := ("...." + strings.Repeat(secret, limit))[:limit+readAhead+1]
	text := bodyText([]byte(body), limit, func(text string) string { return strings.ReplaceAll(text, secret, "[redacted]") })
	if strings.Contains(text, "s3") || !strings.HasPrefix(text, "....[redacted]") {
		t.Errorf("%q", text[max(len(text)-100, 0):])
	}
}

// TestClientChecksAddress is about a name that a name server says is an address of this machine.
func TestClientChecksAddress(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	transport := newClient(&url.URL{Scheme: "http", Host: "rebound.example"}).Transport.(*http.Transport)
	if _, err := transport.DialContext(t.Context(), "tcp", server.Listener.Addr().String()); err == nil || !strings.Contains(err.Error(), "private address 127.0.0.1") {
		t.Errorf("connected: %v", err)
	}
	if transport.Proxy != nil {
		t.Error("a proxy would connect in its place")
	}
}

func TestRequestErrorIsForTheModel(t *testing.T) {
	tool := sender(Request{}, 0, 0)
	raw := json.RawMessage(`[]`)
	if r, err := tool.Run(t.Context(), raw); err != nil || !r.IsError {
		t.Errorf("%+v %v", r, err)
	}
}

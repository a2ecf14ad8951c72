package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// stage is where a request to url fails; 0 where it does not.
func stage(t *testing.T, c Config, r sandbox.Request) (sandbox.FetchStage, string) {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Method == "" {
		r.Method = "GET"
	}
	answer, err := f(t.Context(), r)
	if err == nil {
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Error(err)
		}
		return 0, string(body)
	}
	var fe *sandbox.FetchError
	if !errors.As(err, &fe) {
		t.Fatalf("%s: %T %v", r.URL, err, err)
	}
	return fe.Stage, err.Error()
}

func TestPrefixes(t *testing.T) {
	for _, entry := range []string{"example.com", "ftp://example.com/", "https://", "https:///x", "https://user@example.com/", "https://user:pass@example.com/", "https://example.com/?q",
		"https://example.com/#f", "https://example.com/../x", "https://exa mple.com/", "https://exämple.com/", "https://example.com./", "https://*.*.com/", "https://a*.com/",
		"https://example.com:x/", "https://example.com:/", "https://example.com:0/", "https://example.com:70000/", "https://0x7f.1/", "https://[fe80::1%25eth0]/", `https://example.com\x`} {
		if _, err := New(Config{Allow: []string{entry}}); err == nil {
			t.Errorf("%s is taken", entry)
		}
	}
}

// TestAllow is about URLs alone: nothing is dialed.
func TestAllow(t *testing.T) {
	const one, site, below, all, port = "https://api.example.com/v1/", "https://example.com", "https://*.example.com/", "https://*", "http://example.com:8080/a"
	for _, c := range []struct {
		allow, url string
		want       sandbox.FetchStage // 0: allowed
	}{
		{one, "https://api.example.com/v1/", 0},
		{one, "https://api.example.com/v1/x?y=/../..", 0},
		{one, "https://API.Example.COM/v1/x", 0},
		{one, "HTTPS://api.example.com:443/v1/x", 0},
		{one, "https://api.example.com/v1/%41%20b", 0},
		{one, "https://api.example.com/v1", sandbox.FetchRefused},
		{one, "https://api.example.com/v10/", sandbox.FetchRefused},
		{one, "https://api.example.com/", sandbox.FetchRefused},
		{one, "https://api.example.com/V1/", sandbox.FetchRefused},
		{one, "http://api.example.com/v1/", sandbox.FetchRefused},
		{one, "https://api.example.com:8443/v1/", sandbox.FetchRefused},
		{one, "https://api.example.com.evil.example/v1/", sandbox.FetchRefused},
		{one, "https://xapi.example.com/v1/", sandbox.FetchRefused},
		{one, "https://api.example.com@evil.example/v1/", sandbox.FetchURL},
		{one, "https://evil.example#@api.example.com/v1/", sandbox.FetchRefused},
		{one, "https://evil.example?@api.example.com/v1/", sandbox.FetchRefused},
		{one, "https://evil.example\\@api.example.com/v1/", sandbox.FetchURL},
		{one, "https://user:pass@api.example.com/v1/", sandbox.FetchURL},
		{one, "https://@api.example.com/v1/", sandbox.FetchURL},
		{one, "https://api.example.com./v1/", sandbox.FetchURL},
		{one, "https://api。example。com/v1/", sandbox.FetchURL},
		{one, "https://аpi.example.com/v1/", sandbox.FetchURL},
		{one, "https://api%2eexample.com/v1/", sandbox.FetchURL},
		{one, "https://api.example.com%2f@evil.example/v1/", sandbox.FetchURL},
		{one, "https://api.example.com/v1/../admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/..", sandbox.FetchURL},
		{one, "https://api.example.com/v1/./x", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%2e%2e/admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/.%2E/admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%252e%252e/admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%25252e%25252e/admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%252525252525252e./admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/..%2fadmin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/..%5cadmin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/..;/admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%2e%2e;x=y/admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1%2f..%2fadmin", sandbox.FetchURL},
		{one, "https://api.example.com/v1\\..\\admin", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%00", sandbox.FetchURL},
		{one, "https://api.example.com/v1/%zz", sandbox.FetchURL},
		{one, "https://api.example.com/v1/ x", sandbox.FetchURL},
		{one, "https://api.example.com/v1/\r\nHost: evil.example", sandbox.FetchURL},
		{one, "https://api.example.com:/v1/", sandbox.FetchURL},
		{one, "https://api.example.com:0443/v1/", sandbox.FetchURL},
		{one, "https://api.example.com:443:80/v1/", sandbox.FetchURL},
		{one, "https:api.example.com/v1/", sandbox.FetchURL},
		{one, "https:///v1/", sandbox.FetchURL},
		{one, "//api.example.com/v1/", sandbox.FetchURL},
		{one, "ftp://api.example.com/v1/", sandbox.FetchURL},
		{one, "file:///etc/passwd", sandbox.FetchURL},
		{one, "", sandbox.FetchURL},
		{site, "https://example.com", 0},
		{site, "https://example.com?x", 0},
		{site, "https://example.com/any", 0},
		{site, "https://a.example.com/", sandbox.FetchRefused},
		{below, "https://a.example.com/", 0},
		{below, "https://a.b.example.com/x", 0},
		{below, "https://example.com/", sandbox.FetchRefused},
		{below, "https://badexample.com/", sandbox.FetchRefused},
		{below, "https://.example.com/", sandbox.FetchURL},
		{all, "https://anything.example/", 0},
		{all, "https://2130706433/", sandbox.FetchURL},
		{all, "https://0x7f.0.0.1/", sandbox.FetchURL},
		{all, "https://127.1/", sandbox.FetchURL},
		{all, "https://0177.0.0.1/", sandbox.FetchURL},
		{all, "https://[::1%25lo]/", sandbox.FetchURL},
		{port, "http://example.com:8080/a", 0},
		{port, "http://example.com:8080/a/b", 0},
		{port, "http://example.com:8080/ab", sandbox.FetchRefused},
		{port, "http://example.com/a", sandbox.FetchRefused},
	} {
		f := &client{texts: []string{c.allow}}
		p, err := parsePrefix(c.allow)
		if err != nil {
			t.Fatal(err)
		}
		f.allow = []prefix{p}
		got := sandbox.FetchStage(0)
		if _, err := f.judge(c.url); err != nil {
			var fe *sandbox.FetchError
			errors.As(err, &fe)
			got = fe.Stage
		}
		if got != c.want {
			t.Errorf("%s allows %s: stage %d, want %d", c.allow, c.url, got, c.want)
		}
	}
}

// TestAddresses dials: what an entry does not name itself is not reached, whatever its name resolves to.
func TestAddresses(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "reached") }))
	defer server.Close()
	at := netip.MustParseAddrPort(server.Listener.Addr().String())
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, c := range []struct {
		allow, url string
		own        uint16
		want       sandbox.FetchStage
	}{
		{server.URL, server.URL, 0, 0},
		{"http://localhost" + port, "http://localhost" + port, 0, 0},
		{server.URL, server.URL, at.Port(), sandbox.FetchRefused},
		{"http://*" + port, server.URL, 0, sandbox.FetchRefused},
		{"http://*" + port, "http://localhost" + port, 0, sandbox.FetchRefused},
		{"http://*" + port, "http://[::ffff:127.0.0.1]" + port, 0, sandbox.FetchRefused},
		{"http://*" + port, "http://[::ffff:7f00:1]" + port, 0, sandbox.FetchRefused},
		{"http://*" + port, "http://[64:ff9b::7f00:1]" + port, 0, sandbox.FetchRefused},
		{"http://*" + port, "http://0.0.0.0" + port, 0, sandbox.FetchRefused},
		{"http://*", "http://169.254.169.254/latest/meta-data/", 0, sandbox.FetchRefused},
		{"http://*", "http://[fd00:ec2::254]/latest/", 0, sandbox.FetchRefused},
		{"http://*", "http://100.100.100.200/", 0, sandbox.FetchRefused},
		{"http://*", "http://10.0.0.1/", 0, sandbox.FetchRefused},
		{"http://*", "http://224.0.0.1/", 0, sandbox.FetchRefused},
		{"http://127.0.0.1:1", "http://127.0.0.1:1", 0, sandbox.FetchConnect},
	} {
		if got, text := stage(t, Config{Allow: []string{c.allow}, OwnPort: c.own}, sandbox.Request{URL: c.url, Dial: 2 * time.Second}); got != c.want {
			t.Errorf("%s with %s: stage %d (%s), want %d", c.url, c.allow, got, text, c.want)
		}
	}
}

// TestRequests is what a server gets to see, and what it does not.
func TestRequests(t *testing.T) {
	var seen bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Reset()
		r.Write(&seen)
		http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
	}))
	defer server.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	allow := Config{Allow: []string{server.URL}}
	header := func(name, value string) []sandbox.Field { return []sandbox.Field{{Name: name, Value: value}} }
	for _, c := range []struct {
		name string
		r    sandbox.Request
		want sandbox.FetchStage
	}{
		{"a redirect is not followed", sandbox.Request{}, 0},
		{"a line in a value", sandbox.Request{Header: header("X", "a\r\nY: b")}, sandbox.FetchURL},
		{"a line in a name", sandbox.Request{Header: header("X: a\r\nY", "b")}, sandbox.FetchURL},
		{"a zero byte", sandbox.Request{Header: header("X", "a\x00")}, sandbox.FetchURL},
		{"a request in the method", sandbox.Request{Method: "GET / HTTP/1.1\r\n\r\nDELETE"}, sandbox.FetchURL},
		{"no method", sandbox.Request{Method: "G T"}, sandbox.FetchURL},
		{"another host", sandbox.Request{Header: header("Host", "other.example")}, sandbox.FetchRefused},
		{"its own host", sandbox.Request{Header: header("host", strings.TrimPrefix(server.URL, "http://"))}, 0},
		{"another length", sandbox.Request{Method: "POST", Header: header("Content-Length", "100"), Body: strings.NewReader("x"), Size: 1}, 0},
		{"another framing", sandbox.Request{Method: "POST", Header: header("Transfer-Encoding", "chunked"), Body: strings.NewReader("x"), Size: 1}, 0},
		{"an upgrade", sandbox.Request{Header: header("Upgrade", "h2c")}, 0},
	} {
		seen.Reset()
		c.r.URL = server.URL
		got, text := stage(t, allow, c.r)
		if got != c.want || (got == 0) != (seen.Len() > 0) || strings.Contains(seen.String(), "100") || strings.Contains(seen.String(), "h2c") {
			t.Errorf("%s: stage %d (%s), want %d; the server saw %q", c.name, got, text, c.want, seen.String())
		}
	}
}

// TestAnswers is about servers that mean harm.
func TestAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	answers := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, <-answers)
			conn.Close()
		}
	}()
	for name, c := range map[string]struct {
		answer string
		want   sandbox.FetchStage
	}{
		"nothing":          {"", sandbox.FetchEmpty},
		"no HTTP":          {"hello\r\n\r\n", sandbox.FetchFormat},
		"endless line":     {"HTTP/1.1 200 " + strings.Repeat("x", 1<<20), sandbox.FetchReceive},
		"endless head":     {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 100_000), sandbox.FetchReceive},
		"endless continue": {strings.Repeat("HTTP/1.1 100 Continue\r\nX: y\r\n\r\n", 100_000), sandbox.FetchReceive},
		"half a head":      {"HTTP/1.1 200 OK\r\nX: y\r\n", sandbox.FetchReceive},
		"two lengths":      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", sandbox.FetchFormat},
		"a negative one":   {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab", sandbox.FetchFormat},
		"early hints":      {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 0},
	} {
		answers <- c.answer
		if got, text := stage(t, Config{Allow: []string{"http://" + listener.Addr().String()}}, sandbox.Request{URL: "http://" + listener.Addr().String()}); got != c.want {
			t.Errorf("%s: stage %d (%.100s), want %d", name, got, text, c.want)
		}
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	defer server.Close()
	server.Config.ErrorLog = nil
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	if got, text := stage(t, Config{Allow: []string{server.URL}, Roots: pool}, sandbox.Request{URL: server.URL}); got != 0 || text != "HTTP/1.1" {
		t.Errorf("stage %d, %s", got, text)
	}
	if got, text := stage(t, Config{Allow: []string{server.URL}, Roots: x509.NewCertPool()}, sandbox.Request{URL: server.URL}); got != sandbox.FetchCertificate {
		t.Errorf("an unknown authority: stage %d, %s", got, text)
	}
	plain := strings.Replace(server.URL, "https", "http", 1)
	if got, _ := stage(t, Config{Allow: []string{plain}}, sandbox.Request{URL: plain}); got != 0 {
		t.Errorf("http to a TLS server: stage %d", got) // it answers 400 in plain text
	}
}

// TestStops: a request ends with its context, wherever it waits.
func TestStops(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"no answer": func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"no end": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
	} {
		server := httptest.NewServer(handler)
		f, err := New(Config{Allow: []string{server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		answer, err := f(ctx, sandbox.Request{Method: "GET", URL: server.URL})
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		var fe *sandbox.FetchError
		if !errors.As(err, &fe) || fe.Stage != sandbox.FetchTimeout {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
		server.Close()
	}
}

func FuzzAllow(f *testing.F) {
	for _, url := range []string{"https://api.example.com/v1/x", "https://a@b/%2e%2e/", "https://[::1]:80/..;/"} {
		f.Add(url)
	}
	p, err := parsePrefix("https://api.example.com/v1/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, url string) {
		got, err := parseTarget(url)
		if err != nil || !p.matches(got) {
			return
		}
		if got.host != "api.example.com" || got.port != "443" || !strings.HasPrefix(got.request, "/") || strings.ContainsAny(got.request, " \r\n") || strings.Contains(got.path, "/../") {
			t.Errorf("%q became %+v", url, got)
		}
	})
}

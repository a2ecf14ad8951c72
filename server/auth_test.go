package server_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/store/memory"
)

const token = "token-9b1f3c"

func TestTokens(t *testing.T) {
	w := serve(t, options{tokens: []server.Token{{Name: "other", Value: "other-token"}, {Name: "ci", Value: token}}})
	for _, c := range []struct {
		path, authorization string
		status              int
	}{
		{"/agents", "Bearer " + token, 200},
		{"/agents", "bearer " + token, 200},
		{"/agents", "Bearer other-token", 200},
		{"/agents", "", 401},
		{"/agents", "Bearer ", 401},
		{"/agents", "Bearer " + token + "x", 401},
		{"/agents", "Bearer " + token[1:], 401},
		{"/agents", "Basic " + token, 401},
		{"/agents", token, 401},
		{"/nothing", "", 401},
		{"/metrics", "", 401},
		{"/openapi.json", "", 401},
		{"/runs/r", "", 401},
		{"/health", "", 200},
		{"/ready", "", 200},
	} {
		a := w.do("GET", c.path, "", "Authorization: "+c.authorization, "Host: flue.example.com", "X-Forwarded-For: 1.2.3.4")
		if a.status != c.status {
			t.Errorf("%s with %q: %d, want %d", c.path, c.authorization, a.status, c.status)
		}
		if c.status == 401 && a.header.Get("WWW-Authenticate") != `Bearer realm="flue"` {
			t.Errorf("WWW-Authenticate is %q", a.header.Get("WWW-Authenticate"))
		}
	}
	if !strings.Contains(w.log.String(), "token=ci") {
		t.Errorf("the log does not name the client:\n%s", w.log)
	}
	w.do("POST", "/agents/signed/s1", "", "Authorization: Bearer "+token).want(t, 200, "")
}

func TestEmptyToken(t *testing.T) {
	w := serve(t, options{})
	_, err := server.New(server.Config{Runner: w.node, Store: memory.New(), Log: slog.New(slog.DiscardHandler), Tokens: []server.Token{{Name: "ci", Value: " "}}})
	if err == nil || !strings.Contains(err.Error(), `token "ci"`) {
		t.Errorf("an empty token gives %v", err)
	}
}

// TestWithoutTokens has only this machine served, by its own names.
func TestWithoutTokens(t *testing.T) {
	w := serve(t, options{})
	for host, status := range map[string]int{
		"localhost": 200, "localhost:3000": 200, "LOCALHOST": 200, "127.0.0.1:1": 200, "127.1.2.3": 200, "[::1]:80": 200, "[::1]": 200,
		"evil.example.com": 403, "evil.example.com:3000": 403, "localhost.evil.com": 403, "127.0.0.1.evil.com": 403, "10.0.0.1": 403, "0.0.0.0": 403,
		"[::]": 403, "127.1": 403,
	} {
		if a := w.do("GET", "/agents", "", "Host: "+host); a.status != status {
			t.Errorf("Host %s: %d, want %d", host, a.status, status)
		}
	}
	for _, header := range []string{"X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4", "Via: 1.1 proxy"} {
		w.do("GET", "/agents", "", header).want(t, 403, "token_needed")
	}
	w.do("GET", "/health", "", "Host: evil.example.com").want(t, 200, "")
}

func TestListen(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false, "nonsense": false, "192.0.2.1:0": false} {
		ln, err := server.Listen(t.Context(), address, false)
		if (err == nil) != ok {
			t.Errorf("%s without tokens: %v", address, err)
		}
		if err == nil {
			ln.Close()
		}
	}
	ln, err := server.Listen(t.Context(), "0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
}

// TestBrowsers has pages of other origins call.
func TestBrowsers(t *testing.T) {
	w := serve(t, options{cors: []string{"https://app.example.com"}})
	w.do("POST", "/agents/main", `{"n": 1}`, "Origin: https://evil.example.com", "Sec-Fetch-Site: cross-site").want(t, 403, "cross_origin")
	w.do("POST", "/agents/main", `{"n": 1}`, "Sec-Fetch-Site: cross-site").want(t, 403, "cross_origin")
	if a := w.do("GET", "/agents", "", "Origin: https://evil.example.com"); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin may read: %v", a.header)
	}
	a := w.do("POST", "/agents/main", `{"n": 1}`, "Origin: https://app.example.com", "Sec-Fetch-Site: cross-site").want(t, 200, "")
	if a.header.Get("Access-Control-Allow-Origin") != "https://app.example.com" || a.header.Get("Vary") != "Origin" {
		t.Errorf("the listed origin may not read: %v", a.header)
	}
	res, err := w.open("OPTIONS", "/agents/main", "", "Origin: https://app.example.com", "Access-Control-Request-Method: POST")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 204 || !strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "Idempotency-Key") {
		t.Errorf("preflight: %d %v", res.StatusCode, res.Header)
	}
	w.do("OPTIONS", "/agents/main", "", "Origin: https://evil.example.com").want(t, 405, "")
}

package server_test

import (
	"io"
	"strings"
	"testing"

	"github.com/flue-run/flue/server"
)

// TestSecrets looks for the server's secrets in all that it says.
func TestSecrets(t *testing.T) {
	w := serve(t, options{tokens: []server.Token{{Name: "ci", Value: token}}})
	said := ""
	ask := func(method, path, body string, headers ...string) {
		res, err := w.open(method, path, body, headers...)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		data, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range res.Header {
			said += name + ": " + strings.Join(values, ",") + "\n"
		}
		said += string(data)
	}
	for _, authorization := range []string{"Authorization: Bearer " + token, "Authorization: Bearer " + token + "x"} {
		for _, route := range w.server.Routes() {
			method, path, _ := strings.Cut(route, " ")
			if strings.HasSuffix(path, "/events") {
				continue // without an end; the log has the same events
			}
			path = strings.NewReplacer("{agent}", "notes", "{session}", "s1", "{run}", "none", "{path...}", "notes.txt").Replace(path)
			ask(method, path, `{"text": "x"}`, authorization, "Accept: text/event-stream")
		}
	}
	ask("POST", "/agents/down/s1", "", "Authorization: Bearer "+token)
	ask("GET", "/agents/down/s1/log", "", "Authorization: Bearer "+token)
	said += w.log.String()
	if !strings.Contains(said, "token=ci") || !strings.Contains(said, "out of order") || !strings.Contains(said, "flue_runs_running") {
		t.Fatalf("too little was said:\n%s", said)
	}
	for _, secret := range []string{token, hookSecret} {
		if strings.Contains(said, secret) {
			t.Errorf("%s is told:\n%s", secret, said)
		}
	}
}

// TestInternalErrors has the store fail: the client gets a reference, the log the reason.
func TestInternalErrors(t *testing.T) {
	w := serve(t, options{})
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	a := w.do("GET", "/sessions", "").want(t, 500, "internal")
	ref := a.field(t, "error", "ref")
	if strings.Contains(a.body, "closed") || !strings.Contains(w.log.String(), ref) || !strings.Contains(w.log.String(), "closed") {
		t.Errorf("the client is told %s, the log\n%s", a.body, w.log)
	}
}

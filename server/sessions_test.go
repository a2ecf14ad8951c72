package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flue-run/flue/store"
)

// TestSessions lists, shows, forks, rewinds and deletes sessions.
func TestSessions(t *testing.T) {
	w := serve(t, options{})
	for i := range 3 {
		w.do("POST", fmt.Sprintf("/agents/main/s%d", i), `{"n": 1}`).want(t, 200, "")
	}
	w.do("POST", "/agents/notes/s1", `{"text": "alpha"}`).want(t, 200, "")
	w.do("POST", "/agents/notes/s1", `{"text": "beta"}`).want(t, 200, "")
	if err := w.store.CreateSession(t.Context(), store.Key{Agent: "private", Session: "p1"}, store.Key{}); err != nil {
		t.Fatal(err)
	}

	var names []string
	for next := ""; ; {
		page := w.do("GET", "/sessions?limit=3&after="+next, "").want(t, 200, "")
		for _, part := range strings.Split(page.body, `"agent":"`)[1:] {
			agent, rest, _ := strings.Cut(part, `"`)
			_, rest, _ = strings.Cut(rest, `"session":"`)
			session, _, _ := strings.Cut(rest, `"`)
			names = append(names, agent+"/"+session)
		}
		if next = page.field(t, "next"); next == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "notes/s1 main/s2 main/s1 main/s0" {
		t.Errorf("the sessions are %s", got)
	}
	if got := w.do("GET", "/sessions?agent=notes", "").body; strings.Contains(got, "main") || !strings.Contains(got, "notes") {
		t.Errorf("those of notes are %s", got)
	}
	w.do("GET", "/sessions?limit=0", "").want(t, 400, "invalid_request")
	w.do("GET", "/sessions?after=x", "").want(t, 400, "invalid_request")

	shown := w.do("GET", "/agents/main/s1", "").want(t, 200, "")
	if !strings.Contains(shown.body, `"Help 1."`) || !strings.Contains(shown.body, `"Helped."`) || shown.field(t, "runs") != "1" {
		t.Errorf("the session is %s", shown.body)
	}
	log := w.do("GET", "/agents/notes/s1/log", "").want(t, 200, "").body
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if rest := w.do("GET", "/agents/notes/s1/log?after=3", "").body; rest != strings.Join(lines[3:], "\n")+"\n" {
		t.Errorf("the log after entry 3 is %s", rest)
	}
	first := 0 // the last entry of the first run
	for i, line := range lines {
		if strings.Contains(line, `"type":"done"`) {
			first = i + 1
			break
		}
	}
	file := func(session string) string {
		return w.do("GET", "/agents/notes/"+session+"/files/notes.txt", "").body
	}
	if file("s1") != "alpha\nbeta\n" {
		t.Errorf("the file is %q", file("s1"))
	}
	forked := w.do("POST", "/agents/notes/s1/fork", fmt.Sprintf(`{"session": "copy", "at": %d}`, first)).want(t, 201, "")
	if forked.header.Get("Location") != "/agents/notes/copy" || file("copy") != "alpha\n" {
		t.Errorf("the copy is %s with %q", forked.body, file("copy"))
	}
	w.do("POST", "/agents/notes/s1/fork", `{"session": "copy"}`).want(t, 409, "session_exists")
	w.do("POST", "/agents/notes/s1/fork", `{"session": "-"}`).want(t, 400, "invalid_session")
	w.do("POST", "/agents/notes/s1/fork", `{"session": "c2", "at": 999}`).want(t, 400, "invalid_request")
	w.do("POST", "/agents/notes/s1/fork", `{"session": "c2", "at": -1}`).want(t, 400, "invalid_request")
	w.do("POST", "/agents/notes/s1/fork", `{"session": "c2", "when": 1}`).want(t, 400, "invalid_request")
	w.do("POST", "/agents/notes/s1/rewind", ``).want(t, 400, "invalid_request")
	w.do("POST", "/agents/notes/s1/rewind", `{}`).want(t, 400, "invalid_request")
	w.do("POST", "/agents/notes/s1/rewind", fmt.Sprintf(`{"to": %d}`, first)).want(t, 200, "")
	if file("s1") != "alpha\n" {
		t.Errorf("after the rewind the file is %q", file("s1"))
	}

	w.do("DELETE", "/agents/notes/s1", "").want(t, 204, "")
	w.do("DELETE", "/agents/notes/s1", "").want(t, 404, "session_not_found")
	w.do("POST", "/agents/slow/s1", "", "X-Webhook: true").want(t, 202, "")
	<-w.working
	w.do("DELETE", "/agents/slow/s1", "").want(t, 409, "session_busy")
	w.do("POST", "/agents/slow/s1/rewind", `{"to": 0}`).want(t, 409, "session_busy")
}

// TestRunsPages lists runs page by page.
func TestRunsPages(t *testing.T) {
	w := serve(t, options{})
	var want []string
	for range 5 {
		want = append([]string{w.do("POST", "/agents/broken/s1", "").want(t, 422, "").field(t, "error", "details", "run")}, want...)
	}
	var got []string
	for next := ""; ; {
		page := w.do("GET", "/runs?limit=2&after="+next, "").want(t, 200, "")
		for _, part := range strings.Split(page.body, `"run":"`)[1:] {
			run, _, _ := strings.Cut(part, `"`)
			got = append(got, run)
		}
		if next = page.field(t, "next"); next == "" {
			break
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the runs are %v, want %v", got, want)
	}
	w.do("GET", "/runs?session=s1", "").want(t, 400, "invalid_request")
	w.do("GET", "/runs?after=run_none", "").want(t, 400, "invalid_request")
	if got := w.do("GET", "/runs?agent=broken&session=none", "").want(t, 200, "").body; !strings.Contains(got, "[]") {
		t.Errorf("the runs of no session are %s", got)
	}
}

// TestFiles reads a workspace.
func TestFiles(t *testing.T) {
	w := serve(t, options{})
	w.do("POST", "/agents/notes/s1", `{"text": "<script>alert(1)</script>"}`).want(t, 200, "")
	const files = "/agents/notes/s1/files/"
	top := w.do("GET", files, "").want(t, 200, "")
	if !strings.Contains(top.body, `"name":"notes.txt","type":"file","size":26`) || !strings.Contains(top.body, `"name":"sub","type":"directory"`) {
		t.Errorf("the workspace holds %s", top.body)
	}
	if sub := w.do("GET", files+"sub", "").want(t, 200, ""); sub.field(t, "path") != "sub" || !strings.Contains(sub.body, "last.html") {
		t.Errorf("sub holds %s", sub.body)
	}
	page := w.do("GET", files+"sub/last.html", "").want(t, 200, "")
	if page.header.Get("Content-Type") != "text/plain; charset=utf-8" || page.header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(page.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a page is served as %v", page.header)
	}
	part := w.do("GET", files+"notes.txt", "", "Range: bytes=1-6").want(t, 206, "")
	if part.body != "script" || part.header.Get("Content-Range") != "bytes 1-6/26" {
		t.Errorf("a part is %q, %v", part.body, part.header)
	}
	w.do("GET", files+"notes.txt", "", "Range: bytes=99-").want(t, 416, "")
	if head := w.do("HEAD", files+"notes.txt", ""); head.status != 200 || head.body != "" {
		t.Errorf("HEAD answers %d %q", head.status, head.body)
	}
	for _, path := range []string{"none", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "notes.txt%2fx", "%00", strings.Repeat("x", 5000)} {
		if a := w.do("GET", files+path, ""); a.status != 404 && a.status != 400 {
			t.Errorf("%.40s: %d %.200s", path, a.status, a.body)
		}
	}
	w.do("GET", "/agents/notes/none/files/notes.txt", "").want(t, 404, "session_not_found")
	w.do("POST", files+"notes.txt", `{}`).want(t, 405, "")
}

// TestSessionAtWork shows how far a run is that nobody follows.
func TestSessionAtWork(t *testing.T) {
	w := serve(t, options{})
	w.do("POST", "/agents/slow/s1", `{}`, "Prefer: respond-async").want(t, 202, "")
	<-w.working
	if shown := w.do("GET", "/agents/slow/s1", "").want(t, 200, ""); !strings.Contains(shown.body, `"Work."`) {
		t.Errorf("the session is %s", shown.body)
	}
	if log := w.do("GET", "/agents/slow/s1/log", "").want(t, 200, "").body; !strings.Contains(log, `"type":"turn_start"`) {
		t.Errorf("the log is %s", log)
	}
	close(w.slow)
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServeWatch changes a project while it is served: to one with a mistake, which is told of and not served, and to a
// right one, which is. The run that began before ends as it began.
func TestServeWatch(t *testing.T) {
	dir := t.TempDir()
	agent := func(text string) {
		t.Helper()
		for name, text := range map[string]string{"agents/main.yaml": "triggers: {webhook: true}\nmodel: scripted/slow\n" + text, "models/slow.yaml": "turns: [{delay: 1s, text: Done.}]\n"} {
			name = filepath.Join(dir, ".flue", name)
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name+".new", []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(name+".new", name); err != nil {
				t.Fatal(err)
			}
		}
	}
	agent("description: The old one.\nsteps: [{prompt: Go., id: old}]\nreturn: steps.old.text\n")

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	told, stderr := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		c := serveCmd{Address: "127.0.0.1:0", Dir: dir, Store: "memory", Watch: true, Drain: time.Minute, LogFormat: "json"}
		ended <- c.Run(ctx, streams{in: strings.NewReader(""), out: io.Discard, err: stderr})
		stderr.Close()
	}()
	type line struct{ Msg, URL string }
	lines := make(chan line, 100)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(told); scanner.Scan(); {
			var l line
			if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
				t.Errorf("%v: %s", err, scanner.Text())
			}
			lines <- l
		}
	}()
	until := func(text string) line {
		t.Helper()
		for l := range lines {
			if strings.Contains(l.Msg, text) {
				return l
			}
		}
		t.Fatalf("the server ended before it said %q", text)
		return line{}
	}
	url := until("listening").URL
	ask := func(method, path string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Webhook", "true")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	ask("POST", "/agents/main/s1")
	agent("description: The wrong one.\nprompt: Go.\nrole: nobody\n")
	until("unknown-role")
	until("served as it was")
	if got := ask("GET", "/agents/main"); !strings.Contains(got, "The old one.") {
		t.Errorf("a project with a mistake is served: %s", got)
	}
	agent("description: The new one.\nprompt: Go.\n")
	until("new runs use it")
	if got := ask("GET", "/agents/main"); !strings.Contains(got, "The new one.") {
		t.Errorf("the new project is not served: %s", got)
	}
	events, err := http.Get(url + "/agents/main/s1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	for scanner := bufio.NewScanner(events.Body); scanner.Scan(); {
		if strings.Contains(scanner.Text(), `"type":"done"`) {
			if !strings.Contains(scanner.Text(), `"result":"Done."`) {
				t.Errorf("the run ended with %s", scanner.Text())
			}
			break
		}
	}
	stop()
	for range lines { // the server stops
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flue-run/flue/engine"
)

// TestAbort stops a run that another flue is in the middle of, and one that was left behind.
func TestAbort(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"agents/slow.yaml":   "model: scripted/stalls\nsteps: [{prompt: Go.}]\n",
		"models/stalls.yaml": "turns: [{stall: true, text: one two three}]\n",
	} {
		name = filepath.Join(dir, ".flue", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	flue := func(args ...string) (status int, stdout, stderr string) {
		var out, err strings.Builder
		status = run(append(args, "--dir", dir), streams{in: strings.NewReader(""), out: &out, err: &err})
		return status, out.String(), err.String()
	}
	events, out := io.Pipe()
	var story strings.Builder
	ended := make(chan int, 1)
	go func() {
		ended <- run([]string{"run", "slow", "--dir", dir, "--output", "events"}, streams{in: strings.NewReader(""), out: out, err: &story})
		out.Close()
	}()
	aborted := ""
	for lines := bufio.NewScanner(events); lines.Scan(); {
		var e engine.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Error(err)
		}
		if e.Type != engine.TextDelta || aborted != "" {
			continue
		}
		aborted = e.Run
		if status, list, _ := flue("runs"); status != exitOK || !strings.Contains(list, "running") {
			t.Errorf("the list of runs: %d\n%s", status, list)
		}
		go func() {
			if status, told, story := flue("abort", e.Run); status != exitOK || told != "run "+e.Run+": aborted\n" || !strings.Contains(story, "waiting") {
				t.Errorf("abort: %d\n%s%s", status, told, story)
			}
			ended <- exitOK
		}()
	}
	if first, second := <-ended, <-ended; first+second != exitFailed || !strings.Contains(story.String(), "aborted") {
		t.Errorf("the run and its abort ended with %d and %d\n%s", first, second, story.String())
	}
	if status, _, story := flue("abort", aborted); status != exitUsage || !strings.Contains(story, "is over: aborted") {
		t.Errorf("a second time: %d\n%s", status, story)
	}
}

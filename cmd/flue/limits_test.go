package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
)

// sandboxLimits are all limits of a sandbox's file: what sets one, a script that it ends, its name and how the message has it.
var sandboxLimits = map[string]struct{ set, script, name, shown string }{
	"timeout":     {"timeout: 100ms", "while :; do :; done", "timeout", "100ms"},
	"memory":      {"memory: 64KiB", "x=x; while :; do x=$x$x; done", "live-bytes", "64 KiB"},
	"output":      {"output: 1KiB", "while :; do echo text; done", "output", "1 KiB"},
	"files":       {"files: 1KiB", "seq 1000 >> f", "file-bytes", "1 KiB"},
	"file_count":  {"file_count: 10", "mkdir d; for i in {1..20}; do : > d/$i; done", "file-count", "10"},
	"commands":    {"commands: 100", "for ((;;)); do :; done", "commands", "100"},
	"work":        {"work: 50000", "seq 100000 | sort | tail -1", "work", "50000"},
	"jobs":        {"jobs: 4", "for i in {1..9}; do sleep 9 & done; wait", "jobs", "4"},
	"depth":       {"depth: 20", "f() { f; }; f", "depth", "20"},
	"descriptors": {"descriptors: 10", "for i in {1..20}; do exec {fd}</dev/null; done", "descriptors", "10"},
	"script":      {"script: 100B", "echo " + strings.Repeat("x", 100), "script", "100 B"},
	"nesting":     {"nesting: 5", strings.Repeat("( ", 6) + "echo" + strings.Repeat(" )", 6), "nesting", "5"},
}

// TestSandboxLimits sets each limit in a file and strikes it: its name is in the message and counted, what was written
// before is as it was, and the next script runs.
func TestSandboxLimits(t *testing.T) {
	fields := reflect.TypeFor[spec.SandboxLimits]()
	for i := range fields.NumField() {
		if key := fields.Field(i).Tag.Get("yaml"); sandboxLimits[key].set == "" {
			t.Errorf("no test strikes the limit %s", key)
		}
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, ".flue", "sandboxes")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for key, l := range sandboxLimits {
		name := filepath.Join(folder, strings.ReplaceAll(key, "_", "-")+".yaml")
		if err := os.WriteFile(name, []byte("type: virtual\nlimits: {"+l.set+"}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := openProject(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if failing := p.errors(); len(failing) > 0 {
		t.Fatal(failing)
	}
	counts := &limitCounts{}
	w := &wiring{project: p, env: func(string) (string, bool) { return "", false }, struck: counts.add}
	want := map[string]int64{}
	for key, l := range sandboxLimits {
		t.Run(key, func(t *testing.T) {
			strike(t, w, p.Sandboxes[strings.ReplaceAll(key, "_", "-")], l.script, l.name, l.shown)
		})
		want[l.name]++
	}
	if got := counts.all(); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func strike(t *testing.T, w *wiring, s *spec.Sandbox, script, name, shown string) {
	box, err := w.sandbox(t.Context(), engine.SandboxRequest{Spec: s})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	exec := func(script string) sandbox.ExecResult {
		t.Helper()
		r, err := box.Exec(t.Context(), sandbox.Exec{Script: script})
		if err != nil {
			t.Fatalf("%.40s: %v", script, err)
		}
		return r
	}
	exec("echo kept > f")
	r := exec(script)
	status := 126
	if name == "timeout" {
		status = 124
	}
	if message := "flue: limit " + name + " (" + shown + ") exceeded\n"; r.Limit != name || r.ExitCode != status || !strings.HasSuffix(r.Stderr, message) {
		t.Errorf("limit %q, status %d, stderr %q; want %q", r.Limit, r.ExitCode, r.Stderr, message)
	}
	if r := exec("rm -rf d; head -n 1 f; echo again > g; cat g"); r.Stdout != "kept\nagain\n" || r.ExitCode != 0 {
		t.Errorf("the next script: %+v", r)
	}
}

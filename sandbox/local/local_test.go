package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/local"
	"github.com/flue-run/flue/sandbox/sandboxtest"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func open(t testing.TB, folder string, cfg virtual.Config) *local.Sandbox {
	t.Helper()
	s, err := local.New(folder, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func run(t testing.TB, s sandbox.Sandbox, script string) sandbox.ExecResult {
	t.Helper()
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox { return open(t, t.TempDir(), virtual.Config{}) })
}

// TestScripts: what a script does to the workspace it does to the folder, and to nothing else.
func TestScripts(t *testing.T) {
	top := t.TempDir()
	folder := filepath.Join(top, "project")
	write(t, filepath.Join(folder, "src/a.txt"), "one\n")
	write(t, filepath.Join(folder, ".git/config"), "[core]\n")
	write(t, filepath.Join(top, "secret"), "the host's secret")
	s := open(t, folder, virtual.Config{Dir: "/workspace/src"})
	for script, want := range map[string]string{
		"sed -i s/one/two/ a.txt; cat a.txt; pwd":                                    "two\n/workspace/src\n",
		"cat ../.git/config; echo x >> ../.git/config || echo refused":               "[core]\nrefused\n",
		"cd ..; mv .git git || cp -r .git new && mv new .git2; ls -A":                ".git\n.git2\nsrc\n",
		"cat ../../secret ../../../../secret /secret || echo none":                   "none\n",
		"ln -s ../../secret out || ln -s /etc/passwd out || echo refused":            "refused\n",
		"rm -rf ../.git2 ../.git 2>/dev/null; ls -A ..":                              ".git\nsrc\n",
		"git init 2>/dev/null; mkdir -p ../sub/.git/hooks || rmdir ../sub; ls -A ..": ".git\nsrc\n",
	} {
		if r := run(t, s, script); r.Stdout != want || strings.Contains(r.Stderr, top) {
			t.Errorf("%s: %q, want %q; stderr %q", script, r.Stdout, want, r.Stderr)
		}
	}
	if data, err := os.ReadFile(filepath.Join(folder, "src/a.txt")); string(data) != "two\n" || err != nil {
		t.Errorf("the host has %q, %v", data, err)
	}
	if _, ok := any(s).(sandbox.Snapshotter); ok {
		t.Error("the host's files would be kept with a session")
	}
	if _, err := local.New(folder, virtual.Config{Dir: "/workspace/none"}); err == nil {
		t.Error("a working directory was made in the project")
	}
	if _, err := local.New(folder, virtual.Config{Mounts: []virtual.Mount{{Path: "/workspace/src"}}}); err == nil {
		t.Error("a mount hides a part of the project")
	}
}

// TestLimits: one script cannot fill the host's disk.
func TestLimits(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder, virtual.Config{Quota: vfs.Quota{Bytes: 1 << 20, Files: 100}, Limits: limits.Limits{Timeout: 10 * time.Second}})
	for script, limit := range map[string]string{
		"while :; do printf '%01000d' 0 >> f; done":      "file-bytes",
		"i=0; while :; do : > f$((i++)); done":           "file-count",
		"i=0; while :; do mkdir d$i; i=$((i+1)); done":   "file-count",
		"i=0; while :; do ln -s f l$i; i=$((i+1)); done": "file-count",
		"cat /dev/zero > f":                              "file-bytes",
	} {
		if r := run(t, s, script); r.Limit != limit {
			t.Errorf("%s: limit %q, want %q; %q", script, r.Limit, limit, r.Stderr)
		}
	}
	if r := run(t, s, "rm -rf *; echo again > f && cat f"); r.Stdout != "again\n" {
		t.Errorf("the next script: %+v", r)
	}
}

func TestHostDir(t *testing.T) {
	folder, other := t.TempDir(), t.TempDir()
	folder, _ = filepath.EvalSymlinks(folder)
	write(t, filepath.Join(folder, "src/deep/f"), "")
	for link, target := range map[string]string{"in": "src/deep", "out": "..", "abs": other} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, folder, virtual.Config{Dir: "/workspace/src"})
	for dir, want := range map[string]string{"/workspace": "", "/workspace/src/deep": "src/deep", "/workspace/in": "src/deep", "deep": "src/deep",
		"/workspace/in/..": "src", "/tmp/../workspace": "", ".": "src"} {
		if got, ok := s.HostDir(dir); got != filepath.Join(folder, want) || !ok {
			t.Errorf("%s: %q, %v", dir, got, ok)
		}
	}
	for _, dir := range []string{"/", "/tmp", "/workspace/out", "/workspace/abs", "/workspace/none", "/workspace/src/deep/f",
		"/workspace/../etc", "/workspacex"} {
		if got, ok := s.HostDir(dir); ok {
			t.Errorf("%s: %q", dir, got)
		}
	}
}

// BenchmarkLargeFolder finds one file of 100,000, by its name and by its text.
func BenchmarkLargeFolder(b *testing.B) {
	folder := b.TempDir()
	for d := range 1000 {
		dir := filepath.Join(folder, fmt.Sprint("d", d%10), fmt.Sprint("d", d))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
		for f := range 100 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(f)), []byte("text\n"), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	s := open(b, folder, virtual.Config{})
	for name, script := range map[string]string{"open": "cat d3/d123/45", "find": "find . -name 99 | wc -l", "grep": "grep -r nothing .; true", "mv": "mv d3 e && mv e d3"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := run(b, s, script); r.ExitCode != 0 {
					b.Fatal(r)
				}
			}
		})
	}
}

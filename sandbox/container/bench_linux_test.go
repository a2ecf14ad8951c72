package container_test

import (
	"context"
	"os/exec"
	"slices"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/container"
)

// BenchmarkBubblewrap compares a script in a container with bwrap by itself, and with the call of a granted command.
func BenchmarkBubblewrap(b *testing.B) {
	s := wrapped(b, container.Config{})
	b.Run("bwrap", func(b *testing.B) {
		path, _ := bubblewrap.Find() // wrapped has looked
		args := slices.Concat(bubblewrap.Base(), []string{"--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
			"--symlink", "usr/lib64", "/lib64", "--bind", b.TempDir(), "/workspace", "--", "/bin/bash", "-c", "echo hi"})
		for b.Loop() {
			cmd := exec.Command(path, args...)
			cmd.Env = []string{}
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
	b.Run("script", func(b *testing.B) {
		for b.Loop() {
			runExec(b, s, sandbox.Exec{Script: "echo hi"})
		}
	})
	b.Run("command", func(b *testing.B) {
		grants := sandbox.Grants{"deploy": func(context.Context, sandbox.Call) int { return 0 }}
		for b.Loop() {
			runExec(b, s, sandbox.Exec{Script: "deploy", Grants: grants})
		}
	})
	b.Run("open", func(b *testing.B) {
		state := b.TempDir()
		for b.Loop() {
			one, err := container.Open(b.Context(), container.Config{Engine: "bubblewrap", State: state})
			if err != nil {
				b.Fatal(err)
			}
			if err := one.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

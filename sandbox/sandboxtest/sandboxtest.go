// Package sandboxtest is the contract of sandbox.Sandbox: every kind of sandbox passes Run. exec.go has the cases of
// scripts, files.go those of files.
package sandboxtest

import (
	"slices"
	"testing"

	"github.com/flue-run/flue/sandbox"
)

// NoCommands, given to Run, says that a kind of sandbox has no way back to granted commands: it refuses a call with any.
const NoCommands = "NoCommands"

// Run checks a kind of sandbox. open makes a new, empty one and closes it when the test ends. lacks says what it cannot
// do; what keeps its files is a sandbox.Snapshotter.
func Run(t *testing.T, open func(t *testing.T) sandbox.Sandbox, lacks ...string) {
	grants := grants
	if slices.Contains(lacks, NoCommands) {
		grants = noGrants
	}
	for name, test := range map[string]func(*testing.T, sandbox.Sandbox){
		"Scripts":     scripts,
		"Output":      output,
		"Stdin":       stdin,
		"State":       state,
		"Environment": environment,
		"Timeout":     timeout,
		"Cancel":      cancel,
		"Grants":      grants,
		"Concurrent":  concurrent,
		"Files":       files,
		"FileErrors":  fileErrors,
		"Large":       large,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	t.Run("Close", func(t *testing.T) { closed(t, open(t)) })
	t.Run("Apart", func(t *testing.T) { apart(t, open(t), open(t)) })
	t.Run("Snapshot", func(t *testing.T) {
		a, ok := open(t).(sandbox.Snapshotter)
		if !ok {
			t.Skip("its files are not kept")
		}
		snapshots(t, a.(sandbox.Sandbox), open(t))
	})
}

func exec(t *testing.T, s sandbox.Sandbox, e sandbox.Exec) sandbox.ExecResult {
	t.Helper()
	r, err := s.Exec(t.Context(), e)
	if err != nil {
		t.Fatalf("%s: %v", e.Script, err)
	}
	return r
}

func wantOut(t *testing.T, s sandbox.Sandbox, script, want string) {
	t.Helper()
	if r := exec(t, s, sandbox.Exec{Script: script}); r.Stdout != want {
		t.Errorf("%s: printed %q, want %q (stderr %q, status %d)", script, r.Stdout, want, r.Stderr, r.ExitCode)
	}
}

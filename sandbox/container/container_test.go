package container_test

import (
	"os"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/container"
)

// TestMain: inside a container this program is the helper.
func TestMain(m *testing.M) {
	container.Helper()
	os.Exit(m.Run())
}

func open(t testing.TB, cfg container.Config) *container.Sandbox {
	t.Helper()
	if cfg.State == "" {
		cfg.State = t.TempDir()
	}
	s, err := container.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func run(t testing.TB, s sandbox.Sandbox, script string) sandbox.ExecResult {
	t.Helper()
	return runExec(t, s, sandbox.Exec{Script: script})
}

func runExec(t testing.TB, s sandbox.Sandbox, e sandbox.Exec) sandbox.ExecResult {
	t.Helper()
	r, err := s.Exec(t.Context(), e)
	if err != nil {
		t.Fatalf("%s: %v", e.Script, err)
	}
	return r
}

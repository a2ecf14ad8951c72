package container_test

import (
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/sandbox/sandboxtest"
)

func wrapped(t testing.TB, cfg container.Config) *container.Sandbox {
	t.Helper()
	if _, err := bubblewrap.Find(); err != nil {
		t.Skipf("NOT TESTED: the bubblewrap engine, which cannot run here: %v", err)
	}
	cfg.Engine = "bubblewrap"
	return open(t, cfg)
}

func TestBubblewrapContract(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox { return wrapped(t, container.Config{}) })
}

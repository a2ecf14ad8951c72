package hostdir_test

import (
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/sandboxtest"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// TestContract: a sandbox whose workspace is an overlay over a host folder is a sandbox like any other.
func TestContract(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox {
		d, err := hostdir.Open(t.TempDir())
		must(t, err)
		s, err := virtual.New(virtual.Config{Mounts: []virtual.Mount{{Path: "/workspace", Source: d, Mode: vfs.OverlayMount}}})
		must(t, err)
		t.Cleanup(func() { s.Close(); d.Close() })
		return s
	})
}

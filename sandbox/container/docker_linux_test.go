package container_test

import (
	"os"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/sandbox/sandboxtest"
)

// TestDockerContract runs the contract on a server of Docker that the tests bring along.
func TestDockerContract(t *testing.T) {
	f, env := newFakeDocker(t)
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox {
		return open(t, container.Config{Engine: "docker", HostEnv: env})
	})
	if left := f.left(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRealDockerContract runs it on the one of this machine.
func TestRealDockerContract(t *testing.T) {
	if _, err := container.Choose(t.Context(), container.Config{Engine: "auto", HostEnv: os.LookupEnv}); err != nil {
		t.Skip("NOT TESTED: ", err)
	}
	engine, _ := container.Choose(t.Context(), container.Config{HostEnv: os.LookupEnv})
	if engine != "docker" && engine != "podman" {
		t.Skip("NOT TESTED: no server of Docker or Podman answers on this machine; only the test's own was asked")
	}
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox {
		return open(t, container.Config{Engine: engine, HostEnv: os.LookupEnv, Image: strings.TrimSpace(os.Getenv("FLUE_TEST_IMAGE"))})
	})
}

package container_test

import (
	"os"
	"testing"

	"github.com/flue-run/flue/sandbox/container"
)

// eachEngine runs a test on a container of every engine that the tests have.
func eachEngine(t *testing.T, test func(t *testing.T, s *container.Sandbox)) {
	t.Run("bubblewrap", func(t *testing.T) { test(t, wrapped(t, container.Config{})) })
	eachServer(t, test)
}

// eachServer runs a test on a container of the tests' own server of Docker, and of one of this machine.
func eachServer(t *testing.T, test func(t *testing.T, s *container.Sandbox)) {
	t.Run("docker", func(t *testing.T) {
		_, env := newFakeDocker(t)
		test(t, open(t, container.Config{Engine: "docker", HostEnv: env}))
	})
	t.Run("real", func(t *testing.T) { test(t, open(t, real(t))) })
}

// real is a container of the server of Docker or Podman that answers on this machine, of the image in FLUE_TEST_IMAGE. Where
// none answers, the test is skipped.
func real(t testing.TB) container.Config {
	t.Helper()
	cfg := container.Config{HostEnv: os.LookupEnv, Image: os.Getenv("FLUE_TEST_IMAGE")}
	engine, err := container.Choose(t.Context(), container.Config{HostEnv: os.LookupEnv})
	if err != nil || engine == "bubblewrap" {
		t.Skip("NOT TESTED: no server of Docker or Podman answers on this machine; only the tests' own was asked")
	}
	cfg.Engine = engine
	return cfg
}

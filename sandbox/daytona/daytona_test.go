package daytona_test

import (
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/daytona"
	"github.com/flue-run/flue/sandbox/daytona/daytonatest"
	"github.com/flue-run/flue/sandbox/sandboxtest"
)

func config(server *daytonatest.Server) daytona.Config {
	return daytona.Config{URL: server.URL, Key: daytonatest.Key, Pause: time.Millisecond}
}

func open(t testing.TB, cfg daytona.Config) *daytona.Sandbox {
	t.Helper()
	s, err := daytona.Open(t.Context(), cfg)
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

func TestContract(t *testing.T) {
	server := daytonatest.New(t)
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox { return open(t, config(server)) }, sandboxtest.NoCommands)
	if left := server.IDs(); len(left) > 0 {
		t.Errorf("sandboxes are left: %v", left)
	}
}

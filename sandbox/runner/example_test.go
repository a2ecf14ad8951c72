package runner_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/runner"
	"github.com/flue-run/flue/sandbox/sandboxtest"
	"github.com/flue-run/flue/sandbox/virtual"
)

// Service stands for what a provider's API offers: here it is a virtual sandbox.
type Service struct{ machine *virtual.Sandbox }

// Run carries out a script until it ends, or ctx does, and writes its output as it comes.
func (s Service) Run(ctx context.Context, e sandbox.Exec, stdout, stderr io.Writer) (int, error) {
	e.Output = func(stream sandbox.Stream, data []byte) {
		to := stdout
		if stream == sandbox.Stderr {
			to = stderr
		}
		_, _ = to.Write(data) // what fails has ended ctx
	}
	r, err := s.machine.Exec(ctx, e)
	return r.ExitCode, err
}

// Provider is a sandbox of a service: scripts, files, and closing.
type Provider struct {
	service Service
	scripts runner.Runner
}

var _ sandbox.Sandbox = (*Provider)(nil)

// Exec leaves limits, output and closing to the Runner. The limit is the service's, too, in case flue dies.
func (p *Provider) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	for name := range e.Grants {
		return sandbox.ExecResult{}, fmt.Errorf("the command %s cannot be reached from there", name)
	}
	return p.scripts.Exec(ctx, e, func(ctx context.Context, timeout time.Duration, stdout, stderr io.Writer) (int, error) {
		e.Timeout = timeout + time.Second
		return p.service.Run(ctx, e, stdout, stderr)
	})
}

// FS is the service's files.
func (p *Provider) FS() sandbox.FS { return p.service.machine.FS() }

// Close ends what runs, and then the machine.
func (p *Provider) Close() error {
	if !p.scripts.Close() {
		return nil
	}
	return p.service.machine.Close()
}

// TestProvider: the contract of all sandboxes.
func TestProvider(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox {
		machine, err := virtual.New(virtual.Config{})
		if err != nil {
			t.Fatal(err)
		}
		p := &Provider{service: Service{machine}}
		t.Cleanup(func() { p.Close() })
		return p
	}, sandboxtest.NoCommands)
}

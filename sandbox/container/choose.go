package container

import (
	"context"
	"errors"
	"fmt"

	"github.com/flue-run/flue/sandbox/bubblewrap"
)

// engines are all of them, in the order in which auto takes them, each with what says why it cannot be used here.
var engines = []struct {
	name  string
	check func(ctx context.Context, cfg Config) error
}{
	{"docker", func(ctx context.Context, cfg Config) error { return checkServer(ctx, cfg, "docker") }},
	{"podman", func(ctx context.Context, cfg Config) error { return checkServer(ctx, cfg, "podman") }},
	{"bubblewrap", func(context.Context, Config) error { _, err := bubblewrap.Find(); return err }},
}

// Choose is the name of the engine that cfg asks for: for auto, the first that can be used here. The error says why none
// can.
func Choose(ctx context.Context, cfg Config) (string, error) {
	if cfg.Engine != "" && cfg.Engine != "auto" {
		return cfg.Engine, nil
	}
	errs := []error{errors.New("no engine for containers can be used here:")}
	for _, e := range engines {
		err := e.check(ctx, cfg)
		if err == nil {
			return e.name, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", e.name, err))
	}
	return "", errors.Join(errs...)
}

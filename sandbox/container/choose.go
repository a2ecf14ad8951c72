package container

import (
	"context"
	"errors"
	"fmt"

	"github.com/flue-run/flue/sandbox/bubblewrap"
)

// engines are all of them, in the order in which auto takes them. check says why one cannot be used here.
var engines = []struct {
	name  string
	check func(ctx context.Context, cfg Config) error
}{
	{"docker", func(ctx context.Context, cfg Config) error { return checkServer(ctx, cfg, "docker") }},
	{"podman", func(ctx context.Context, cfg Config) error { return checkServer(ctx, cfg, "podman") }},
	{"bubblewrap", func(context.Context, Config) error { _, err := bubblewrap.Find(); return err }},
}

// Choose is the name of the engine that cfg asks for: for auto, the first that can be used here and has what cfg asks for.
// The error says why none can.
func Choose(ctx context.Context, cfg Config) (string, error) {
	if cfg.Engine != "" && cfg.Engine != "auto" {
		return cfg.Engine, nil
	}
	errs := []error{errors.New("no engine for containers can be used here:")}
	for _, e := range engines {
		err := cfg.misfit(e.name)
		if err == nil {
			err = e.check(ctx, cfg)
		}
		if err == nil {
			return e.name, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", e.name, err))
	}
	return "", errors.Join(errs...)
}

// misfit is what of cfg an engine does not have.
func (cfg Config) misfit(engine string) error {
	wrapped := engine == "bubblewrap"
	for _, field := range []struct {
		name      string
		set, wrap bool // wrap: bubblewrap has it, and the others do not
	}{{"image", cfg.Image != "", false}, {"dockerfile", cfg.Dockerfile != "", false}, {"user", cfg.User != "", false}, {"rootfs", cfg.Rootfs != "", true}} {
		if field.set && field.wrap != wrapped {
			return fmt.Errorf("it has no %s", field.name)
		}
	}
	return nil
}

package main

import (
	"context"
	"fmt"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/tools/mcp"
)

// mcp starts an MCP server of flue.yaml. Its program has the variables that are written there, PATH and HOME, and no other.
func (w *wiring) mcp(ctx context.Context, name string) (engine.ToolServer, error) {
	server, ok := w.project.Settings.MCP[name]
	if !ok {
		return nil, fmt.Errorf("flue.yaml has no MCP server %q", name)
	}
	cfg := mcp.Config{Name: name, Dir: w.project.dir, Env: map[string]string{}, Headers: map[string]string{}, Tools: server.Tools, Version: version}
	var err error
	if cfg.URL, err = w.privileged(server.URL); err != nil {
		return nil, fmt.Errorf("mcp %s, url: %w", name, err)
	}
	for i, word := range server.Command {
		text, err := w.privileged(word)
		if err != nil {
			return nil, fmt.Errorf("mcp %s, command[%d]: %w", name, i, err)
		}
		cfg.Command = append(cfg.Command, text)
	}
	for _, inherited := range []string{"PATH", "HOME"} {
		if value, ok := w.env(inherited); ok {
			cfg.Env[inherited] = value
		}
	}
	for key, source := range server.Env {
		if cfg.Env[key], err = w.privileged(source); err != nil {
			return nil, fmt.Errorf("mcp %s, env %s: %w", name, key, err)
		}
	}
	for key, source := range server.Headers {
		if cfg.Headers[key], err = w.privileged(source); err != nil {
			return nil, fmt.Errorf("mcp %s, header %s: %w", name, key, err)
		}
	}
	started, err := mcp.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return started, nil
}

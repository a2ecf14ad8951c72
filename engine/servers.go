package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/flue-run/flue/tools"
)

// ToolServer is a server of tools, an MCP server of flue.yaml.
type ToolServer interface {
	// Tools are those that the project allows; the server's name and _ begin their names.
	Tools() []tools.Tool
	Close() error
}

// servers are the tool servers of a run, each started when a step first may call a tool of it.
type servers struct {
	start   func(ctx context.Context, name string) (ToolServer, error)
	mu      sync.Mutex
	started map[string]ToolServer
}

func (s *servers) get(ctx context.Context, name string) (ToolServer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server := s.started[name]; server != nil {
		return server, nil
	}
	if s.start == nil {
		return nil, fmt.Errorf("there is nothing here that starts the MCP server %s: Config.MCP is missing", name)
	}
	server, err := s.start(ctx, name)
	if err != nil {
		return nil, err
	}
	if s.started == nil {
		s.started = map[string]ToolServer{}
	}
	s.started[name] = server
	return server, nil
}

// close ends all servers. How they take it changes nothing for the run, which is over.
func (s *servers) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var closing sync.WaitGroup
	for _, server := range s.started {
		closing.Go(func() { server.Close() })
	}
	closing.Wait()
	s.started = nil
}

// serverOf finds the MCP server that a tool's name begins with.
func (e *Engine) serverOf(tool string) (server string, ok bool) {
	for name := range e.cfg.Project.Settings.MCP {
		if strings.HasPrefix(tool, name+"_") && len(name) > len(server) {
			server, ok = name, true
		}
	}
	return server, ok
}

// equip gets ready what the step's tools need besides the sandbox: the commands that they call, until release, and the
// tools of MCP servers.
func (c *conversation) equip(ctx context.Context) (release func(), err error) {
	for _, name := range c.own {
		t := c.cfg.Project.Tools[name]
		if slices.Contains(tools.Names(), name) || slices.Contains([]string{"task", finishTool, giveUpTool}, name) {
			return nil, c.failed(StepFailed, fmt.Sprintf("the tool %s of the project has the name of a built-in one; rename its file", name), nil)
		}
		if t.Parameters != nil && t.Parameters.Schema != nil && !takesObject(t.Parameters.JSON()) {
			return nil, c.failed(StepFailed, fmt.Sprintf("the parameters of the tool %s need `type: object`", name), nil)
		}
	}
	for _, name := range c.remote {
		server, _ := c.serverOf(name)
		running, err := c.servers.get(ctx, server)
		if err != nil {
			return nil, c.failed(StepFailed, err.Error(), err)
		}
		list := running.Tools()
		i := slices.IndexFunc(list, func(t tools.Tool) bool { return t.Def.Name == name })
		if i < 0 {
			names := make([]string, len(list))
			for i, t := range list {
				names[i] = t.Def.Name
			}
			return nil, c.failed(StepFailed, fmt.Sprintf("the MCP server %s has no tool %s; those that it may be asked for: %s", server, name, strings.Join(names, ", ")), nil)
		}
		c.add(c.withoutSecrets(list[i]))
	}
	c.bound = c.give(ctx, c.commandsOf(&c.own))
	return c.bound.Revoke, nil
}

func takesObject(parameters json.RawMessage) bool {
	var s struct{ Type any }
	return json.Unmarshal(parameters, &s) == nil && s.Type == "object"
}

// withoutSecrets is a tool in whose results no secret is.
func (c *conversation) withoutSecrets(tool tools.Tool) tools.Tool {
	run := tool.Run
	tool.Run = func(ctx context.Context, args json.RawMessage) (tools.Result, error) {
		result, err := run(ctx, args)
		result.Text = c.broker.Redactor().String(result.Text)
		return result, err
	}
	return tool
}

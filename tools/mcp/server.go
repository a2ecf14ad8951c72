// Package mcp takes tools from servers that speak the Model Context Protocol. Start at Start, which gives a Server with
// the tools that are allowed; process.go and http.go are the two ways to reach one.
package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/tools"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Config is how a server is reached and what is taken of it. One of Command and URL is set.
type Config struct {
	Name    string            // begins the names of its tools: NAME_TOOL
	Command []string          // a program and its arguments, that speaks on stdin and stdout,
	Dir     string            // its working directory
	Env     map[string]string // and all of its variables
	URL     string            // of a server that speaks streamable HTTP,
	Headers map[string]string // and what every request to it has
	Tools   []string          // that are taken, by the server's own names; empty: all
	Version string            // of flue, for the server to know

	StartTimeout time.Duration // until its tools are known; 0: 30 s
	CallTimeout  time.Duration // of one call; 0: 60 s
	Limit        int           // bytes of a result that are shown; 0: 50 KiB
}

const (
	maxMessage = 8 << 20 // bytes of one message from a server
	maxTools   = 500     // that are read from a server's list
)

// Server is a connection to a server. Its methods may be called from any goroutine.
type Server struct {
	cfg     Config
	session *sdk.ClientSession
	process *process     // nil over HTTP
	client  *http.Client // nil over stdin and stdout
	tools   []tools.Tool
}

// Start connects to a server and asks for its tools. ctx bounds the start alone; the caller closes the server.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = 30 * time.Second
	}
	if cfg.CallTimeout == 0 {
		cfg.CallTimeout = 60 * time.Second
	}
	if cfg.Limit == 0 {
		cfg.Limit = 50 << 10
	}
	s := &Server{cfg: cfg}
	limited, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	err := s.start(limited)
	if err == nil {
		return s, nil
	}
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case limited.Err() != nil:
		err = fmt.Errorf("it did not tell its tools within %s", cfg.StartTimeout)
	}
	if e := s.Close(); e != nil {
		err = errors.Join(err, e)
	}
	return nil, fmt.Errorf("start the MCP server %s: %w", cfg.Name, s.explain(err))
}

func (s *Server) start(ctx context.Context) error {
	transport, err := s.transport()
	if err != nil {
		return err
	}
	client := sdk.NewClient(&sdk.Implementation{Name: "flue", Version: s.cfg.Version}, &sdk.ClientOptions{Capabilities: &sdk.ClientCapabilities{}})
	if s.session, err = client.Connect(ctx, transport, nil); err != nil {
		return err
	}
	var found []string
	read := 0
	for tool, err := range s.session.Tools(ctx, nil) {
		if err != nil {
			return fmt.Errorf("list its tools: %w", err)
		}
		if read++; read > maxTools {
			return fmt.Errorf("it has more than %d tools", maxTools)
		}
		found = append(found, tool.Name)
		if err := s.add(tool); err != nil {
			return err
		}
	}
	for _, name := range s.cfg.Tools {
		if !slices.Contains(found, name) {
			slices.Sort(found)
			return fmt.Errorf("it has no tool %q; it has: %s", name, strings.Join(found, ", "))
		}
	}
	slices.SortFunc(s.tools, func(a, b tools.Tool) int { return strings.Compare(a.Def.Name, b.Def.Name) })
	return nil
}

func (s *Server) transport() (sdk.Transport, error) {
	if len(s.cfg.Command) == 0 {
		s.client = newClient(s.cfg.Headers)
		return &sdk.StreamableClientTransport{Endpoint: s.cfg.URL, HTTPClient: s.client, MaxRetries: -1, DisableStandaloneSSE: true, MaxEventSize: maxMessage}, nil
	}
	var err error
	if s.process, err = startProcess(s.cfg); err != nil {
		return nil, err
	}
	return &sdk.IOTransport{Reader: s.process.stdout, Writer: s.process.stdin, MaxLineLength: maxMessage}, nil
}

// callable is what every provider takes as the name of a tool.
var callable = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// add takes a tool if it is allowed.
func (s *Server) add(tool *sdk.Tool) error {
	if len(s.cfg.Tools) > 0 && !slices.Contains(s.cfg.Tools, tool.Name) {
		return nil
	}
	name := s.cfg.Name + "_" + tool.Name
	if !callable.MatchString(name) {
		if len(s.cfg.Tools) == 0 {
			return nil
		}
		return fmt.Errorf("its tool %q would be called %s, and models take letters, digits, _ and - only, 64 at most", tool.Name, name)
	}
	if object, ok := tool.InputSchema.(map[string]any); ok {
		delete(object, "$schema") // often an older draft, whose keywords mean the same here
	}
	parameters, err := json.Marshal(tool.InputSchema)
	if err != nil {
		return fmt.Errorf("the parameters of its tool %q: %w", tool.Name, err)
	}
	s.tools = append(s.tools, tools.Tool{
		Def: model.ToolDef{Name: name, Description: tool.Description, Parameters: parameters},
		Run: func(ctx context.Context, args json.RawMessage) (tools.Result, error) {
			return s.call(ctx, tool.Name, args)
		},
	})
	return nil
}

// Tools are those that are allowed, sorted by name.
func (s *Server) Tools() []tools.Tool { return s.tools }

// call calls a tool. Whatever goes wrong with the server is for the model to know; only the end of ctx ends the run.
func (s *Server) call(ctx context.Context, tool string, args json.RawMessage) (tools.Result, error) {
	limited, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	answer, err := s.session.CallTool(limited, &sdk.CallToolParams{Name: tool, Arguments: args})
	switch {
	case ctx.Err() != nil:
		return tools.Result{}, fmt.Errorf("calling %s_%s: %w", s.cfg.Name, tool, context.Cause(ctx))
	case limited.Err() != nil:
		return tools.Result{Text: fmt.Sprintf("the MCP server %s did not answer within %s; whether the call was carried out is not known",
			s.cfg.Name, s.cfg.CallTimeout), IsError: true}, nil
	case err != nil:
		return tools.Result{Text: fmt.Sprintf("the call to the MCP server %s failed: %v", s.cfg.Name, s.explain(err)), IsError: true}, nil
	}
	return tools.Result{Text: resultText(answer, s.cfg.Limit), IsError: answer.IsError}, nil
}

// explain adds to an error what the server's program wrote on stderr.
func (s *Server) explain(err error) error {
	if s.process == nil {
		return err
	}
	if text := s.process.stderr.String(); text != "" {
		return fmt.Errorf("%w\nit wrote on stderr:\n%s", err, text)
	}
	return err
}

// Close ends the connection, and the server's program with everything that it started.
func (s *Server) Close() error {
	if s.process != nil {
		s.process.end()
	}
	if s.session != nil {
		s.session.Close() // what it says is how the server took the goodbye, which changes nothing any more
	}
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
	if s.process != nil {
		return s.process.wait()
	}
	return nil
}

package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/tools"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// serveAs makes the test's program behave as a server, or as what a server starts.
const serveAs = "FLUE_TEST_SERVE_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(serveAs) {
	case "":
		os.Exit(m.Run())
	case "server":
		if err := newServer(nil).Run(context.Background(), &sdk.StdioTransport{}); err != nil && !errors.Is(err, io.EOF) {
			fmt.Fprintln(os.Stderr, err)
		}
	case "garbage":
		fmt.Println("Hello, I am starting!")
		io.Copy(io.Discard, os.Stdin)
	case "broken":
		fmt.Fprintln(os.Stderr, "the index is missing")
		os.Exit(3)
	case "deaf": // to the end of its stdin, too
		hold()
		select {}
	case "child":
		hold()
		fmt.Println("held")
		select {}
	}
}

// hold keeps a connection open for as long as this process lives.
func hold() {
	conn, err := net.Dial("tcp", os.Getenv("FLUE_TEST_HOLD"))
	if err != nil {
		os.Exit(4)
	}
	go io.Copy(io.Discard, conn)
}

// newServer is a server with a tool for each thing that may happen; slow ends with the call, or when it is released.
func newServer(released chan struct{}) *sdk.Server {
	server := sdk.NewServer(&sdk.Implementation{Name: "docs"}, nil)
	add := func(name string, do func(ctx context.Context, args map[string]any) *sdk.CallToolResult) {
		schema := json.RawMessage(`{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"query": {"type": "string"}}}`)
		server.AddTool(&sdk.Tool{Name: name, Description: "Does " + name + ".", InputSchema: schema},
			func(ctx context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
				var args map[string]any
				if err := json.Unmarshal(r.Params.Arguments, &args); err != nil {
					return nil, err
				}
				return do(ctx, args), nil
			})
	}
	say := func(format string, args ...any) *sdk.CallToolResult {
		return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: fmt.Sprintf(format, args...)}}}
	}
	add("search", func(_ context.Context, args map[string]any) *sdk.CallToolResult {
		return say("found %v", args["query"])
	})
	add("environment", func(context.Context, map[string]any) *sdk.CallToolResult {
		dir, _ := os.Getwd()
		return say("%s %q", dir, os.Environ())
	})
	add("fail", func(context.Context, map[string]any) *sdk.CallToolResult {
		r := say("the index is locked")
		r.IsError = true
		return r
	})
	add("long", func(context.Context, map[string]any) *sdk.CallToolResult {
		return say("%s", strings.Repeat("é", 60<<10))
	})
	add("huge", func(context.Context, map[string]any) *sdk.CallToolResult {
		return say("%s", strings.Repeat("x", maxMessage))
	})
	add("picture", func(context.Context, map[string]any) *sdk.CallToolResult {
		return &sdk.CallToolResult{Content: []sdk.Content{&sdk.ImageContent{Data: []byte("abc"), MIMEType: "image/png"},
			&sdk.EmbeddedResource{Resource: &sdk.ResourceContents{URI: "docs://a", Text: "text of a"}}}}
	})
	add("structured", func(context.Context, map[string]any) *sdk.CallToolResult {
		return &sdk.CallToolResult{StructuredContent: map[string]any{"a": 1}}
	})
	add("slow", func(ctx context.Context, _ map[string]any) *sdk.CallToolResult {
		select {
		case <-ctx.Done():
		case <-released:
		}
		return say("late")
	})
	add("die", func(context.Context, map[string]any) *sdk.CallToolResult {
		fmt.Fprintln(os.Stderr, "panic: out of cheese")
		os.Exit(2)
		return nil
	})
	add("spawn", func(context.Context, map[string]any) *sdk.CallToolResult {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), serveAs+"=child")
		out, err := child.StdoutPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			return say("%v", err)
		}
		io.ReadFull(out, make([]byte, 4))
		return say("spawned")
	})
	add("not/callable", func(context.Context, map[string]any) *sdk.CallToolResult { return say("called") })
	return server
}

// overStdio is a configuration for this test's program as a server.
func overStdio(as string, allowed ...string) Config {
	return Config{Name: "docs", Command: []string{os.Args[0]}, Env: map[string]string{serveAs: as}, Tools: allowed}
}

// overHTTP is a configuration for a server in this process; seen gets the header Authorization of every request.
func overHTTP(t *testing.T, seen func(string), allowed ...string) Config {
	released := make(chan struct{})
	handler := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return newServer(released) }, nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen != nil {
			seen(r.Header.Get("Authorization"))
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		close(released)
		server.Close()
	})
	return Config{Name: "docs", URL: server.URL, Headers: map[string]string{"Authorization": "Bearer canary"}, Tools: allowed}
}

// begin starts a server, and closes it at the test's end.
func begin(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func call(t *testing.T, s *Server, name, args string) tools.Result {
	t.Helper()
	i := slices.IndexFunc(s.Tools(), func(tool tools.Tool) bool { return tool.Def.Name == name })
	if i < 0 {
		t.Fatalf("there is no tool %s", name)
	}
	fitted, _, err := tools.Coerce(s.Tools()[i].Def.Parameters, json.RawMessage(args))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Tools()[i].Run(t.Context(), fitted)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func names(s *Server) string {
	var list []string
	for _, tool := range s.Tools() {
		list = append(list, tool.Def.Name)
	}
	return strings.Join(list, " ")
}

func TestCalls(t *testing.T) {
	for name, cfg := range map[string]Config{"stdio": overStdio("server"), "http": overHTTP(t, nil)} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, cfg)
			if got := names(s); got != "docs_die docs_environment docs_fail docs_huge docs_long docs_picture docs_search docs_slow docs_spawn docs_structured" {
				t.Error(got)
			}
			for _, c := range []struct {
				tool, want string
				isError    bool
			}{
				{"docs_search", "found refund", false},
				{"docs_fail", "the index is locked", true},
				{"docs_long", strings.Repeat("é", 25<<10) + "\n[cut off after 51200 of 122880 bytes]", false},
				{"docs_picture", "[an image, image/png, 3 bytes: not shown]\n[resource docs://a]\ntext of a", false},
				{"docs_structured", `{"a":1}`, false},
			} {
				if got := call(t, s, c.tool, `{"query": "refund"}`); got.Text != c.want || got.IsError != c.isError {
					t.Errorf("%s: %+v, want %q", c.tool, got, c.want)
				}
			}
			if got := call(t, s, "docs_huge", `{}`); !got.IsError || !strings.Contains(got.Text, "the call to the MCP server docs failed") {
				t.Errorf("a message that is too long: %.200q", got.Text)
			}
		})
	}
}

func TestAllowList(t *testing.T) {
	if got := names(begin(t, overStdio("server", "search", "fail"))); got != "docs_fail docs_search" {
		t.Error(got)
	}
	for _, c := range []struct{ tool, want string }{
		{"serch", `start the MCP server docs: it has no tool "serch"; it has: die, environment,`},
		{"not/callable", `its tool "not/callable" would be called docs_not/callable`},
	} {
		if _, err := Start(t.Context(), overStdio("server", c.tool)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.tool, err)
		}
	}
}

func TestNothingOfOurEnvironment(t *testing.T) {
	t.Setenv("FLUE_TEST_CANARY", "canary")
	cfg := overStdio("server")
	cfg.Dir = t.TempDir()
	if got := call(t, begin(t, cfg), "docs_environment", `{}`).Text; got != cfg.Dir+` ["`+serveAs+`=server"]` && runtime.GOOS == "linux" {
		t.Error(got)
	}
}

func TestHeadersAndRedirects(t *testing.T) {
	var missing bool
	call(t, begin(t, overHTTP(t, func(value string) { missing = missing || value != "Bearer canary" })), "docs_search", `{}`)
	if missing {
		t.Error("a request had no header")
	}
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	mover := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer mover.Close()
	cfg := Config{Name: "docs", URL: mover.URL, Headers: map[string]string{"Authorization": "Bearer canary"}}
	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "it redirects to "+other.URL) || strings.Contains(err.Error(), "canary") || reached {
		t.Errorf("a redirect to another host: %v, reached: %v", err, reached)
	}
}

func TestStartFails(t *testing.T) {
	for as, want := range map[string]string{
		"garbage": "start the MCP server docs: ",
		"broken":  "it wrote on stderr:\nthe index is missing",
	} {
		if _, err := Start(t.Context(), overStdio(as)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", as, err, want)
		}
	}
	missing := Config{Name: "docs", Command: []string{"there-is-no-such-program"}}
	if _, err := Start(t.Context(), missing); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("a program that does not exist: %v", err)
	}
}

func TestSlow(t *testing.T) {
	for name, cfg := range map[string]Config{"stdio": overStdio("server"), "http": overHTTP(t, nil)} {
		t.Run(name, func(t *testing.T) {
			cfg.CallTimeout = 100 * time.Millisecond
			s := begin(t, cfg)
			if got := call(t, s, "docs_slow", `{}`); !got.IsError || !strings.Contains(got.Text, "the MCP server docs did not answer within 100ms") {
				t.Errorf("%+v", got)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errors.New("the run is over"))
			if _, err := s.call(ctx, "slow", json.RawMessage(`{}`)); err == nil || !strings.Contains(err.Error(), "the run is over") {
				t.Errorf("with an ended context: %v", err)
			}
		})
	}
}

func TestDies(t *testing.T) {
	s := begin(t, overStdio("server"))
	for range 2 {
		got := call(t, s, "docs_die", `{}`)
		if !got.IsError || !strings.Contains(got.Text, "the call to the MCP server docs failed") || !strings.Contains(got.Text, "panic: out of cheese") {
			t.Errorf("%+v", got)
		}
	}
}

// holder accepts one connection; the channel is closed when its other end is gone.
func holder(t *testing.T) (address string, gone chan struct{}) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	gone = make(chan struct{})
	go func() {
		defer close(gone)
		if conn, err := listener.Accept(); err == nil {
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	return listener.Addr().String(), gone
}

func TestNothingIsLeft(t *testing.T) {
	t.Run("child", func(t *testing.T) {
		address, gone := holder(t)
		cfg := overStdio("server")
		cfg.Env["FLUE_TEST_HOLD"] = address
		s := begin(t, cfg)
		if got := call(t, s, "docs_spawn", `{}`).Text; got != "spawned" {
			t.Fatal(got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-gone
	})
	t.Run("deaf", func(t *testing.T) {
		address, gone := holder(t)
		cfg := overStdio("deaf")
		cfg.Env["FLUE_TEST_HOLD"] = address
		cfg.StartTimeout = 500 * time.Millisecond
		if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "did not tell its tools within 500ms") {
			t.Error(err)
		}
		<-gone
	})
	for name, cfg := range map[string]Config{"stdio": overStdio("server"), "http": overHTTP(t, nil)} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, cfg)
			call(t, s, "docs_search", `{}`)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
				var all strings.Builder
				pprof.Lookup("goroutine").WriteTo(&all, 1)
				if !strings.Contains(all.String(), "go-sdk") && !strings.Contains(all.String(), "tools/mcp.(") {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("goroutines are left:\n%s", all.String())
				}
			}
		})
	}
}

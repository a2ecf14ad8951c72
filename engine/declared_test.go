package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/tools"
)

const toolCanary = "canary-7f31d0c4"

// hostEnv is the environment of the host.
func hostEnv(name string) (string, bool) {
	value, ok := map[string]string{"TOKEN": toolCanary, "PATH": "/usr/bin:/bin"}[name]
	return value, ok
}

// toolRun runs an agent with the tool `it`, which the model calls once with args, and returns the call's result and the
// transcript.
func toolRun(t *testing.T, tool, args string, change func(*engine.Config)) (result string, isError bool, transcript string) {
	t.Helper()
	project := fstest.MapFS{
		".flue/agents/main.yaml":   {Data: []byte("model: scripted/main\nprompt: Do it.\ntools: [it, docs_search]\n")},
		".flue/tools/it.yaml":      {Data: []byte("description: Does it.\n" + tool)},
		".flue/commands/note.yaml": {Data: []byte("description: Notes.\nhook: note\nargs: any\ndeny: [--force]\nmax_calls: 1\n")},
		".flue/models/main.yaml":   {Data: []byte("turns:\n  - calls: [{it: " + args + "}]\n  - text: Done.\n")},
	}
	if strings.Contains(tool, "mcp") {
		project[".flue/flue.yaml"] = &fstest.MapFile{Data: []byte("mcp:\n  docs: {command: [docs-mcp], tools: [search], env: {KEY: '${{ env.TOKEN }}'}}\n")}
		delete(project, ".flue/tools/it.yaml")
		project[".flue/models/main.yaml"].Data = []byte("turns:\n  - calls: [{docs_search: " + args + "}]\n  - text: Done.\n")
	}
	cfg := config(t, project, memory.New())
	cfg.Env = hostEnv
	if change != nil {
		change(&cfg)
	}
	var text strings.Builder
	for e, err := range start(t, cfg).Run(t.Context(), engine.Request{Agent: "main", Session: "s-1"}) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(describe(e) + "\n")
		switch {
		case e.Type == engine.ToolEnd:
			result, isError = fmt.Sprint(e.Result), *e.IsError
		case e.Type == engine.Done && e.Error != nil:
			result, isError = e.Error.Error(), true
		}
	}
	return result, isError, text.String()
}

func TestHTTPTool(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), body)
		fmt.Fprintf(w, "you are %s", r.Header.Get("Authorization"))
	}))
	defer server.Close()
	const auth = "  headers: {Authorization: 'Bearer ${{ env.TOKEN }}'}\n"
	const answer = "200 OK\ncontent-type: text/plain; charset=utf-8\n\nyou are "
	for _, c := range []struct {
		name, http, args string
		sent             string // "": nothing is
		want             string
	}{
		{"a path and a query", "  url: SERVER/t/${{ args.id }}/x?q=${{ args.q }}&k=${{ env.TOKEN }}\n" + auth, `{id: "a/b?c#d", q: "x&k=y z"}`,
			"GET /t/a%2Fb%3Fc%23d/x?q=x%26k%3Dy+z&k=" + toolCanary + "  Bearer " + toolCanary + " ", answer + "Bearer [redacted]"},
		{"a host of the environment", "  url: ${{ env.BASE }}/t/${{ args.id }}\n", `{id: 7}`, "GET /t/7   ", answer},
		{"a JSON body", "  url: SERVER/\n  body: {title: '${{ args.t }}', text: 'about ${{ args.t }}', n: '${{ args.n }}', fixed: true}\n", `{t: 'x", "fixed": false, "y": "', n: 3}`,
			`POST / application/json  {"fixed":true,"n":3,"text":"about x\", \"fixed\": false, \"y\": \"","title":"x\", \"fixed\": false, \"y\": \""}`, answer},
		{"a form", "  url: SERVER/\n  headers: {Content-Type: application/x-www-form-urlencoded}\n  body: a=${{ args.a }}&fixed=1\n", `{a: "x&fixed=0"}`,
			"POST / application/x-www-form-urlencoded  a=x%26fixed%3D0&fixed=1", answer},
		{"a text", "  url: SERVER/\n  method: PUT\n  body: 'note: ${{ args.a }}'\n", `{a: "b"}`, "PUT /   note: b", answer},
		{"JSON written as a text", "  url: SERVER/\n  body: '{\"title\": \"${{ args.t }}\"}'\n", `{t: "x"}`, "",
			"it: a value cannot stand inside this body: write the body as a mapping, so that it is sent as JSON"},
		{"an argument as the host", "  url: https://${{ args.host }}/\n", `{host: evil.example}`, "",
			"it: an argument stands in the URL where its host is; it may only stand behind it"},
		{"an argument behind the host", "  url: SERVER${{ args.x }}/\n", `{x: "0.evil.example"}`, "",
			"it: an argument stands in the URL where its host is; it may only stand behind it"},
		{"a line break in a header", "  url: SERVER/\n  headers: {X-Note: 'a ${{ args.x }}'}\n", `{x: "b\r\nX-Admin: 1"}`, "",
			"it: the value of the header X-Note holds a line break or another control character"},
		{"the parent of a path", "  url: SERVER/t/${{ args.x }}/secret\n", `{x: ".."}`, "", `it: the URL's path holds "..", which leads elsewhere`},
		{"the parent of a path, escaped", "  url: SERVER/t/${{ args.x }}\n", `{x: "a/../b"}`, "", `it: the URL's path holds "..", which leads elsewhere`},
		{"a variable that is not set", "  url: SERVER/${{ env.MISSING }}\n", `{}`, "", `it: env has no property "MISSING"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got = ""
			result, isError, transcript := toolRun(t, "parameters: {type: object}\nhttp:\n"+strings.ReplaceAll(c.http, "SERVER", server.URL), c.args, func(cfg *engine.Config) {
				cfg.Env = func(name string) (string, bool) {
					if name == "BASE" {
						return server.URL, true
					}
					return hostEnv(name)
				}
			})
			if got != c.sent || !strings.HasPrefix(result, c.want) || isError != (c.sent == "") {
				t.Errorf("sent %q\nwant %q\nresult %q %v\nwant   %q", got, c.sent, result, isError, c.want)
			}
			if strings.Contains(transcript, toolCanary) {
				t.Errorf("the secret is in the events:\n%s", transcript)
			}
		})
	}
}

func TestCommandTool(t *testing.T) {
	var got []string
	note := func(ctx context.Context, c engine.HookCall) (engine.HookResult, error) {
		got = c.Args
		return engine.HookResult{Stdout: "noted\n"}, nil
	}
	for _, c := range []struct{ tool, args, sent, want string }{
		{"command: {name: note, args: [issue, close, '${{ args.n }}', 'by ${{ agent.name }}']}", `{n: "1 2"}`, "issue|close|1 2|by main", "noted\n"},
		{"command: {name: note, args: [issue, '${{ args.n }}']}", `{n: "--repo=other"}`, "", `it: "--repo=other" begins with -, so that the command would take it for an option`},
		{"command: {name: note, args: [issue, '--n=${{ args.n }}']}", `{n: "-1"}`, "issue|--n=-1", "noted\n"},
		{"command: {name: note, args: [issue, --force]}", `{}`, "", "note: "}, // what the command refuses, a tool cannot do either
		{"shell: note issue 1", `{}`, "", "bash: line 1: note: command not found\nexit status 127\n"},
	} {
		got = nil
		result, _, transcript := toolRun(t, "parameters: {type: object}\n"+c.tool, c.args, func(cfg *engine.Config) { cfg.Hooks = map[string]engine.Hook{"note": note} })
		if strings.Join(got, "|") != c.sent || !strings.HasPrefix(result, c.want) {
			t.Errorf("%s %s: called with %q, want %q; result %q, want %q", c.tool, c.args, got, c.sent, result, c.want)
		}
		if strings.Contains(transcript, "command_start") != (c.sent != "") {
			t.Errorf("%s:\n%s", c.tool, transcript)
		}
	}
}

func TestToolRefused(t *testing.T) {
	for tool, want := range map[string]string{
		"parameters: {type: string}\nshell: echo": "the parameters of the tool it need `type: object`",
		"mcp": "Config.MCP is missing",
	} {
		if result, isError, _ := toolRun(t, tool, `{}`, nil); !isError || !strings.Contains(result, want) {
			t.Errorf("%s: %q, want %q", tool, result, want)
		}
	}
}

// docsServer is an MCP server with a tool.
type docsServer struct {
	tool    string
	running *int
}

func (s docsServer) Tools() []tools.Tool {
	return []tools.Tool{{Def: model.ToolDef{Name: s.tool, Parameters: json.RawMessage(`{"type": "object"}`)},
		Run: func(_ context.Context, args json.RawMessage) (tools.Result, error) {
			return tools.Result{Text: fmt.Sprintf("%s with %s", args, toolCanary)}, nil
		}}}
}

func (s docsServer) Close() error { *s.running--; return nil }

func TestMCPTool(t *testing.T) {
	for _, c := range []struct {
		tool   string
		fails  error
		want   string
		isErr  bool
		starts int
	}{
		{"docs_search", nil, `{"q":"x"} with [redacted]`, false, 1},
		{"docs_other", nil, "step 1: the MCP server docs has no tool docs_search; those that it may be asked for: docs_other [step_failed]", true, 1},
		{"", errors.New("it is broken"), "step 1: it is broken [step_failed]", true, 0},
	} {
		running, starts := 0, 0
		result, isErr, _ := toolRun(t, "mcp", `{q: x}`, func(cfg *engine.Config) {
			cfg.MCP = func(_ context.Context, name string) (engine.ToolServer, error) {
				if c.fails != nil {
					return nil, c.fails
				}
				running++
				starts++
				return docsServer{c.tool, &running}, nil
			}
		})
		if result != c.want || isErr != c.isErr || running != 0 || starts != c.starts {
			t.Errorf("%s: %q %v, want %q; %d started, %d left", c.tool, result, isErr, c.want, starts, running)
		}
	}
}

// TestMCPIsLazy describes an agent and runs one that names no tool of the server: neither starts it.
func TestMCPIsLazy(t *testing.T) {
	cfg := config(t, fstest.MapFS{
		".flue/flue.yaml":         {Data: []byte("mcp:\n  docs: {command: [docs-mcp]}\n")},
		".flue/agents/main.yaml":  {Data: []byte("model: scripted/main\nprompt: Do it.\n")},
		".flue/agents/other.yaml": {Data: []byte("model: scripted/main\nprompt: Do it.\ntools: [read, count, docs_search]\n")},
		".flue/tools/count.yaml":  {Data: []byte("description: Counts.\nshell: wc\n")},
		".flue/models/main.yaml":  {Data: []byte("turns:\n  - text: Done.\n")},
	}, memory.New())
	cfg.MCP = func(context.Context, string) (engine.ToolServer, error) {
		t.Error("the server was started")
		return nil, errors.New("no")
	}
	e := start(t, cfg)
	if got, _ := finish(t, e.Run(t.Context(), engine.Request{Agent: "main"})); outcome(got) != `"Done."` {
		t.Error(outcome(got))
	}
	d, err := e.Describe(t.Context(), "other")
	if err != nil || !slices.Equal(d.Steps[0].Tools, []string{"read", "count", "docs_search"}) {
		t.Errorf("%v %v", d.Steps, err)
	}
}

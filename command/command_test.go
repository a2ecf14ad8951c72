//go:build unix

package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/spec"
)

const canary = "ghp_canary0123456789/+=&"

// world is a host for tests: programs on a PATH of its own, a project, variables.
type world struct {
	t    testing.TB
	bin  string // before the host's own programs
	dir  string // the project
	vars map[string]string
	cfg  Config
}

func newWorld(t testing.TB, commands ...*spec.Command) *world {
	t.Helper()
	w := &world{t: t, bin: t.TempDir(), dir: t.TempDir()}
	w.vars = map[string]string{"PATH": w.bin + ":/usr/local/bin:/usr/bin:/bin", "TOKEN": canary}
	w.cfg = Config{Commands: map[string]*spec.Command{}, Project: w.dir,
		Env: func(name string) (string, bool) { v, ok := w.vars[name]; return v, ok }}
	for _, c := range commands {
		w.cfg.Commands[c.Name] = c
	}
	return w
}

// program writes a shell script to PATH.
func (w *world) program(name, script string) {
	w.t.Helper()
	w.write(filepath.Join(w.bin, name), "#!/bin/sh\n"+script)
}

func (w *world) write(file, text string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) grant(names ...string) *Grant {
	w.t.Helper()
	b, err := New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := b.Check(names); err != nil {
		w.t.Fatal(err)
	}
	g := b.NewRun(nil).Grant(w.t.Context(), names, Scope{HostDir: w.hostDir})
	w.t.Cleanup(g.Revoke)
	return g
}

// hostDir has the project at /workspace.
func (w *world) hostDir(dir string) (string, bool) {
	rest, ok := strings.CutPrefix(dir, "/workspace")
	return filepath.Join(w.dir, rest), ok
}

type ended struct {
	out, err string
	status   int
}

func call(g *Grant, name string, args ...string) ended {
	return callWith(context.Background(), g, "", name, args...)
}

func callWith(ctx context.Context, g *Grant, stdin, name string, args ...string) ended {
	var out, errs bytes.Buffer
	status := g.Call(ctx, name, sandbox.Call{Args: args, Dir: "/workspace", Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs})
	return ended{out.String(), errs.String(), status}
}

func anyArgs(name string) *spec.Command {
	return &spec.Command{Name: name, Exec: name, Args: spec.CommandArgs{Any: true}}
}

func withSecret(c *spec.Command) *spec.Command {
	c.Env = map[string]string{"TOKEN": "${{ env.TOKEN }}"}
	return c
}

func TestCall(t *testing.T) {
	c := withSecret(&spec.Command{Name: "tool", Exec: "tool", Args: spec.CommandArgs{Lines: []string{"say {word}", "exit {code}"}}, Match: map[string]string{"code": "[0-9]+"}})
	w := newWorld(t, c)
	w.program("tool", `case $1 in
say) printf '%s|' "$@"; cat; echo "key $TOKEN" ; echo "to stderr $TOKEN" >&2 ;;
exit) exit "$2" ;;
esac`)
	g := w.grant("tool")
	for _, tt := range []struct {
		args   []string
		stdin  string
		out    string
		err    string
		status int
	}{
		{[]string{"say", "a b;$(id)"}, "in\n", "say|a b;$(id)|in\nkey [redacted]\n", "to stderr [redacted]\n", 0},
		{[]string{"exit", "7"}, "", "", "", 7},
		{[]string{"exit", "x"}, "", "", "tool: refused: argument 2, \"x\": expected {code} to match [0-9]+ (args: exit {code})\n", 126},
		{nil, "", "", "tool: refused: the arguments fit no line of args; allowed are:\n  say {word}\n  exit {code}\n", 126},
	} {
		if got := callWith(t.Context(), g, tt.stdin, "tool", tt.args...); got != (ended{tt.out, tt.err, tt.status}) {
			t.Errorf("%q: %+v", tt.args, got)
		}
	}
	if got := call(g, "other"); got != (ended{"", "other: not granted to this step\n", 127}) {
		t.Errorf("%+v", got)
	}
}

// TestEnvironment: nothing of flue's own environment, and a home that is gone afterwards.
func TestEnvironment(t *testing.T) {
	t.Setenv("FLUE_TEST_SECRET", "canary-of-the-host")
	w := newWorld(t, withSecret(anyArgs("tool")))
	w.vars["TZ"] = "Europe/Berlin"
	w.vars["PATH"] += ":relative:" + w.dir
	w.program("tool", `/usr/bin/env | /usr/bin/sort; echo "in $PWD"; : > "$HOME/file"; : > "$TMPDIR/file"`)
	got := call(w.grant("tool"), "tool")
	var names []string
	home := ""
	for line := range strings.Lines(got.out) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && name != "PWD" && name != "_" && name != "SHLVL" && name != "OLDPWD" {
			names = append(names, name)
		}
		if name == "HOME" {
			home = value
		}
		if name == "PATH" && (strings.Contains(value, "relative") || strings.Contains(value, w.dir)) {
			t.Errorf("PATH is %s", value)
		}
	}
	if fmt.Sprint(names) != "[HOME LANG PATH TMPDIR TOKEN TZ]" || got.status != 0 || !strings.Contains(got.out, "in "+home) {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", home, err)
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *world, c *spec.Command)
		wrong  string
	}{
		{"right", func(w *world, c *spec.Command) {}, ""},
		{"absolute", func(w *world, c *spec.Command) { c.Exec = filepath.Join(w.bin, "tool") }, ""},
		{"not there", func(w *world, c *spec.Command) { c.Exec = "no-such-tool" }, "no program no-such-tool on PATH"},
		{"relative", func(w *world, c *spec.Command) { c.Exec = "./tool" }, "is relative"},
		{"in the project", func(w *world, c *spec.Command) {
			c.Exec = filepath.Join(w.dir, "tool")
			w.write(c.Exec, "#!/bin/sh\n")
		}, "inside the project"},
		{"PATH in the project", func(w *world, c *spec.Command) {
			c.Exec = "other"
			w.write(filepath.Join(w.dir, "node_modules/.bin/other"), "#!/bin/sh\n")
			w.vars["PATH"] = filepath.Join(w.dir, "node_modules/.bin") + ":" + w.vars["PATH"]
		}, "no program other on PATH"},
		{"a link into the project", func(w *world, c *spec.Command) {
			c.Exec = "other"
			w.write(filepath.Join(w.dir, "other"), "#!/bin/sh\n")
			if err := os.Symlink(filepath.Join(w.dir, "other"), filepath.Join(w.bin, "other")); err != nil {
				t.Fatal(err)
			}
		}, "no program other on PATH"},
		{"not set", func(w *world, c *spec.Command) { delete(w.vars, "TOKEN") }, "the variable TOKEN is not set"},
		{"empty", func(w *world, c *spec.Command) { w.vars["TOKEN"] = " \n" }, "the variable TOKEN is empty"},
		{"short", func(w *world, c *spec.Command) { w.vars["TOKEN"] = "123" }, "the variable TOKEN has 3 bytes"},
		{"hook", func(w *world, c *spec.Command) { c.Hook = "mine" }, `registers no hook "mine"; those it has: exec`},
		{"no args", func(w *world, c *spec.Command) { c.Args = spec.CommandArgs{} }, "args is missing"},
		{"bad args", func(w *world, c *spec.Command) { c.Args = spec.CommandArgs{Lines: []string{"["}} }, "args, line 1"},
		{"git's own", func(w *world, c *spec.Command) { c.Exec = "git"; c.Env = map[string]string{"GIT_CONFIG_COUNT": "0"} }, "flue sets this variable itself"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := withSecret(anyArgs("tool"))
			w := newWorld(t, c)
			w.program("tool", "")
			tt.change(w, c)
			b, err := New(w.cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = b.Check([]string{"tool"})
			if tt.wrong == "" && err != nil || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
				t.Errorf("%v, want %q", err, tt.wrong)
			}
		})
	}
}

func TestMaxCalls(t *testing.T) {
	c := anyArgs("tool")
	c.MaxCalls, c.Deny = 3, []string{"--bad"}
	w := newWorld(t, c)
	w.program("tool", "")
	b, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	run := b.NewRun(map[string]int{"tool": 1}) // resumed
	var statuses []int
	for _, arg := range []string{"a", "--bad", "b", "c"} { // a refused call does not count
		g := run.Grant(t.Context(), []string{"tool"}, Scope{})
		statuses = append(statuses, call(g, "tool", arg).status)
		g.Revoke()
	}
	if fmt.Sprint(statuses) != "[0 126 0 126]" {
		t.Error(statuses)
	}
}

// TestKilled: a timeout, the end of the step and that of the script kill a program and all that it started, also what
// has left its process group.
func TestKilled(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil || runtime.GOOS != "linux" {
		t.Skip("only Linux tells which process is whose, and this needs setsid")
	}
	for _, tt := range []struct {
		name   string
		stop   func(g *Grant, cancel context.CancelFunc) // once the program runs; nil: it ends by itself
		status int
		err    string
	}{
		{"timeout", func(*Grant, context.CancelFunc) {}, 124, "tool: stopped after 300ms (timeout)\n"},
		{"revoked", func(g *Grant, _ context.CancelFunc) { g.Revoke() }, 125, "tool: the step has ended\n"},
		{"cancelled", func(_ *Grant, cancel context.CancelFunc) { cancel() }, 125, "tool: context canceled\n"},
		{"leaves something behind", nil, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := anyArgs("tool")
			c.Timeout = spec.Duration(10 * time.Second)
			w := newWorld(t, c)
			if tt.name == "timeout" {
				c.Timeout = spec.Duration(300 * time.Millisecond)
			}
			pids := filepath.Join(w.dir, "pids")
			c.Isolation = "none" // so that it can note its processes
			last := "wait"
			if tt.stop == nil {
				last = "exit 0"
			}
			w.program("tool", fmt.Sprintf(`sleep 60 & echo $! >>%[1]s
setsid sh -c 'echo $$ >>%[1]s; (sleep 60 & echo $! >>%[1]s); sleep 60' </dev/null >/dev/null 2>&1 &
while [ $(wc -l <%[1]s) -lt 3 ]; do sleep 0.01; done
echo ready
%[2]s`, pids, last))
			g := w.grant("tool")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ready := &signal{seen: make(chan struct{})}
			var errs bytes.Buffer
			status := make(chan int, 1)
			go func() {
				status <- g.Call(ctx, "tool", sandbox.Call{Dir: "/workspace", Stdout: ready, Stderr: &errs})
			}()
			if tt.stop != nil {
				<-ready.seen
				tt.stop(g, cancel)
			}
			if got := <-status; got != tt.status || errs.String() != tt.err {
				t.Errorf("status %d, %q", got, errs.String())
			}
			data, err := os.ReadFile(pids)
			if err != nil || len(strings.Fields(string(data))) != 3 {
				t.Fatalf("%q, %v", data, err)
			}
			for _, pid := range strings.Fields(string(data)) {
				if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && !strings.Contains(string(stat), ") Z ") {
					t.Errorf("process %s is left: %s", pid, stat)
				}
			}
		})
	}
}

// signal is a writer that tells when it gets something.
type signal struct {
	once sync.Once
	seen chan struct{}
}

func (s *signal) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.seen) })
	return len(p), nil
}

func TestStreams(t *testing.T) {
	c := anyArgs("tool")
	w := newWorld(t, c)
	w.program("tool", `case $1 in
flood) exec cat /dev/zero ;;
eat) exec cat >/dev/null ;;
lines) read -r line; echo "got $line" ;;
esac`)
	g := w.grant("tool")
	if got := call(g, "tool", "flood"); got.status != 125 || got.err != "tool: stopped: more than 16 MiB on one stream\n" || len(got.out) > streamLimit {
		t.Errorf("%d %q %d", got.status, got.err, len(got.out))
	}
	var errs bytes.Buffer
	if got := g.Call(t.Context(), "tool", sandbox.Call{Args: []string{"flood"}, Dir: "/workspace", Stdout: noReader{}, Stderr: &errs}); got != 141 || errs.Len() > 0 {
		t.Errorf("without a reader: %d %s", got, errs.String())
	}
	if got := g.Call(t.Context(), "tool", sandbox.Call{Args: []string{"eat"}, Dir: "/workspace", Stdin: zeros{}, Stdout: io.Discard, Stderr: &errs}); got != 125 || !strings.Contains(errs.String(), "more than 16 MiB") {
		t.Errorf("endless input: %d %s", got, errs.String())
	}
	in := &unreader{Reader: strings.NewReader(strings.Repeat("x", 200_000))}
	if got := g.Call(t.Context(), "tool", sandbox.Call{Args: []string{"none"}, Dir: "/workspace", Stdin: in, Stdout: io.Discard, Stderr: &errs}); got != 0 || in.back+in.Len() != 200_000 {
		t.Errorf("%d: %d bytes came back, %d were not read", got, in.back, in.Len())
	}
}

type unreader struct {
	*strings.Reader
	back int
}

func (u *unreader) Unread(data []byte) { u.back += len(data) }

type noReader struct{}

func (noReader) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestHook(t *testing.T) {
	c := withSecret(&spec.Command{Name: "deploy", Hook: "deploy", Args: spec.CommandArgs{Lines: []string{"{where}"}}})
	w := newWorld(t, c)
	w.cfg.Hooks = map[string]Hook{"deploy": func(ctx context.Context, c Call) (Result, error) {
		in, err := io.ReadAll(c.Stdin)
		if err != nil {
			return Result{}, err
		}
		switch c.Args[0] {
		case "wrong":
			return Result{}, fmt.Errorf("no access with %s", c.Env["TOKEN"])
		case "panic":
			panic(c.Env["TOKEN"])
		}
		return Result{Stdout: fmt.Sprintf("%s %s %s %s", c.Command, c.Args[0], in, c.Env["TOKEN"]), Stderr: "note", ExitCode: 3}, nil
	}}
	g := w.grant("deploy")
	for _, tt := range []struct {
		arg  string
		want ended
	}{
		{"staging", ended{"deploy staging in [redacted]", "note", 3}},
		{"wrong", ended{"", "deploy: no access with [redacted]\n", 1}},
		{"panic", ended{"", "deploy: internal error: [redacted]\n", 125}},
		{"--force", ended{"", "deploy: refused: the arguments fit no line of args; allowed are:\n  {where}\n", 126}},
	} {
		if got := callWith(t.Context(), g, "in", "deploy", tt.arg); got != tt.want {
			t.Errorf("%s: %+v", tt.arg, got)
		}
	}
	w.cfg.Hooks["exec"] = w.cfg.Hooks["deploy"]
	if _, err := New(w.cfg); err == nil {
		t.Error("the hook exec can be replaced")
	}
}

// TestRevoked: after its step, a grant gives nothing, whoever kept it; side by side, each step has its own.
func TestRevoked(t *testing.T) {
	w := newWorld(t, anyArgs("tool"), anyArgs("other"))
	w.program("tool", "echo fine")
	w.program("other", "echo fine")
	g := w.grant("tool")
	kept := g.Grants()
	second := g.run.Grant(t.Context(), []string{"other"}, Scope{})
	defer second.Revoke()
	if got := call(second, "tool"); got.status != 127 {
		t.Errorf("the other step's: %+v", got)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := call(g, "tool"); got.status != 0 && got.status != 127 && got.status != 125 {
				t.Errorf("%+v", got)
			}
			if got := call(second, "other"); got != (ended{"fine\n", "", 0}) {
				t.Errorf("%+v", got)
			}
		})
	}
	wg.Go(g.Revoke)
	wg.Wait()
	var out, errs bytes.Buffer
	if status := kept["tool"](t.Context(), sandbox.Call{Dir: "/", Stdout: &out, Stderr: &errs}); status != 127 || errs.String() != "tool: not granted to this step\n" || out.Len() > 0 {
		t.Errorf("%d %q %q", status, out.String(), errs.String())
	}
}

func TestStartedRefuses(t *testing.T) {
	w := newWorld(t, anyArgs("tool"))
	w.program("tool", "echo ran")
	b, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	scope := Scope{Started: func(_ context.Context, name string, args []string) error {
		told = append(told, fmt.Sprint(name, args))
		if args[0] == "no" {
			return errors.New("the store is gone")
		}
		return nil
	}, Ended: func(name string, status int) { told = append(told, fmt.Sprint(name, status)) }}
	g := b.NewRun(nil).Grant(t.Context(), []string{"tool"}, scope)
	defer g.Revoke()
	if got := call(g, "tool", "no"); got != (ended{"", "tool: not run: the store is gone\n", 125}) {
		t.Errorf("%+v", got)
	}
	call(g, "tool", "yes")
	if want := "[tool[no] tool[yes] tool0]"; fmt.Sprint(told) != want {
		t.Errorf("%v", told)
	}
}

// BenchmarkOutput is a program that prints a MiB, with ten secrets to look for and without.
func BenchmarkOutput(b *testing.B) {
	for _, n := range []int{0, 10} {
		b.Run(fmt.Sprintf("secrets=%d", n), func(b *testing.B) {
			w := newWorld(b, anyArgs("tool"))
			w.write(filepath.Join(w.bin, "data"), strings.Repeat("some line of a log, with numbers such as 0123456789 in it\n", 18000))
			w.program("tool", "exec cat "+filepath.Join(w.bin, "data"))
			w.cfg.Secrets = map[string]string{}
			for i := range n {
				w.cfg.Secrets[fmt.Sprint(i)] = fmt.Sprintf("%d-%s", i, canary)
			}
			g := w.grant("tool")
			for b.Loop() {
				if got := call(g, "tool"); got.status != 0 {
					b.Fatalf("%+v", got)
				}
			}
		})
	}
}

package sandboxtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
)

func scripts(t *testing.T, s sandbox.Sandbox) {
	for _, test := range []struct {
		script, out, err string
		code             int
	}{
		{"", "", "", 0},
		{"echo hi", "hi\n", "", 0},
		{"echo oops >&2; exit 3", "", "oops\n", 3},
		{"false", "", "", 1},
		{"printf 'b\\na\\n' | sort | head -n1", "a\n", "", 0},
		{"x=$(echo 1 2); set -- $x; echo $#", "2\n", "", 0},
		{"cat <<E\n$((6*7))\nE", "42\n", "", 0},
		{"for i in a b; do echo $i; done", "a\nb\n", "", 0},
		{"echo text >f && cat <f && rm f && test ! -e f", "text\n", "", 0},
	} {
		r := exec(t, s, sandbox.Exec{Script: test.script})
		if r.Stdout != test.out || r.Stderr != test.err || r.ExitCode != test.code || r.Limit != "" {
			t.Errorf("%s: %+v, want %q, %q, %d", test.script, r, test.out, test.err, test.code)
		}
	}
	if r := exec(t, s, sandbox.Exec{Script: "no-such-command"}); r.ExitCode != 127 || !strings.Contains(r.Stderr, "command not found") {
		t.Errorf("an unknown command: %+v", r)
	}
	if r := exec(t, s, sandbox.Exec{Script: "echo ("}); r.ExitCode == 0 || r.Stderr == "" {
		t.Errorf("a syntax error: %+v", r)
	}
}

// output: it is passed on while the script runs, in order, and is in the result all the same. Of two streams that a
// program writes at once the order is not known everywhere, so the script waits until each piece was seen.
func output(t *testing.T, s sandbox.Sandbox) {
	seen := make(chan struct{}, 3)
	var got strings.Builder
	r := exec(t, s, sandbox.Exec{
		Script: "echo one; read x; echo two >&2; read x; echo $x",
		Stdin:  readerFunc(func(p []byte) (int, error) { <-seen; return copy(p, "three\n"), nil }),
		Output: func(stream sandbox.Stream, data []byte) {
			fmt.Fprintf(&got, "%d:%s", stream, data)
			seen <- struct{}{}
		},
	})
	if want := "1:one\n2:two\n1:three\n"; got.String() != want || r.Stdout != "one\nthree\n" || r.Stderr != "two\n" {
		t.Errorf("%q, %+v", got.String(), r)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func stdin(t *testing.T, s sandbox.Sandbox) {
	for name, r := range map[string]io.Reader{"nil": nil, "text": strings.NewReader("text"), "plain": io.MultiReader(strings.NewReader("text"))} {
		want := "text"
		if r == nil {
			want = ""
		}
		if r := exec(t, s, sandbox.Exec{Script: "cat", Stdin: r}); r.Stdout != want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// state: files stay, all else does not.
func state(t *testing.T, s sandbox.Sandbox) {
	exec(t, s, sandbox.Exec{Script: "x=1; f() { echo f; }; mkdir -p sub; cd sub; echo kept >file; export y=2; umask 077"})
	wantOut(t, s, "echo $x$y; cat sub/file; type f >/dev/null 2>&1 || echo none; umask", "\nkept\nnone\n0022\n")
	wantOut(t, s, "pwd", s.FS().Dir()+"\n")
	if r := exec(t, s, sandbox.Exec{Script: "pwd", Dir: "sub"}); r.Stdout != s.FS().Dir()+"/sub\n" {
		t.Errorf("a relative directory: %+v", r)
	}
	if r := exec(t, s, sandbox.Exec{Script: "pwd", Dir: s.FS().Dir() + "/sub"}); r.Stdout != s.FS().Dir()+"/sub\n" {
		t.Errorf("an absolute directory: %+v", r)
	}
	if r := exec(t, s, sandbox.Exec{Script: "echo ran", Dir: "none"}); r.ExitCode == 0 || r.Stdout != "" || !strings.Contains(r.Stderr, "none") {
		t.Errorf("a directory that is not there: %+v", r)
	}
}

// environment: it is built from nothing, so that nothing of the host's is in it.
func environment(t *testing.T, s sandbox.Sandbox) {
	t.Setenv("FLUE_CANARY", "canary")
	t.Setenv("HOME", "/canary-home")
	for _, script := range []string{"env", "printenv", "set", "export -p", "cat /proc/self/environ", "cat /proc/1/environ", "echo $HOME ~ ~root $$ $PPID",
		"declare -p", "cat /proc/self/status /proc/self/cmdline", "bash -c env", "env | grep -i canary", "cat /etc/passwd /etc/hostname", "compgen -v"} {
		r := exec(t, s, sandbox.Exec{Script: script})
		if all := strings.ToLower(r.Stdout + r.Stderr); strings.Contains(all, "canary") {
			t.Errorf("%s shows the host's environment: %s", script, all)
		}
	}
	r := exec(t, s, sandbox.Exec{Script: "echo $A; env | grep ^A=; unset A", Env: map[string]string{"A": "b c"}})
	if r.Stdout != "b c\nA=b c\n" {
		t.Errorf("%+v", r)
	}
	wantOut(t, s, "echo $A", "\n")
}

func timeout(t *testing.T, s sandbox.Sandbox) {
	const limit = time.Second // a real machine may be busy for as long as a script takes to begin
	var wg sync.WaitGroup
	// The loop is one that no limit on the number of commands ends within a second.
	for _, script := range []string{"echo begun; printf -v x %9999s; while :; do y=${x// /.}; done", "echo begun; sleep 100", "echo begun; sleep 100 & wait", "echo begun; cat | cat",
		"echo begun; (while :; do echo; done) | cat >/dev/null"} {
		stdin := blocked(t)
		wg.Go(func() {
			began := time.Now()
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: script, Timeout: limit, Stdin: stdin})
			if err != nil || r.ExitCode != 124 || r.Limit != "timeout" || r.Stdout != "begun\n" {
				t.Errorf("%s: %+v, %v", script, r, err)
			}
			if d := time.Since(began); d > limit+5*time.Second {
				t.Errorf("%s: ended after %s", script, d)
			}
		})
	}
	wg.Wait()
	wantOut(t, s, "echo fine", "fine\n")
}

// blocked is an input that ends only with the test.
func blocked(t *testing.T) io.Reader {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	return r
}

func cancel(t *testing.T, s sandbox.Sandbox) {
	ctx, stop := context.WithCancel(t.Context())
	r, err := s.Exec(ctx, sandbox.Exec{Script: "echo begun; while :; do :; done", Output: func(sandbox.Stream, []byte) { stop() }})
	if !errors.Is(err, context.Canceled) || r.Stdout != "begun\n" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.Exec(ctx, sandbox.Exec{Script: "echo never"}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	wantOut(t, s, "echo fine", "fine\n")
}

// grants: a privileged command exists for one call alone.
func grants(t *testing.T, s sandbox.Sandbox) {
	exec(t, s, sandbox.Exec{Script: "mkdir -p sub"})
	deploy := func(_ context.Context, c sandbox.Call) int {
		in, _ := io.ReadAll(c.Stdin)
		fmt.Fprintf(c.Stdout, "%q %s %s", c.Args, c.Dir, in)
		fmt.Fprint(c.Stderr, "note")
		return 7
	}
	r := exec(t, s, sandbox.Exec{Script: "cd sub; echo in | deploy 'a b' c", Grants: sandbox.Grants{"deploy": deploy}})
	if want := fmt.Sprintf("%q %s/sub in\n", []string{"a b", "c"}, s.FS().Dir()); r.Stdout != want || r.Stderr != "note" || r.ExitCode != 7 {
		t.Errorf("%+v, want %q", r, want)
	}
	if r := exec(t, s, sandbox.Exec{Script: "deploy"}); r.ExitCode != 127 {
		t.Errorf("without the grant: %+v", r)
	}
}

// noGrants: what cannot call a command says so, in place of a script that does not find it.
func noGrants(t *testing.T, s sandbox.Sandbox) {
	deploy := func(context.Context, sandbox.Call) int { return 0 }
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo ran", Grants: sandbox.Grants{"deploy": deploy}})
	if err == nil || !strings.Contains(err.Error(), "deploy") || r.Stdout != "" {
		t.Errorf("%+v, %v", r, err)
	}
}

func concurrent(t *testing.T, s sandbox.Sandbox) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			script := fmt.Sprintf("for n in 1 2 3; do echo %d >>f%d; done; x=$(cat f%d | wc -l); echo $((x))", i, i, i)
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: script})
			if err != nil || r.Stdout != "3\n" {
				t.Errorf("%s: %+v, %v", script, r, err)
			}
		})
	}
	wg.Wait()
}

// closed: what runs ends, and nothing begins.
func closed(t *testing.T, s sandbox.Sandbox) {
	begun := make(chan struct{})
	ended := make(chan error, 1)
	var once sync.Once
	go func() {
		_, err := s.Exec(context.Background(), sandbox.Exec{Script: "echo begun; while :; do :; done",
			Output: func(sandbox.Stream, []byte) { once.Do(func() { close(begun) }) }})
		ended <- err
	}()
	<-begun
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("an Exec that Close ended is no success")
	}
	if _, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo hi"}); err == nil {
		t.Error("an Exec after Close is an error")
	}
	if _, err := s.FS().Stat(t.Context(), "/"); err == nil {
		t.Error("a file after Close is an error")
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

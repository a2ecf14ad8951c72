package virtual_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sandboxtest"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func open(t testing.TB, cfg virtual.Config) *virtual.Sandbox {
	t.Helper()
	s, err := virtual.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("Sandbox", func(t *testing.T) {
		sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox { return open(t, virtual.Config{}) })
	})
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name, script, limit string
		cfg                 virtual.Config
	}{
		{"output", "yes", "output", virtual.Config{Limits: limits.Limits{Output: 1000}}},
		{"file bytes", "yes >f", "file-bytes", virtual.Config{Quota: vfs.Quota{Bytes: 10_000}}},
		{"files", "for i in {1..100}; do echo >f$i; done", "file-count", virtual.Config{Quota: vfs.Quota{Files: 50}}},
		{"commands", "while :; do :; done", "commands", virtual.Config{Limits: limits.Limits{Commands: 1000}}},
		{"live bytes", "x=x; while :; do x=$x$x; done", "live-bytes", virtual.Config{Limits: limits.Limits{LiveBytes: 1 << 20}}},
		{"depth", "f() { f; }; f", "depth", virtual.Config{}},
		{"jobs", "for i in {1..50}; do sleep 10 & done; wait", "jobs", virtual.Config{Limits: limits.Limits{Jobs: 20}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, test.cfg)
			r, err := s.Exec(t.Context(), sandbox.Exec{Script: test.script, Timeout: 20 * time.Second})
			if err != nil || r.Limit != test.limit || r.ExitCode != 126 || !strings.Contains(r.Stderr, "flue: limit "+test.limit+" (") {
				t.Errorf("%.200q %v %d %s, %v", r.Stderr, len(r.Stdout), r.ExitCode, r.Limit, err)
			}
			if r, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo fine"}); r.Stdout != "fine\n" {
				t.Errorf("the next one: %+v, %v", r, err)
			}
		})
	}
}

// TestOverAtOnce: the time may be up before the shell is made.
func TestOverAtOnce(t *testing.T) {
	s := open(t, virtual.Config{})
	for i := range 200 {
		for _, exec := range []func(context.Context, sandbox.Exec) (sandbox.ExecResult, error){s.Exec, s.NewSession().Exec} {
			r, err := exec(t.Context(), sandbox.Exec{Script: "while :; do :; done", Timeout: time.Duration(1 + 100*i)})
			if err != nil || r.ExitCode != 124 {
				t.Fatalf("%+v, %v", r, err)
			}
		}
	}
}

// TestNothingOfTheHost looks for the host in what a session can see without running anything.
func TestNothingOfTheHost(t *testing.T) {
	t.Setenv("FLUE_CANARY", "canary")
	s := open(t, virtual.Config{Env: map[string]string{"MINE": "1"}})
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: `env; set; cat /proc/self/* /proc/* /etc/*; echo $HOME ~root $$ $UID $HOSTNAME; pwd; ls -la / /dev /proc`})
	if err != nil || strings.Contains(r.Stdout+r.Stderr, "canary") {
		t.Errorf("%v: %s", err, r.Stdout)
	}
	for _, want := range []string{"MINE=1", "HOME=/home/agent", "TMPDIR=/tmp", "TERM=dumb", "/home/agent /root 1 1000"} {
		if !strings.Contains(r.Stdout, want) {
			t.Errorf("%s is not in %s", want, r.Stdout)
		}
	}
}

func TestWorld(t *testing.T) {
	s := open(t, virtual.Config{})
	for script, want := range map[string]string{
		"which grep":                                         "/usr/bin/grep\n",
		"ls -d /tmp /home/agent /workspace; pwd":             "/home/agent\n/tmp\n/workspace\n/workspace\n",
		"test -e /dev/null && test -c /dev/zero && echo yes": "yes\n",
		"head -c3 /dev/zero | wc -c":                         "3\n",
		"ls /bin/cat /usr/bin/cat":                           "/bin/cat\n/usr/bin/cat\n",
		"stat -c '%a %U' /tmp /workspace":                    "1777 agent\n755 agent\n",
		"printf '#!/bin/bash\\necho mine $1\\n' >/bin/mine; chmod +x /bin/mine; mine x": "mine x\n",
		"echo x >/dev/null; echo x >/dev/none 2>/dev/null || echo denied":               "denied\n",
		"echo a | cat /dev/stdin; cat /dev/fd/0 <<<b":                                   "a\nb\n",
		"touch f; chmod 000 f; cat f 2>&1":                                              "cat: f: Permission denied\n",
		"echo x >/dev/full 2>/dev/null || echo full":                                    "full\n",
	} {
		r, err := s.Exec(t.Context(), sandbox.Exec{Script: script})
		if err != nil || r.Stdout != want {
			t.Errorf("%s: %q, want %q (%s, %v)", script, r.Stdout, want, r.Stderr, err)
		}
	}
}

// TestKnown: a command of the project that this call was not granted has a message of its own.
func TestKnown(t *testing.T) {
	s := open(t, virtual.Config{Known: func(name string) bool { return name == "deploy" }})
	r, _ := s.Exec(t.Context(), sandbox.Exec{Script: "deploy"})
	if r.ExitCode != 127 || strings.Contains(r.Stderr, "command not found") {
		t.Errorf("%+v", r)
	}
}

func BenchmarkEcho(b *testing.B) {
	s := open(b, virtual.Config{})
	b.ReportAllocs()
	for b.Loop() {
		if r, err := s.Exec(b.Context(), sandbox.Exec{Script: "echo hi"}); r.Stdout != "hi\n" {
			b.Fatal(r, err)
		}
	}
}

// TestEchoAllocates: a small Exec in a warm session stays small.
func TestEchoAllocates(t *testing.T) {
	s := open(t, virtual.Config{})
	if n := testing.AllocsPerRun(100, func() { s.Exec(t.Context(), sandbox.Exec{Script: "echo hi"}) }); n > 70 {
		t.Errorf("%v allocations, of which there were 60", n)
	}
}

// TestSessionSize: a session with 20 files of 1 KB keeps 30 KB in memory at most, 20 of them data.
func TestSessionSize(t *testing.T) {
	open(t, virtual.Config{}) // what all sessions share
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	sessions := make([]*virtual.Sandbox, 500)
	before := heap()
	for i := range sessions {
		sessions[i] = session(t)
	}
	size := (int64(heap()) - int64(before)) / int64(len(sessions))
	if t.Logf("%d bytes a session", size); size > 30<<10 {
		t.Errorf("a session keeps %d bytes", size)
	}
	runtime.KeepAlive(sessions)
}

func session(t testing.TB) *virtual.Sandbox {
	s, err := virtual.New(virtual.Config{})
	for i := range 20 {
		if err == nil {
			err = s.FS().Write(context.Background(), fmt.Sprintf("src/file%d.txt", i), make([]byte, 1000))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkSession(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		session(b).Close()
	}
}

// TestCommandsTogether runs scripts of several commands, which a single command's table cannot.
func TestCommandsTogether(t *testing.T) {
	for _, test := range []struct{ name, script, stdout string }{
		{"touch sets one time", "touch -d @1 f; touch -a -d @2 f; touch -m -d @3 f; stat -c '%X %Y' f; cp -p f g; stat -c '%X %Y' g", "2 3\n2 3\n"},
		{"touch of links", "touch f; ln -s f l; touch -h -d @5 l; stat -c %Y l; [ $(stat -c %Y f) != 5 ] && echo kept", "5\nkept\n"},
		{"tar --remove-files", "mkdir d; echo x >d/f; tar cf a.tar --remove-files d; ls; tar xf a.tar; cat d/f", "a.tar\nx\n"},
		{"a file of one's own wins", "printf '#!/bin/bash\\necho mine\\n' >/bin/grep; chmod +x /bin/grep; grep; rm /bin/grep; grep; echo $?", "mine\n127\n"},
		{"copies of programs", "cp /bin/seq s; ./s 2; ln -s /usr/bin/seq t; ./t 1; mv /bin/seq u; ./u 1", "1\n2\n1\n1\n"},
		{"csplit", "seq 7 >f; csplit f 3 /5/ '{1}' 2>&1; ls; csplit -z f /3/+1 '{*}'; cat xx01; csplit -sf p f %4%; cat p00",
			"4\n4\n6\ncsplit: '/5/': match not found on repetition 1\nf\n6\n8\n4\n5\n6\n7\n4\n5\n6\n7\n"},
		{"zip and unzip", "mkdir -p d/e; seq 1000 >d/f; echo hi >d/e/g; ln -s f d/l; zip -qry a d; unzip -qd o a; diff -r d o/d && readlink o/d/l; unzip -p a d/e/g; unzip -q a nope; echo $?",
			"f\nhi\n11\n"},
		{"unzip does not climb out", // of a link that the archive itself has
			"mkdir -p s t u; ln -s /workspace/t s/l; (cd s; zip -qy ../a l); rm s/l; mkdir s/l; echo x >s/l/f; (cd s; zip -q ../a l/f); unzip -qd u a; echo $?; ls t",
			"2\n"},
		{"split --filter", "seq 5 | split -l 2 --filter='tac >$FILE.r; echo $FILE'; cat x*; seq 2 | split -l 1 --filter='exit 3' 2>&1; echo $?",
			"xaa\nxab\nxac\n2\n1\n4\n3\n5\nsplit: with FILE=xaa, exit 3 from command: exit 3\n3\n"},
		{"the empty name", "cat ''; cp '' x; ls; find '' -name x; echo x >''; touch ''", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if r, err := open(t, virtual.Config{}).Exec(t.Context(), sandbox.Exec{Script: test.script}); err != nil || r.Stdout != test.stdout {
				t.Errorf("%q, %v; %s", r.Stdout, err, r.Stderr)
			}
		})
	}
}

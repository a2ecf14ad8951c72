package container_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/container"
	"golang.org/x/sys/unix"
)

// TestInside: what a script may not find or do, each as it would try. A script prints "got it" if it succeeds.
func TestInside(t *testing.T) {
	t.Setenv("FLUE_CANARY", "canary-of-the-host")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("got it"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	abstract, err := net.Listen("unix", "@flue-test-"+filepath.Base(t.TempDir())+strconv.Itoa(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	defer abstract.Close()
	state := t.TempDir()
	other := wrapped(t, container.Config{State: state})
	run(t, other, "echo got it >/workspace/f; echo got it >/home/agent/f; echo got it >/tmp/f")
	s := wrapped(t, container.Config{State: state})
	for name, script := range map[string]string{
		"the host's environment":     `cat /proc/*/environ /proc/self/task/*/environ 2>/dev/null | grep -a canary-of && echo got it`,
		"the host's files":           "cat " + secret,
		"home of the host":           "ls /root/.ssh /home/*/.ssh 2>/dev/null && echo got it; ls -A /home | grep -v agent && echo got it",
		"another session's files":    "cat /workspace/f /home/agent/f /tmp/f; find / -name f -path '*workspace*' 2>/dev/null | xargs -r cat",
		"where it is on the host":    "cat /proc/1/cmdline | tr '\\0' ' ' | grep -e '--chdi[r]' && echo got it",
		"the host's processes":       "ls /proc | grep -E '^[0-9]+$' | wc -l | { read n; test $n -gt 8 && echo got it; }",
		"killing the host's":         fmt.Sprintf("kill -0 %d && echo got it", os.Getppid()),
		"a socket of an engine":      "ls /var/run/docker.sock /run/docker.sock /run/podman /run/user /run/dbus 2>/dev/null && echo got it",
		"a TCP port of the host":     fmt.Sprintf("(exec 3<>/dev/tcp/127.0.0.1/%d) 2>/dev/null && echo got it", l.Addr().(*net.TCPAddr).Port),
		"an abstract socket":         fmt.Sprintf("python3 -c 'import socket; s=socket.socket(socket.AF_UNIX); s.connect(%q); print(\"got it\")' 2>/dev/null", "\\0"+abstract.Addr().String()[1:]),
		"a network card":             "grep -v -e lo: -e face -e Inter /proc/net/dev && echo got it",
		"the kernel's settings":      "for f in kernel/core_pattern kernel/modprobe vm/drop_caches kernel/sysrq; do test -w /proc/sys/$f && echo got it; done; (echo x >/proc/sysrq-trigger) 2>/dev/null && echo got it",
		"writing to /usr":            "(touch /usr/x || touch /usr/bin/x || touch /etc/x || touch /etc/alternatives/x) 2>/dev/null && echo got it",
		"mounting":                   "mount -t tmpfs x /mnt 2>/dev/null && echo got it; mount -o remount,rw /usr 2>/dev/null && echo got it",
		"being root":                 "test $(id -u) = 0 && echo got it; sudo -n true 2>/dev/null && echo got it",
		"devices":                    "ls /dev/kmsg /dev/mem /dev/[sv]d* /dev/fuse /dev/kvm 2>/dev/null && echo got it",
		"descriptors of flue":        "ls /proc/self/fd | grep -v -x -e 0 -e 1 -e 2 -e 3 && echo got it",
		"a terminal":                 "(exec 3<>/dev/tty) 2>/dev/null && echo got it",
		"secrets below /etc":         "ls /etc/shadow /etc/ssl/private /etc/ssh 2>/dev/null && echo got it",
		"the helper without a grant": "ls /run/flue 2>/dev/null && echo got it",
	} {
		if r := run(t, s, script); strings.Contains(r.Stdout, "got it") {
			t.Errorf("%s: %s\n%s%s", name, script, r.Stdout, r.Stderr)
		}
	}
}

// TestGrantsEnd: a command is granted to one call of Exec. Neither what runs beside it nor what it left behind has it,
// and nothing about it inside tells its secret.
func TestGrantsEnd(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *container.Sandbox) {
		const secret = "s3cret-of-the-command"
		called := 0
		deploy := func(_ context.Context, c sandbox.Call) int {
			called++
			_ = os.Setenv("FLUE_TEST_SECRET", secret)
			defer os.Unsetenv("FLUE_TEST_SECRET")
			fmt.Fprintln(c.Stdout, "called")
			return 0
		}
		grants := sandbox.Grants{"deploy": deploy}
		r := runExec(t, s, sandbox.Exec{Grants: grants, Script: `deploy; (sleep 60; deploy) & cp /run/flue/bin/deploy ~/copy; cp /run/flue/flue ~/flue; ln -s /run/flue/socket ~/socket
		cat /proc/*/environ 2>/dev/null | grep -a s3cret; grep -a s3cret-of-the /run/flue/flue | head -c 0; ls /run/flue`})
		if !strings.HasPrefix(r.Stdout, "called\n") || strings.Contains(r.Stdout, secret) || called != 1 {
			t.Errorf("%+v", r)
		}
		for _, script := range []string{"deploy", "~/copy", "exec -a deploy ~/flue", "cat ~/socket", "/run/flue/bin/deploy"} {
			if r := run(t, s, script); strings.Contains(r.Stdout, "called") || called != 1 {
				t.Errorf("%s, which is not granted: %+v", script, r)
			}
		}
		begun := make(chan struct{})
		go func() {
			_, _ = s.Exec(t.Context(), sandbox.Exec{Script: "echo begun; sleep 5", Grants: grants, Output: func(sandbox.Stream, []byte) { close(begun) }})
		}()
		<-begun
		if r := runExec(t, s, sandbox.Exec{Script: "deploy; other", Grants: sandbox.Grants{"other": deploy}}); r.Stdout != "called\n" || !strings.Contains(r.Stderr, "deploy: command not found") {
			t.Errorf("beside one that has it: %+v", r)
		}
	})
}

// TestLoops: a command that does not read its stdin takes nothing of what a loop reads, from a pipe or a file.
func TestLoops(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *container.Sandbox) {
		grants := sandbox.Grants{
			"quiet": func(_ context.Context, c sandbox.Call) int { fmt.Fprintln(c.Stdout, c.Args); return 0 },
			"eager": func(_ context.Context, c sandbox.Call) int { // reads ahead, and gives back what nobody wanted
				buf := make([]byte, 4<<10)
				n, _ := c.Stdin.Read(buf)
				c.Stdin.(sandbox.Unreader).Unread(buf[:n])
				fmt.Fprintln(c.Stdout, c.Args)
				return 0
			},
			"all": func(_ context.Context, c sandbox.Call) int { n, _ := io.Copy(c.Stdout, c.Stdin); return int(n % 200) },
		}
		for script, want := range map[string]string{
			`printf '1\n2\n3\n' | while read x; do quiet $x; done`:         "[1]\n[2]\n[3]\n",
			`printf '1\n2\n3\n' | while read x; do eager $x; done`:         "[1]\n[2]\n[3]\n",
			`printf '1\n2\n3\n' >f; while read x; do eager $x; done <f`:    "[1]\n[2]\n[3]\n",
			`printf '1\n2\n' | { read x; all; }`:                           "2\n",
			`seq 100000 | all | md5sum; seq 100000 | md5sum`:               "", // the same twice, see below
			`all </dev/null; echo $?; all <<<x; echo $?`:                   "0\nx\n2\n",
			`quiet "a b" '' 'ö' $'\n'`:                                     "[a b  ö \n]\n",
			`yes | head -c 300000 >big; all <big | cmp - big && echo same`: "same\n",
			`all < <(printf slow; sleep 0.05; printf er)`:                  "slower",
			`quiet 1 | cat; quiet 2 >out; cat out; (quiet 3)`:              "[1]\n[2]\n[3]\n",
		} {
			r := runExec(t, s, sandbox.Exec{Script: script, Grants: grants})
			if lines := strings.Fields(r.Stdout); want == "" && (len(lines) != 4 || lines[0] != lines[2]) || want != "" && r.Stdout != want {
				t.Errorf("%s: %+v, want %q", script, r, want)
			}
		}
	})
}

// TestCallEnds: a call ends when the program that made it does, or the script.
func TestCallEnds(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *container.Sandbox) {
		ended := make(chan struct{}, 1)
		wait := func(ctx context.Context, _ sandbox.Call) int { <-ctx.Done(); ended <- struct{}{}; return 1 }
		for _, script := range []string{"timeout -s KILL 2 waits; exit 5", "waits & sleep 2; exit 5"} {
			if r := runExec(t, s, sandbox.Exec{Script: script, Grants: sandbox.Grants{"waits": wait}}); r.ExitCode != 5 {
				t.Errorf("%s: %+v", script, r)
			}
			<-ended
		}
		if r := runExec(t, s, sandbox.Exec{Script: "waits", Grants: sandbox.Grants{"waits": wait}, Timeout: 2 * time.Second}); r.Limit != "timeout" {
			t.Errorf("%+v", r)
		}
		<-ended
	})
}

// TestLinks: a link in the workspace leads where it leads inside, for the tools too, and never to the host.
func TestLinks(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("the host's"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := wrapped(t, container.Config{})
	run(t, s, "ln -s "+secret+" file; ln -s "+filepath.Dir(secret)+" folder; ln -s /etc/passwd passwd; ln -s / root; ln -s ../../../../../../../../etc/shadow up; echo inside >/tmp/t; ln -s /tmp/t tmp")
	for name, want := range map[string]string{"file": "", "folder/secret": "", "root" + secret: "", "up": "", "/proc/1/root/etc/shadow": "",
		"passwd": "agent:x:1000", "root/etc/hostname": "flue", "tmp": "inside", "root/usr/bin/../lib/os-release": "NAME="} {
		f, err := s.FS().Open(t.Context(), name)
		if want == "" {
			if err == nil {
				data, _ := io.ReadAll(f)
				t.Errorf("%s can be read: %q", name, data)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if data, err := io.ReadAll(f); err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		f.Close()
	}
	for _, name := range []string{"folder/new", "passwd", "/usr/x", "/etc/x"} {
		if err := s.FS().Write(t.Context(), name, []byte("x")); err == nil {
			t.Errorf("%s can be written", name)
		}
	}
	if _, ok := s.HostDir("folder"); ok {
		t.Error("a link to the host is a folder of the host for commands")
	}
	if _, ok := s.HostDir("/tmp"); ok {
		t.Error("/tmp is the workspace")
	}
	if dir, ok := s.HostDir(""); !ok || !strings.HasSuffix(dir, "/workspace") {
		t.Error("the workspace has no folder:", dir)
	}
}

// TestOddFiles: pipes, devices, odd names and folders that nobody may enter hang nothing and stop nothing.
func TestOddFiles(t *testing.T) {
	state := t.TempDir()
	s, err := container.Open(t.Context(), container.Config{Engine: "bubblewrap", State: state})
	if err != nil {
		t.Skip("NOT TESTED: ", err)
	}
	run(t, s, `mkfifo pipe; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'; printf 'a\0b' >bin; touch -- '-rf *' $'new\nline' $'bad\xff'
		mkdir locked deep; touch locked/f; mkdir locked/d; chmod 0 locked/d locked; chmod 555 deep`)
	list, err := s.FS().ReadDir(t.Context(), ".")
	if err != nil || len(list) != 8 {
		t.Errorf("%d entries, %v", len(list), err)
	}
	for _, name := range []string{"pipe", "socket"} {
		if _, err := s.FS().Open(t.Context(), name); err == nil {
			t.Errorf("%s can be opened", name)
		}
	}
	if err := s.FS().Write(t.Context(), "pipe", []byte("x")); err == nil {
		t.Error("a pipe can be written")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(state, "run-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestMuch: output without end is cut at its limit, and its writer is ended.
func TestMuch(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *container.Sandbox) {
		r := run(t, s, "yes | head -c 1000000000")
		if r.Limit != "output" || r.ExitCode != 126 || len(r.Stdout) > 1<<20 || len(r.Stdout) < 900<<10 || !strings.Contains(r.Stderr, "limit output (1 MiB) exceeded") {
			t.Errorf("%d bytes, %d, %q, %q", len(r.Stdout), r.ExitCode, r.Limit, r.Stderr)
		}
		if r := run(t, s, "mkdir many; cd many; seq 20000 | xargs touch; ls | wc -l"); r.Stdout != "20000\n" {
			t.Errorf("%+v", r)
		}
		if list, err := s.FS().ReadDir(t.Context(), "many"); err != nil || len(list) != 20000 {
			t.Errorf("%d, %v", len(list), err)
		}
		if r := run(t, s, ": "+strings.Repeat("x", 900<<10)+"\necho $BASH_VERSION"); r.ExitCode != 0 || r.Stdout == "" {
			t.Errorf("a long script: %d, %q", r.ExitCode, r.Stderr)
		}
	})
}

// TestKilled: when flue is killed in the middle of a script, nothing of that runs on, and what it left is removed by the
// next sandbox.
func TestKilled(t *testing.T) {
	wrapped(t, container.Config{}) // or skip
	state := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	cmd.Env = append(os.Environ(), "FLUE_TEST_STATE="+state)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var beat string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found, ok := strings.CutPrefix(lines.Text(), "beats in "); ok {
			beat = found
			break
		}
	}
	if beat == "" {
		t.Fatal("the child says nothing")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	// The script holds a lock; when it is free, all that could hold it has gone.
	f, err := os.Open(beat)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	free := make(chan error, 1)
	go func() { free <- unix.Flock(int(f.Fd()), unix.LOCK_EX) }()
	select {
	case err := <-free:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("10 s later something still runs")
	}
	wrapped(t, container.Config{State: state})
	if _, err := os.Stat(beat); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was left is still there: %v", err)
	}
}

// TestChild is the process that TestKilled kills.
func TestChild(t *testing.T) {
	state := os.Getenv("FLUE_TEST_STATE")
	if state == "" {
		t.Skip("only TestKilled needs it")
	}
	s := wrapped(t, container.Config{State: state})
	dir, _ := s.HostDir("")
	_, err := s.Exec(t.Context(), sandbox.Exec{Script: "exec 9>lock; flock 9; (setsid sleep 1000 & ) ; echo locked; sleep 1000", Output: func(_ sandbox.Stream, data []byte) {
		fmt.Printf("beats in %s\n", filepath.Join(dir, "lock"))
	}})
	t.Error("it was not killed:", err)
}

// TestCanceledAtOnce: what is ended in its first moment is ended wholly, though bwrap has not yet bound its child to itself.
func TestCanceledAtOnce(t *testing.T) {
	s := wrapped(t, container.Config{})
	marker := fmt.Sprintf("sleep 47.%d", os.Getpid())
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.Exec(ctx, sandbox.Exec{Script: "echo begun; exec " + marker, Output: func(sandbox.Stream, []byte) { cancel() }})
		if cancel(); err == nil {
			t.Fatal("it was not ended")
		}
	}
	if left := goesOn(t, marker); left != "" {
		t.Errorf("%s goes on", left)
	}
}

// goesOn is a process whose command has a marker in it; "" if there is none.
func goesOn(t *testing.T, marker string) string {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range processes {
		data, _ := os.ReadFile(file) // it may have ended
		if command := strings.ReplaceAll(string(data), "\x00", " "); strings.Contains(command, marker) && !strings.Contains(command, "test.run") {
			return file + ": " + command
		}
	}
	return ""
}

// TestKilledAtOnce: when flue is killed while scripts are in their first moments, none of them runs on, though bwrap has not
// yet bound all of them to itself.
func TestKilledAtOnce(t *testing.T) {
	wrapped(t, container.Config{}) // or skip
	state := t.TempDir()
	for range 10 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStorm$", "-test.v")
		cmd.Env = append(os.Environ(), "FLUE_TEST_STATE="+state)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL {
			t.Fatalf("%v: %s", err, out)
		}
		marker := fmt.Sprintf("sleep 48.%d", cmd.ProcessState.Pid())
		for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
			left := goesOn(t, marker)
			if left == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("10 s later %s goes on", left)
			}
		}
	}
}

// TestStorm is the process of TestKilledAtOnce, which kills itself when the first one of many scripts has begun.
func TestStorm(t *testing.T) {
	state := os.Getenv("FLUE_TEST_STATE")
	if state == "" {
		t.Skip("only TestKilledAtOnce needs it")
	}
	s := wrapped(t, container.Config{State: state})
	var scripts sync.WaitGroup
	for range 30 {
		scripts.Go(func() {
			_, err := s.Exec(t.Context(), sandbox.Exec{Script: fmt.Sprintf("echo begun; exec sleep 48.%d", os.Getpid()), Output: func(sandbox.Stream, []byte) {
				_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			}})
			t.Error("it was not killed:", err)
		})
	}
	scripts.Wait()
}

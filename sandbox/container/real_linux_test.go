package container_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/flue-run/flue/sandbox"
	flue "github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/sandbox/sandboxtest"
)

// TestRealContract runs the contract on the server of this machine.
func TestRealContract(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox { return open(t, real(t)) })
}

// TestRealInside: what a script may not find or do, each as it would try. A script prints "got it" if it succeeds.
func TestRealInside(t *testing.T) {
	t.Setenv("FLUE_CANARY", "canary-of-the-host")
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	other := open(t, real(t))
	run(t, other, "echo got it >/workspace/f; echo got it >/home/agent/f; echo got it >/tmp/f")
	cfg := real(t)
	cfg.ReadOnly = true
	s := open(t, cfg)
	for name, script := range map[string]string{
		"the host's environment":  "cat /proc/*/environ 2>/dev/null | grep -a canary-of && echo got it",
		"another session's files": "cat /workspace/f /home/agent/f /tmp/f",
		"a socket of an engine":   "ls /var/run/docker.sock /run/docker.sock /run/podman 2>/dev/null && echo got it",
		"a TCP port of the host":  fmt.Sprintf("for a in 127.0.0.1 10.88.0.1 172.17.0.1; do (exec 3<>/dev/tcp/$a/%d) 2>/dev/null && echo got it; done", l.Addr().(*net.TCPAddr).Port),
		"a network card":          "grep -v -e lo: -e face -e Inter /proc/net/dev && echo got it",
		"the kernel's settings":   "for f in kernel/core_pattern kernel/modprobe kernel/sysrq; do test -w /proc/sys/$f && echo got it; done",
		"the root of the image":   "(touch /x || touch /usr/x || touch /etc/x || touch /var/x) 2>/dev/null && echo got it",
		"mounting":                "mount -t tmpfs x /mnt 2>/dev/null && echo got it; mount -o remount,rw / 2>/dev/null && echo got it",
		"being root":              "test $(id -u) = 0 && echo got it; su -c true 2>/dev/null && echo got it",
		"rights of root":          "grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):' /proc/self/status | grep -v 0000000000000000 && echo got it; grep 'NoNewPrivs:.0' /proc/self/status && echo got it",
		"devices":                 "ls /dev/kmsg /dev/mem /dev/[sv]d* /dev/kvm 2>/dev/null && echo got it",
	} {
		if r := run(t, s, script); strings.Contains(r.Stdout, "got it") {
			t.Errorf("%s: %s\n%s%s", name, script, r.Stdout, r.Stderr)
		}
	}
	if r := run(t, s, "touch /tmp/f ~/f f && cat /tmp/f ~/f f"); r.ExitCode != 0 {
		t.Errorf("its own folders: %+v", r)
	}
}

// TestRealLimits: memory and processes are bounded, and a container that dies of it is a failure with its reason.
func TestRealLimits(t *testing.T) {
	cfg := real(t)
	cfg.Memory, cfg.PIDs = 64<<20, 40
	s := open(t, cfg)
	if r := run(t, s, "for i in $(seq 100); do sleep 2 & done 2>&1 | grep -c -i 'resource temporarily unavailable'; kill $(jobs -p) 2>/dev/null; true"); strings.HasPrefix(r.Stdout, "0") {
		t.Errorf("100 processes: %+v", r)
	}
	// The kernel may end the script alone, or the container.
	r, err := s.Exec(t.Context(), sandbox.Exec{Script: "x=$(head -c 300000000 /dev/zero | tr '\\0' x); echo ${#x}"})
	if err == nil && r.ExitCode == 0 || err != nil && !strings.Contains(err.Error(), "memory") {
		t.Errorf("300 MB: %+v, %v", r, err)
	}
}

// TestRealImages: an image is built of a Dockerfile, and prepared by setup, once for what they say.
func TestRealImages(t *testing.T) {
	cfg := real(t)
	file := filepath.Join(t.TempDir(), "Dockerfile")
	if err := os.WriteFile(file, fmt.Appendf(nil, "FROM %s\nRUN echo built >/opt/built\nUSER 1234\n", cfg.Image), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg.Image, cfg.Dockerfile, cfg.Setup = "", file, []string{"id -u >/opt/setup", "echo again >>/opt/setup"}
	for want := 2; want >= 0; want -= 2 { // setup's scripts are told of the first time
		told := 0
		cfg.Note = func(text string) {
			if strings.HasPrefix(text, "setup, ") {
				told++
			}
		}
		s := open(t, cfg)
		if r := run(t, s, "cat /opt/built /opt/setup; id -u; touch f && stat -c %u f"); r.Stdout != "built\n0\nagain\n1234\n1234\n" || told != want {
			t.Errorf("%+v, %d notes of setup", r, told)
		}
	}
	cfg.Setup = []string{"echo it broke >&2; exit 3"}
	cfg.State = t.TempDir()
	if s, err := flue.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "setup, script 1: exit status 3: it broke") {
		t.Errorf("%v, %v", s, err)
	}
	cfg.Dockerfile, cfg.Image, cfg.Setup = "", "localhost/flue-has-no-such-image:1", nil
	if s, err := flue.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "pull localhost/flue-has-no-such-image:1: ") {
		t.Errorf("%v, %v", s, err)
	}
}

// TestRealSessions: a workspace is found again, and goes with its session; one that has gone is said.
func TestRealSessions(t *testing.T) {
	cfg := real(t)
	cfg.State, cfg.Session, cfg.Known = t.TempDir(), flue.Session{Store: t.TempDir(), Agent: "a", ID: "s"}, true
	forget := func() {
		if err := flue.Forget(context.Background(), cfg.State, os.LookupEnv, func(flue.Session) (bool, error) { return true, nil }); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(forget)
	for i, want := range []string{"one\n", "one\none\n", "one\n"} {
		var gone bool
		cfg.Note = func(text string) { gone = gone || text == flue.NoteGone }
		if i == 2 {
			forget()
		}
		s, err := flue.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if r := run(t, s, "echo one >>f; cat f; echo two >>~/f"); r.Stdout != want || gone != (want == "one\n") {
			t.Errorf("%+v, gone: %v", r, gone)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRealKilled: when flue is killed in the middle of a script, its container ends, and the next one removes it.
func TestRealKilled(t *testing.T) {
	cfg := real(t)
	api := server(t, cfg)
	cmd := exec.Command(os.Args[0], "-test.run=^TestRealChild$", "-test.v")
	cmd.Env = append(os.Environ(), "FLUE_TEST_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "begun"; {
	}
	killed := running(t, api)
	if len(killed) == 0 {
		t.Fatal("there is no container")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, id := range killed {
		ended := api.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
		select {
		case <-ended.Result:
		case err := <-ended.Error:
			t.Fatal("10 s later it still runs: ", err)
		}
	}
	open(t, real(t))
	for _, id := range killed {
		if _, err := api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{}); err == nil {
			t.Errorf("%s is left", id)
		}
	}
	volumes, err := api.VolumeList(t.Context(), client.VolumeListOptions{Filters: make(client.Filters).Add("label", "run.flue=1")})
	if err != nil || len(volumes.Items) != 2 {
		t.Errorf("%d volumes, %v", len(volumes.Items), err)
	}
}

// TestRealChild is the process that TestRealKilled kills.
func TestRealChild(t *testing.T) {
	if os.Getenv("FLUE_TEST_CHILD") == "" {
		t.Skip("only TestRealKilled needs it")
	}
	_, err := open(t, real(t)).Exec(t.Context(), sandbox.Exec{Script: "(setsid sleep 1000 &); echo begun; sleep 1000", Output: func(sandbox.Stream, []byte) { fmt.Println("begun") }})
	t.Error("it was not killed:", err)
}

// server is the one that cfg means.
func server(t testing.TB, cfg flue.Config) *client.Client {
	t.Helper()
	host := os.Getenv(map[string]string{"docker": "DOCKER_HOST", "podman": "CONTAINER_HOST"}[cfg.Engine])
	if host == "" {
		t.Skip("NOT TESTED: DOCKER_HOST or CONTAINER_HOST does not say which server is to be asked")
	}
	api, err := client.New(client.WithHost(host))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	return api
}

// running are the containers of flue that run.
func running(t testing.TB, api *client.Client) (ids []string) {
	t.Helper()
	found, err := api.ContainerList(t.Context(), client.ContainerListOptions{Filters: make(client.Filters).Add("label", "run.flue=1")})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found.Items {
		ids = append(ids, c.ID)
	}
	return ids
}

// BenchmarkReal compares a script in a container with the same one through the engine's own command line.
func BenchmarkReal(b *testing.B) {
	cfg := real(b)
	s := open(b, cfg)
	b.Run("script", func(b *testing.B) {
		for b.Loop() {
			runExec(b, s, sandbox.Exec{Script: "echo hi"})
		}
	})
	b.Run("exec", func(b *testing.B) {
		args := []string{"exec", running(b, server(b, cfg))[0], "/bin/bash", "-c", "echo hi"}
		if cfg.Engine == "podman" {
			args = append([]string{"--remote"}, args...)
		}
		for b.Loop() {
			if out, err := exec.Command(cfg.Engine, args...).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
}

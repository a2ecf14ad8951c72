package container_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/sandbox/sandboxtest"
	dockertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
)

// TestDockerContract runs the contract on a server of Docker that the tests bring along.
func TestDockerContract(t *testing.T) {
	f, env := newFakeDocker(t)
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox {
		return open(t, container.Config{Engine: "docker", HostEnv: env})
	})
	if left := f.left(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestDockerRights: what a container is made with.
func TestDockerRights(t *testing.T) {
	f, env := newFakeDocker(t)
	s := open(t, container.Config{Engine: "docker", HostEnv: env, CPUs: 1.5, Memory: 1 << 30, ReadOnly: true, Mounts: []container.Mount{{Path: "/mnt/x", Source: t.TempDir()}},
		Folders: map[string]fs.FS{"/skills/a": fstest.MapFS{"SKILL.md": {Data: []byte("a skill")}}}})
	if r := run(t, s, "cat /skills/a/SKILL.md; touch /mnt/x/y 2>/dev/null || echo ' read-only'"); r.Stdout != "a skill read-only\n" {
		t.Errorf("%+v", r)
	}
	c := f.created[len(f.created)-1]
	h := c.HostConfig
	if !slices.Equal(h.CapDrop, []string{"ALL"}) || h.Privileged || !slices.Equal(h.SecurityOpt, []string{"no-new-privileges"}) || h.NetworkMode != "none" || !h.ReadonlyRootfs ||
		h.NanoCPUs != 1_500_000_000 || h.Memory != 1<<30 || h.MemorySwap != 1<<30 || *h.PidsLimit != 1024 || c.User != "1000:1000" || len(c.Env) > 0 || len(h.Binds) > 0 {
		t.Errorf("%+v, %+v", c.Config, h)
	}
	for _, m := range h.Mounts {
		if strings.Contains(m.Source, "docker.sock") || m.Type == mount.TypeBind && !m.ReadOnly {
			t.Errorf("mounted: %+v", m)
		}
	}
	other := open(t, container.Config{Engine: "docker", HostEnv: env, Network: true, PIDs: 7, User: "1000"})
	run(t, other, "true")
	if c := f.created[len(f.created)-1]; c.HostConfig.NetworkMode != "bridge" || *c.HostConfig.PidsLimit != 7 || c.User != "1000" {
		t.Errorf("%+v", c)
	}
}

// TestDockerErrors: what is wrong with a server or an image is said, and nothing is left behind.
func TestDockerErrors(t *testing.T) {
	f, env := newFakeDocker(t)
	refusing := func(method, path, message string) func(string, string) (int, string) {
		return func(m, p string) (int, string) {
			if m == method && strings.Contains(p, path) {
				return 500, message
			}
			return 0, ""
		}
	}
	for name, test := range map[string]struct {
		cfg  container.Config
		fail func(string, string) (int, string)
		want string
	}{
		"no such image":     {cfg: container.Config{Image: "none:1"}, want: "pull none:1: Error response from daemon: manifest for"},
		"a login":           {cfg: container.Config{Image: "private:1"}, want: "log in and pull it yourself (docker login, docker pull private:1)"},
		"a full disk":       {cfg: container.Config{Image: "full:1"}, want: "no space left on device"},
		"setup fails":       {cfg: container.Config{Setup: []string{"true", "echo it broke >&2; exit 3"}}, want: "setup, script 2: exit status 3: it broke"},
		"no room for it":    {fail: refusing("POST", "/commit", "no space left on device"), want: "keep what setup made: Error response from daemon: no space left on device"},
		"not to be made":    {fail: refusing("POST", "/containers/create", "invalid mount config"), want: "make a container: Error response from daemon: invalid mount config"},
		"not to be started": {fail: refusing("POST", "/start", "OCI runtime create failed"), want: "start the container: Error response from daemon: OCI runtime create failed"},
		"rootfs":            {cfg: container.Config{Rootfs: "/"}, want: "docker: it has no rootfs"},
	} {
		f.fail = test.fail
		cfg := test.cfg
		cfg.Engine, cfg.HostEnv = "docker", env
		s, err := container.Open(t.Context(), cfg)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if left := f.left(); len(left) > 0 {
			t.Errorf("%s leaves %v", name, left)
		}
	}
	f.server.Close()
	if _, err := container.Open(t.Context(), container.Config{Engine: "docker", HostEnv: env}); err == nil || !strings.Contains(err.Error(), "docker") {
		t.Errorf("no server: %v", err)
	}
	none := func(string) (string, bool) { return "unix:///nowhere/socket", true }
	_, err := container.Choose(t.Context(), container.Config{HostEnv: func(name string) (string, bool) {
		if strings.HasSuffix(name, "_HOST") {
			return none(name)
		}
		return "", false
	}})
	if _, wrap := bubblewrap.Find(); (err == nil) != (wrap == nil) {
		t.Errorf("auto: %v", err)
	}
}

// TestDockerImages: what a container starts from is pulled, built and prepared once.
func TestDockerImages(t *testing.T) {
	f, env := newFakeDocker(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "Dockerfile")
	if err := os.WriteFile(file, []byte("FROM debian\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, test := range []struct {
		cfg           container.Config
		pulls, builds int
		commits       int
	}{
		{container.Config{Image: "tools:1", Setup: []string{"echo one >/opt/made"}}, 1, 0, 1},
		{container.Config{Image: "tools:1", Setup: []string{"echo one >/opt/made"}}, 0, 0, 0},
		{container.Config{Image: "tools:1", Setup: []string{"echo two >/opt/made"}}, 0, 0, 1},
		{container.Config{Dockerfile: file, Setup: []string{"echo three >/opt/made"}}, 0, 1, 1},
		{container.Config{Dockerfile: file, Setup: []string{"echo three >/opt/made"}}, 0, 0, 0},
	} {
		f.calls = nil
		test.cfg.Engine, test.cfg.HostEnv, test.cfg.Note = "docker", env, func(text string) { notes = append(notes, text) }
		want := strings.Fields(test.cfg.Setup[0])[1] + "\n"
		if r := run(t, open(t, test.cfg), "cat /opt/made"); r.Stdout != want {
			t.Errorf("%+v: %+v", test.cfg, r)
		}
		count := func(call string) (n int) {
			for _, one := range f.calls {
				if one == call {
					n++
				}
			}
			return n
		}
		if p, b, c := count("POST /images/create"), count("POST /build"), count("POST /commit"); p != test.pulls || b != test.builds || c != test.commits {
			t.Errorf("%+v: %d pulls, %d builds, %d commits", test.cfg, p, b, c)
		}
	}
	if all := strings.Join(notes, "\n"); !strings.Contains(all, "pulling the image tools:1: 1 of 1 layers") || !strings.Contains(all, "building: Step 1/1") || !strings.Contains(all, "setup, script 1 of 1") {
		t.Errorf("notes: %s", all)
	}
}

// TestDockerContext: what an image is built with is the folder of the Dockerfile, without what .dockerignore names.
func TestDockerContext(t *testing.T) {
	f, env := newFakeDocker(t)
	for ignore, want := range map[string]string{
		"": "Dockerfile a a/b a/b/c.log d.log node_modules node_modules/x",
		"# comment\n**/*.log\nnode_modules\nDockerfile\n": "Dockerfile a a/b .dockerignore",
		"*\n!a/b\n": "Dockerfile a/b a/b/c.log",
	} {
		folder := t.TempDir()
		for _, name := range []string{"Dockerfile", "a/b/c.log", "d.log", "node_modules/x", ".git/config", ".flue/flue.yaml"} {
			file := filepath.Join(folder, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(ignore), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if ignore != "" {
			if err := os.WriteFile(filepath.Join(folder, ".dockerignore"), []byte(ignore), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		open(t, container.Config{Engine: "docker", HostEnv: env, Dockerfile: filepath.Join(folder, "Dockerfile")})
		all := strings.Fields(want)
		slices.Sort(all)
		if slices.Sort(f.sent); !slices.Equal(f.sent, all) {
			t.Errorf("%q: %q, want %q", ignore, f.sent, all)
		}
	}
	file := filepath.Join(t.TempDir(), "Dockerfile")
	if err := errors.Join(os.WriteFile(file, nil, 0o644), os.WriteFile(file+".dockerignore", []byte("[a-\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := container.Open(t.Context(), container.Config{Engine: "docker", HostEnv: env, Dockerfile: file}); err == nil || !strings.Contains(err.Error(), ".dockerignore") {
		t.Error(err)
	}
}

// TestDockerDies: a container that ends under a script, or under a file that is read, is a failure with its reason.
func TestDockerDies(t *testing.T) {
	f, env := newFakeDocker(t)
	s := open(t, container.Config{Engine: "docker", HostEnv: env})
	_, err := s.Exec(t.Context(), sandbox.Exec{Script: "echo begun; sleep 100", Output: func(sandbox.Stream, []byte) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, c := range f.containers {
			c.oom = true
			go c.kill()
		}
	}})
	if err == nil || !strings.Contains(err.Error(), "ran out of memory") {
		t.Error(err)
	}
	if r, err := s.Exec(t.Context(), sandbox.Exec{Script: "true"}); err == nil || !strings.Contains(err.Error(), "ran out of memory") {
		t.Errorf("a script afterwards: %+v, %v", r, err)
	}
	if _, err := s.FS().Stat(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "ran out of memory") {
		t.Error(err)
	}
}

// TestDockerSessions: a workspace is found again, and goes with its session; one that has gone is said.
func TestDockerSessions(t *testing.T) {
	f, env := newFakeDocker(t)
	var notes []string
	cfg := container.Config{Engine: "docker", HostEnv: env, State: t.TempDir(), Session: container.Session{Agent: "a", ID: "s"}, Known: true, Note: func(text string) { notes = append(notes, text) }}
	once := func() string {
		notes = nil
		s, err := container.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return run(t, s, "echo one >>f; cat f; echo two >>~/f").Stdout
	}
	if got := once(); got != "one\n" || !slices.Contains(notes, container.NoteGone) {
		t.Errorf("%q, %q", got, notes)
	}
	if got := once(); got != "one\none\n" || len(notes) > 0 {
		t.Errorf("%q, %q", got, notes)
	}
	forget := func(gone bool) {
		if err := container.Forget(t.Context(), cfg.State, env, func(s container.Session) (bool, error) { return gone && s == cfg.Session, nil }); err != nil {
			t.Error(err)
		}
	}
	forget(false)
	if got := once(); got != "one\none\none\n" {
		t.Errorf("%q", got)
	}
	forget(true)
	if len(f.volumes) > 0 {
		t.Errorf("left: %v", f.volumes)
	}
	if got := once(); got != "one\n" {
		t.Errorf("%q", got)
	}
}

// TestDockerKilled: when flue is killed in the middle of a script, its container ends, and the next one removes it.
func TestDockerKilled(t *testing.T) {
	f, env := newFakeDocker(t)
	host, _ := env("DOCKER_HOST")
	cmd := exec.Command(os.Args[0], "-test.run=^TestDockerChild$", "-test.v")
	cmd.Env = append(os.Environ(), "FLUE_TEST_DOCKER="+host)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "begun"; {
	}
	f.mu.Lock()
	var killed *fakeContainer
	for _, c := range f.containers {
		killed = c
	}
	f.mu.Unlock()
	if killed == nil {
		t.Fatal("there is no container")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	select {
	case <-killed.done:
	case <-time.After(10 * time.Second):
		t.Fatal("10 s later it still runs")
	}
	open(t, container.Config{Engine: "docker", HostEnv: env})
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.containers) != 1 || len(f.volumes) != 2 {
		t.Errorf("%d containers, %d volumes", len(f.containers), len(f.volumes))
	}
}

// TestDockerLeft: a container that was never started, and a volume that never had one, are removed when it is clear that
// nobody will.
func TestDockerLeft(t *testing.T) {
	f, env := newFakeDocker(t)
	ours := map[string]string{"run.flue": "1", "run.flue.keep": "run"}
	f.containers["c0"] = &fakeContainer{id: "c0", name: "flue-run-x", state: "created", made: f.born, fakeConfig: fakeConfig{&dockertypes.Config{Labels: ours}, &dockertypes.HostConfig{}}}
	f.volumes["flue-run-y-home"], f.volumes["flue-kept-home"] = ours, map[string]string{"run.flue": "1", "run.flue.keep": "session"}
	once := func() {
		s, err := container.Open(t.Context(), container.Config{Engine: "docker", HostEnv: env})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	once()
	if len(f.left()) != 2 {
		t.Errorf("another flue may be about to start them, and now there are %v", f.left())
	}
	f.born = f.born.Add(-time.Hour)
	f.containers["c0"].made = f.born
	once()
	if len(f.left()) > 0 || len(f.volumes) != 1 {
		t.Errorf("left: %v", f.left())
	}
}

// TestDockerChild is the process that TestDockerKilled kills.
func TestDockerChild(t *testing.T) {
	host := os.Getenv("FLUE_TEST_DOCKER")
	if host == "" {
		t.Skip("only TestDockerKilled needs it")
	}
	s := open(t, container.Config{Engine: "docker", HostEnv: func(name string) (string, bool) {
		if name == "DOCKER_HOST" {
			return host, true
		}
		return "", false
	}})
	_, err := s.Exec(t.Context(), sandbox.Exec{Script: "(setsid sleep 1000 &); echo begun; sleep 1000", Output: func(sandbox.Stream, []byte) { fmt.Println("begun") }})
	t.Error("it was not killed:", err)
}

package container_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/container"
	"github.com/flue-run/flue/sandbox/sandboxtest"
)

func wrapped(t testing.TB, cfg container.Config) *container.Sandbox {
	t.Helper()
	if _, err := bubblewrap.Find(); err != nil {
		t.Skipf("NOT TESTED: the bubblewrap engine, which cannot run here: %v", err)
	}
	cfg.Engine = "bubblewrap"
	return open(t, cfg)
}

func TestBubblewrapContract(t *testing.T) {
	sandboxtest.Run(t, func(t *testing.T) sandbox.Sandbox { return wrapped(t, container.Config{}) })
}

// TestSetup: the scripts of setup run once for what they say, with a home that later workspaces begin with.
func TestSetup(t *testing.T) {
	state := t.TempDir()
	told := 0
	cfg := container.Config{State: state, Note: func(text string) { told++ }, Setup: []string{
		"mkdir ~/bin; printf '#!/bin/sh\necho made\n' >~/bin/made; chmod +x ~/bin/made; ln -s made ~/bin/link", "echo two >>~/second"}}
	for i, want := range []int{2, 2} { // the second one is not told of any
		s := wrapped(t, cfg)
		if r := run(t, s, "~/bin/made; ~/bin/link; cat ~/second; ls; echo x >>~/second"); r.Stdout != "made\nmade\ntwo\n" || told != want {
			t.Errorf("%d: %+v, %d notes", i, r, told)
		}
	}
	cfg.Setup = []string{"echo it broke >&2; exit 3"}
	cfg.Engine = "bubblewrap"
	if _, err := container.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "setup, script 1: exit status 3: it broke") {
		t.Error(err)
	}
}

// TestRootfs: an unpacked root is what scripts see, in place of the host's programs, and stays as it is.
func TestRootfs(t *testing.T) {
	root := t.TempDir()
	for _, program := range []string{"bash", "cat", "id", "ls", "touch"} {
		from, err := exec.LookPath(program)
		if err != nil {
			t.Skip("NOT TESTED: ", err)
		}
		linked, err := exec.Command("ldd", from).Output()
		if err != nil {
			t.Skipf("NOT TESTED: what %s is linked with: %v", from, err)
		}
		files := []string{from}
		for _, word := range strings.Fields(string(linked)) {
			if strings.HasPrefix(word, "/") {
				files = append(files, word)
			}
		}
		for i, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				file = "/bin/" + program
			}
			to := filepath.Join(root, file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, data, 0o755)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(os.Mkdir(filepath.Join(root, "etc"), 0o755), os.WriteFile(filepath.Join(root, "etc", "mark"), []byte("of the root\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	s := wrapped(t, container.Config{Rootfs: root})
	for script, want := range map[string]string{
		"cat /etc/mark; id -u; touch f && ls":         "of the root\n1000\nf\n",
		"ls /usr/bin/env /usr/bin/git 2>/dev/null":    "",
		"touch /etc/mine /bin/mine 2>/dev/null; ls /": "bin\ndev\netc\nhome\nlib\nlib64\nproc\ntmp\nvar\nworkspace\n",
	} {
		if r := run(t, s, script); r.Stdout != want {
			t.Errorf("%s: %+v, want %q", script, r, want)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "etc", "mine")); err == nil {
		t.Error("the root was written")
	}
	cfg := container.Config{Engine: "bubblewrap", Rootfs: filepath.Join(root, "none"), State: t.TempDir()}
	if _, err := container.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "none") {
		t.Error(err)
	}
}

package daytona_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/daytona"
	"github.com/flue-run/flue/sandbox/daytona/daytonatest"
)

// TestMade: what is asked for, in the API's names and units.
func TestMade(t *testing.T) {
	server := daytonatest.New(t)
	cfg := config(server)
	cfg.Image, cfg.Setup = "python:3.13-slim", []string{"apt-get update\napt-get install -y git", `echo "it's"`}
	cfg.Target, cfg.User, cfg.CPUs, cfg.Memory, cfg.Disk, cfg.Network = "eu", "root", 2, 3<<30+1, 10<<30, true
	cfg.AutoStop = 90 * time.Second
	open(t, cfg)
	cfg = config(server)
	cfg.Snapshot, cfg.Cleanup = "tools", daytona.Stop
	open(t, cfg)
	made := server.Made()
	for _, test := range []struct {
		body map[string]any
		want map[string]any
	}{
		{made[0].Body, map[string]any{"target": "eu", "user": "root", "cpu": 2., "memory": 4., "disk": 10., "networkBlockAll": false, "autoStopInterval": 2., "autoDeleteInterval": 0., "snapshot": nil}},
		{made[1].Body, map[string]any{"snapshot": "tools", "buildInfo": nil, "cpu": nil, "networkBlockAll": true, "autoStopInterval": 60., "autoDeleteInterval": 43200.}},
	} {
		for name, want := range test.want {
			if got := test.body[name]; got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	}
	want := "FROM python:3.13-slim\nRUN [\"/bin/sh\",\"-c\",\"apt-get update\\napt-get install -y git\"]\nRUN [\"/bin/sh\",\"-c\",\"echo \\\"it's\\\"\"]\n"
	if got := made[0].Body["buildInfo"].(map[string]any)["dockerfileContent"]; got != want {
		t.Errorf("the Dockerfile is %q", got)
	}
}

func TestRefusedConfig(t *testing.T) {
	for want, change := range map[string]func(*daytona.Config){
		"api_key is missing":         func(c *daytona.Config) { c.Key = "" },
		"api_url is no address":      func(c *daytona.Config) { c.URL = "daytona.example.com" },
		"without a name or password": func(c *daytona.Config) { c.URL = "https://me:secret@example.com" },
		"snapshot stands alone":      func(c *daytona.Config) { c.Snapshot, c.Image = "a", "b" },
		"not both":                   func(c *daytona.Config) { c.Image, c.Dockerfile = "a", "FROM b" },
		"setup needs an image":       func(c *daytona.Config) { c.Setup = []string{"true"} },
		"line 2 of the dockerfile":   func(c *daytona.Config) { c.Dockerfile = "FROM a\n copy . /app" },
		"not absolute":               func(c *daytona.Config) { c.Dir = "work" },
	} {
		cfg := daytona.Config{Key: "key", URL: "http://127.0.0.1:1"}
		change(&cfg)
		_, err := daytona.Open(t.Context(), cfg)
		mustSay(t, err, want)
	}
}

// TestKept: a sandbox is found again, stopped or running, with its files; one that is gone is told of.
func TestKept(t *testing.T) {
	for name, test := range map[string]struct {
		cleanup daytona.Cleanup
		between func(*daytonatest.Server, string)
		kept    bool
	}{
		"stopped":  {daytona.Stop, func(*daytonatest.Server, string) {}, true},
		"running":  {daytona.Leave, func(*daytonatest.Server, string) {}, true},
		"archived": {daytona.Stop, func(s *daytonatest.Server, id string) { s.SetState(id, "archived", "") }, true},
		"deleted":  {daytona.Stop, func(s *daytonatest.Server, id string) { s.Vanish(id) }, false},
		"expiring": {daytona.Stop, func(s *daytonatest.Server, id string) { s.SetState(id, "destroyed", "") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := daytonatest.New(t)
			server.Starting = []string{"starting", "starting"}
			var notes []string
			cfg := config(server)
			cfg.Cleanup, cfg.Note = test.cleanup, func(text string) { notes = append(notes, text) }
			s := open(t, cfg)
			out(t, s, "echo kept >f")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if state := server.State(s.ID()); state != map[daytona.Cleanup]string{daytona.Stop: "stopped", daytona.Leave: "started"}[test.cleanup] {
				t.Errorf("afterwards it is %q", state)
			}
			test.between(server, s.ID())
			cfg.ID, cfg.Known = s.ID(), true
			again := open(t, cfg)
			if got := out(t, again, "cat f 2>/dev/null"); (got == "kept\n") != test.kept || (again.ID() == s.ID()) != test.kept {
				t.Errorf("%q in %s", got, again.ID())
			}
			if gone := slices.Contains(notes, daytona.NoteGone); gone == test.kept {
				t.Errorf("notes: %q", notes)
			}
		})
	}
	t.Run("error", func(t *testing.T) {
		server := daytonatest.New(t)
		cfg := config(server)
		cfg.Cleanup = daytona.Stop
		s := open(t, cfg)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		server.SetState(s.ID(), "error", "the runner is gone, "+daytonatest.Key)
		cfg.ID = s.ID()
		_, err := daytona.Open(t.Context(), cfg)
		mustSay(t, err, s.ID(), "the runner is gone", "***")
		if server.State(s.ID()) == "" {
			t.Error("its files were deleted")
		}
	})
}

func TestRemove(t *testing.T) {
	server := daytonatest.New(t)
	cfg := config(server)
	cfg.Cleanup = daytona.Leave
	s := open(t, cfg)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds none
		if err := daytona.Remove(t.Context(), cfg, s.ID()); err != nil {
			t.Error(err)
		}
	}
	if left := server.IDs(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	cfg.Key = strings.Repeat("x", 9)
	mustSay(t, daytona.Remove(t.Context(), cfg, s.ID()), "does not accept the key")
}

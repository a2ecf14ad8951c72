package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// built runs flue build on an example and returns the folder with what it made.
func built(t *testing.T, args ...string) string {
	t.Helper()
	out := t.TempDir()
	args = append([]string{"build", "--dir", filepath.Join("..", "..", "examples", "support"), "--out", out}, args...)
	var stderr strings.Builder
	if status := run(args, streams{in: strings.NewReader(""), out: &strings.Builder{}, err: &stderr}); status != exitOK {
		t.Fatalf("status %d: %s", status, &stderr)
	}
	return out
}

// TestCompose: the compose file is one, and runs what the Dockerfile has.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(built(t), "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Build, Restart string
			Command, Ports []string
			Volumes        []string
			ReadOnly       bool     `yaml:"read_only"`
			CapDrop        []string `yaml:"cap_drop"`
			Healthcheck    struct{ Test []string }
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	s, ok := file.Services["support"]
	if !ok || s.Build != "." || s.Command[0] != "serve" || s.Volumes[0] != "data:/data" || !s.ReadOnly || s.CapDrop[0] != "ALL" || s.Healthcheck.Test[1] != "/support" {
		t.Errorf("%+v", file)
	}
	if _, ok := file.Volumes["data"]; !ok {
		t.Error("the volume is not declared")
	}
}

// TestCloudflare has the published wrangler check what --target cloudflare makes. The image is one of a registry: to build
// one takes a server of Docker, also in a dry run.
func TestCloudflare(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil || testing.Short() {
		t.Skip("NOT TESTED: the configuration for Cloudflare, without npm or with -short")
	}
	dir := built(t, "--target", "cloudflare", "--image", "registry.cloudflare.com/0123456789abcdef0123456789abcdef/support:1")
	install := exec.CommandContext(t.Context(), npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: the configuration for Cloudflare, whose packages npm could not install: %v\n%s", err, out)
	}
	deploy := exec.CommandContext(t.Context(), filepath.Join(dir, "node_modules", ".bin", "wrangler"), "deploy", "--dry-run")
	deploy.Dir = dir
	deploy.Env = append(os.Environ(), "CI=1", "WRANGLER_SEND_METRICS=false", "HOME="+t.TempDir())
	out, err := deploy.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"env.FLUE (Flue)", "support-flue (registry.cloudflare.com/", "--dry-run: exiting now"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("wrangler does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "WARNING") {
		t.Errorf("wrangler warns:\n%s", out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil || !json.Valid(text) {
		t.Errorf("package.json: %v", err)
	}
}

package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// npmProfile: npm runs scripts of packages and of the workspace, and obeys the workspace's .npmrc, which can name a shell,
// Node options and another registry, and can put any variable into a request. A command without a secret may run scripts,
// confined as it is; one with a secret may not, and a .npmrc that says anything but the harmless is refused.
var npmProfile = &profile{
	name: "npm",
	owns: func(name string) bool {
		name = strings.ToLower(strings.ReplaceAll(name, "-", "_"))
		return slices.Contains([]string{"npm_config_userconfig", "npm_config_globalconfig", "npm_config_ignore_scripts", "npm_config_script_shell", "npm_config_node_options"}, name)
	},
	subcommands: []string{"audit", "build", "ci", "dedupe", "deprecate", "diff", "dist-tag", "exec", "fund", "i", "info", "install", "install-test",
		"it", "list", "ls", "outdated", "pack", "ping", "prune", "publish", "query", "rebuild", "run", "run-script", "sbom", "search", "show", "start",
		"stop", "t", "test", "uninstall", "update", "version", "view", "whoami", "why", "x", "explain", "add", "restart"},
	withSecret: []string{"add", "audit", "ci", "dedupe", "deprecate", "diff", "dist-tag", "explain", "fund", "i", "info", "install", "list", "ls",
		"outdated", "ping", "publish", "query", "sbom", "search", "show", "uninstall", "update", "view", "whoami", "why"},
	arguments: npmArguments,
	env: func(cmd *ready, p place) map[string]string {
		env := gitEnv(p) // which it runs for packages
		env["npm_config_userconfig"], env["npm_config_globalconfig"] = filepath.Join(p.home, "npmrc"), filepath.Join(p.home, "npmrc-global")
		env["npm_config_update_notifier"], env["npm_config_fund"] = "false", "false"
		if cmd.secret {
			env["npm_config_ignore_scripts"] = "true"
		}
		return env
	},
	inspect: func(_ context.Context, cmd *ready, p place, _ map[string]string) error {
		if !cmd.secret {
			return nil
		}
		return inspectNpm(p)
	},
}

// npmTraps are options that run a program or give npm another configuration.
var npmTraps = []string{"--script-shell", "--node-options", "--git", "--registry", "--userconfig", "--globalconfig", "--prefix", "-C", "--global", "-g",
	"--call", "-c", "--ignore-scripts", "--no-ignore-scripts", "--editor", "--viewer", "--browser", "--location", "--workspace", "-w", "--shell",
	"--init-module", "--proxy", "--https-proxy", "--cafile", "--strict-ssl", "--no-strict-ssl", "--otp", "--cache"}

func npmArguments(cmd *ready, _ string, args []string) error {
	for _, arg := range args {
		if arg == "--" {
			return nil // the rest is for the script
		}
		name, _, _ := strings.Cut(arg, "=")
		switch {
		case !strings.HasPrefix(arg, "-"):
		case arg == "--ignore-scripts", !cmd.secret && slices.Contains([]string{"-w", "--workspace"}, name):
		case strings.HasPrefix(arg, "--@") || strings.HasPrefix(arg, "--//") || option(arg, npmTraps...):
			return trap("npm", arg, "can run a program, or send a secret elsewhere")
		}
	}
	return nil
}

// harmlessNpm are the settings that a workspace may have for a command with a secret.
var harmlessNpm = []string{"audit", "audit-level", "engine-strict", "fund", "ignore-scripts", "include", "install-links", "install-strategy",
	"legacy-peer-deps", "lockfile-version", "loglevel", "omit", "package-lock", "prefer-dedupe", "prefer-offline", "progress", "save", "save-exact",
	"save-prefix", "strict-peer-deps", "update-notifier"}

// inspectNpm judges each .npmrc from the working directory up to the workspace's root.
func inspectNpm(p place) error {
	for dir := p.dir; within(dir, p.workspace); dir = filepath.Dir(dir) {
		file, err := os.Open(filepath.Join(dir, ".npmrc"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("inspect the workspace: %w", err)
		}
		err = inspectNpmrc(bufio.NewScanner(file))
		file.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func inspectNpmrc(lines *bufio.Scanner) error {
	for lines.Scan() {
		line := strings.TrimSpace(strings.ReplaceAll(lines.Text(), "\r", "\n"))
		if line == "" || line[0] == '#' && !strings.Contains(line, "\n") || line[0] == ';' && !strings.Contains(line, "\n") {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if !slices.Contains(harmlessNpm, key) || strings.ContainsAny(value, "$\n") || key == "ignore-scripts" && strings.TrimSpace(value) != "true" {
			return fmt.Errorf("the workspace's .npmrc sets %q, which could run a program or send a secret elsewhere (known traps of npm)", key)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("inspect the workspace: %w", err)
	}
	return nil
}

package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox"
)

// streamLimit bounds each of stdin, stdout and stderr of a call, in bytes.
const streamLimit = 16 << 20

var errTooMuch = fmt.Errorf("more than %d MiB on one stream", streamLimit>>20)

// exec runs a program: the hook of commands that name no other. An error tells of what stopped it.
func (g *Grant) exec(ctx context.Context, cmd *ready, c sandbox.Call) (int, error) {
	private, err := os.MkdirTemp("", "flue-command-")
	if err != nil {
		return statusBroken, fmt.Errorf("make a private folder: %w", err)
	}
	defer os.RemoveAll(private)
	home, tmp := filepath.Join(private, "home"), filepath.Join(private, "tmp")
	if err := errors.Join(os.Mkdir(home, 0o700), os.Mkdir(tmp, 0o700)); err != nil {
		return statusBroken, fmt.Errorf("make a private folder: %w", err)
	}
	place, err := g.place(cmd, c.Dir, home)
	if err != nil {
		return statusRefused, fmt.Errorf("refused: %w", err)
	}
	env := g.run.broker.baseEnv(home, tmp)
	if cmd.profile != nil {
		maps.Copy(env, cmd.profile.env(cmd, place))
	}
	maps.Copy(env, cmd.env)
	if cmd.profile != nil && cmd.profile.inspect != nil && place.workspace != "" {
		if err := cmd.profile.inspect(ctx, cmd, place, g.run.broker.baseEnv(home, tmp)); err != nil {
			if ctx.Err() != nil {
				return statusBroken, context.Cause(ctx)
			}
			return statusRefused, fmt.Errorf("refused: %w", err)
		}
	}
	p := &process{path: cmd.program, args: append([]string{cmd.Name}, c.Args...), env: list(env), dir: place.dir, marker: private,
		stdin: c.Stdin, stdout: c.Stdout, stderr: c.Stderr}
	if cmd.Isolation != "none" {
		p.confine = g.run.broker.confinement(cmd, place, private)
	}
	return p.run(ctx)
}

// place is where a program works.
type place struct {
	dir       string // its working directory
	home      string // private
	workspace string // the workspace's folder on the host; "": it has no business there
}

// place finds the folders of the host for a call. A command that has no business in the workspace works in its home.
func (g *Grant) place(cmd *ready, dir, home string) (place, error) {
	if !cmd.reaches() {
		return place{dir: home, home: home}, nil
	}
	if g.scope.HostDir != nil {
		root, ok := g.scope.HostDir("/workspace")
		if at, found := g.scope.HostDir(dir); ok && found {
			return place{dir: at, home: home, workspace: root}, nil
		}
	}
	return place{}, fmt.Errorf("it works in the workspace (workspace: %s), and %s is not a folder of the host; sandbox: local makes /workspace one", cmd.Workspace, dir)
}

// baseEnv is all that a program gets besides what its command declares.
func (b *Broker) baseEnv(home, tmp string) map[string]string {
	env := map[string]string{"PATH": strings.Join(b.hostPath(), string(os.PathListSeparator)), "HOME": home, "TMPDIR": tmp, "LANG": "C.UTF-8"}
	for _, name := range []string{"LANG", "TZ"} {
		if value, ok := b.cfg.Env(name); ok && value != "" {
			env[name] = value
		}
	}
	return env
}

func list(env map[string]string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, name+"="+env[name])
	}
	return all
}

// limitedReader fails past its limit, where io.LimitedReader would pretend that the stream ends.
type limitedReader struct {
	r    io.Reader
	left int
}

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= n; l.left < 0 {
		return 0, errTooMuch
	}
	return n, err
}

package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/virtual"
)

// namespaces is the engine that is bubblewrap: each script has namespaces of its own, which end with it, on the folders
// that the sandbox has on the host.
type namespaces struct {
	cfg     Config
	bwrap   string
	program string // flue itself
	place   *place
	view    view
	box     *virtual.Sandbox // files for the tools, and nothing else
	scripts atomic.Int64     // how many have begun
}

func openBubblewrap(ctx context.Context, cfg Config) (engine, error) {
	n, err := newNamespaces(cfg)
	if err != nil {
		return nil, err
	}
	if err := n.prepare(ctx); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func newNamespaces(cfg Config) (n *namespaces, err error) {
	n = &namespaces{cfg: cfg, program: cfg.Program}
	if n.bwrap, err = bubblewrap.Find(); err != nil {
		return nil, err
	}
	if n.program == "" {
		if n.program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
	}
	if n.place, err = openPlace(cfg.State, cfg.Session); err != nil {
		return nil, err
	}
	if n.view, err = newView(cfg, n.place); err == nil {
		n.box, err = n.view.files(cfg.Dir)
	}
	if err != nil {
		return nil, errors.Join(err, n.place.close())
	}
	return n, nil
}

// prepare sees to what a new workspace has in it.
func (n *namespaces) prepare(ctx context.Context) error {
	if !n.place.fresh {
		return nil
	}
	if n.cfg.Known {
		n.cfg.Note(NoteGone)
	}
	home, err := n.setUp(ctx)
	if err != nil || home == "" {
		return err
	}
	if err := os.CopyFS(filepath.Join(n.place.work, "home"), os.DirFS(home)); err != nil {
		return fmt.Errorf("copy what setup made: %w", err)
	}
	return nil
}

// files are those of the container.
func (n *namespaces) files() sandbox.FS { return n.box.FS() }

func (n *namespaces) close() error { return errors.Join(n.box.Close(), n.place.close()) }

// hostDir is the folder of the host behind a directory of the workspace, with links resolved as they are inside.
func (n *namespaces) hostDir(dir string) (string, bool) {
	real, err := n.box.Files().Realpath(dir)
	if err != nil {
		return "", false
	}
	rel, ok := strings.CutPrefix(real+"/", Workspace+"/")
	if i, err := n.box.Files().Stat(real); !ok || err != nil || !i.IsDir() {
		return "", false
	}
	return filepath.Join(n.place.work, "workspace", filepath.FromSlash(rel)), true
}

// bwrapTime is how long bwrap may take to end once everything in it has been killed.
const bwrapTime = time.Second

// run runs a script in namespaces of its own.
func (n *namespaces) run(ctx context.Context, s script) (status int, err error) {
	if strings.IndexByte(s.text, 0) >= 0 {
		fmt.Fprintln(s.stderr, "flue: the script has a NUL byte in it")
		return 2, nil
	}
	number := n.scripts.Add(1)
	args := slices.Clone(n.view.args)
	if n.cfg.Network {
		args = append(args, "--share-net")
	}
	if len(s.grants) > 0 {
		granted, stop, err := n.grant(ctx, s.grants, number)
		if err != nil {
			return 0, err
		}
		defer stop()
		args = append(args, granted...)
	}
	for _, v := range environ(n.view.path, n.cfg.Env, s) {
		name, value, _ := strings.Cut(v, "=")
		args = append(args, "--setenv", name, value)
	}
	args = append(args, "--chdir", s.dir)
	var extra []*os.File
	if len(s.text) > longScript {
		file, err := memoryFile(s.text)
		if err != nil {
			return 0, fmt.Errorf("pass the script to bwrap: %w", err)
		}
		defer file.Close()
		extra = append(extra, file)
		args = append(args, "--ro-bind-data", "5", helperDir+"/script")
		s.text = ". " + helperDir + "/script"
	}

	// The arguments go through a file, not the command line, which /proc/1/cmdline shows inside.
	options, err := memoryFile(strings.Join(args, "\x00") + "\x00")
	if err != nil {
		return 0, fmt.Errorf("pass the arguments to bwrap: %w", err)
	}
	defer options.Close()
	gate, err := newGate()
	if err != nil {
		return 0, err
	}
	defer gate.own.Close()
	defer gate.inside.Close()
	first := &head{to: s.stderr}
	cmd := exec.CommandContext(ctx, n.bwrap, slices.Concat([]string{"--args", "3", "--"}, n.command(s))...)
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.ExtraFiles = append([]*os.File{options, gate.inside}, extra...)
	cmd.Stdout, cmd.Stderr = s.stdout, first
	cmd.WaitDelay = bwrapTime
	// The group, because a child that bwrap has just made would not notice its death yet.
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	bubblewrap.Enclose(cmd.SysProcAttr)
	if s.stdin != nil {
		r, w, err := os.Pipe()
		if err != nil {
			return 0, fmt.Errorf("make a pipe: %w", err)
		}
		defer r.Close()
		cmd.Stdin = r
		defer feed(w, s.stdin)()
	}
	release, err := bubblewrap.Start(cmd, func() error { return n.dress(number) })
	defer release()
	if err != nil {
		return 0, fmt.Errorf("start bwrap: %w", err)
	}
	gate.inside.Close()
	opened := gate.open()
	waited := cmd.Wait()
	passed := <-opened
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if status := cmd.ProcessState.ExitCode(); passed && status >= 0 {
		return status, nil
	}
	return 0, fmt.Errorf("bwrap: %v: %s", waited, strings.TrimSpace(string(first.kept)))
}

// grant serves the commands that are granted to a script, until stop; args show them to it.
func (n *namespaces) grant(ctx context.Context, grants sandbox.Grants, number int64) (args []string, stop func(), err error) {
	socket := filepath.Join(n.place.dir, "calls", fmt.Sprint(number))
	l, err := listen(socket)
	if err != nil {
		return nil, nil, fmt.Errorf("listen for calls of commands: %w", err)
	}
	args = []string{"--ro-bind", n.program, helperFile, "--bind", socket, helperSocket}
	for _, name := range slices.Sorted(maps.Keys(grants)) {
		args = append(args, "--symlink", helperFile, path.Join(helperPath, name))
	}
	return args, serveCalls(ctx, l, grants), nil
}

// longScript is how long a script may be to be an argument, in bytes: the kernel takes 128 KiB.
const longScript = 100 << 10

// command is what bwrap runs: the shell with the script, behind its gate and after the limits that it sets itself.
func (n *namespaces) command(s script) []string {
	argv := append([]string{n.view.shell, "-c", s.text}, s.args...)
	if len(s.args) == 0 {
		argv = append(argv, path.Base(n.view.shell)) // what the script's errors begin with
	}
	return append([]string{n.view.shell, "-c", passGate + n.limits() + `; exec "$0" "$@"`}, argv...)
}

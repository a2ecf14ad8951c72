package container

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/virtual"
	"golang.org/x/sys/unix"
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
		socket := filepath.Join(n.place.dir, "calls", fmt.Sprint(number))
		l, err := listen(socket)
		if err != nil {
			return 0, fmt.Errorf("listen for calls of commands: %w", err)
		}
		defer serveCalls(ctx, l, s.grants)()
		args = append(args, "--ro-bind", n.program, helperFile, "--bind", socket, helperSocket)
		for _, name := range slices.Sorted(maps.Keys(s.grants)) {
			args = append(args, "--symlink", helperFile, path.Join(helperPath, name))
		}
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
	statusR, statusW, err := os.Pipe()
	if err != nil {
		return 0, fmt.Errorf("make a pipe: %w", err)
	}
	defer statusR.Close()
	defer statusW.Close()
	first := &head{to: s.stderr}
	cmd := exec.CommandContext(ctx, n.bwrap, slices.Concat([]string{"--args", "3", "--json-status-fd", "4", "--"}, n.command(s))...)
	cmd.Env, cmd.Dir = []string{}, "/"
	cmd.ExtraFiles = append([]*os.File{options, statusW}, extra...)
	cmd.Stdout, cmd.Stderr = s.stdout, first
	cmd.WaitDelay = bwrapTime
	// The group, because a child that bwrap has just made would not notice its death yet.
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
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
	statusW.Close()
	waited := cmd.Wait()
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if status, ok := exitCode(statusR); ok {
		return status, nil
	}
	return 0, fmt.Errorf("bwrap: %v: %s", waited, strings.TrimSpace(string(first.kept)))
}

// longScript is how long a script may be to be an argument, in bytes: the kernel takes 128 KiB.
const longScript = 100 << 10

// command is what bwrap runs: the shell with the script, after the limits that it sets itself.
func (n *namespaces) command(s script) []string {
	argv := append([]string{n.view.shell, "-c", s.text}, s.args...)
	limits := n.limits()
	if limits == "" {
		return argv
	}
	if len(s.args) == 0 {
		argv = append(argv, path.Base(n.view.shell)) // what the script's errors begin with
	}
	return append([]string{n.view.shell, "-c", limits + `; exec "$0" "$@"`}, argv...)
}

// limits are the kernel's bounds for each process of a script.
func (n *namespaces) limits() string {
	var list []string
	if n.cfg.Memory > 0 {
		list = append(list, fmt.Sprintf("ulimit -d %d", max(n.cfg.Memory>>10, 1)))
	}
	if n.cfg.PIDs > 0 {
		list = append(list, fmt.Sprintf("ulimit -u %d", n.cfg.PIDs))
	}
	return strings.Join(list, "; ")
}

// dress makes the thread that starts bwrap what a script inherits: its umask and its processors.
func (n *namespaces) dress(number int64) error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil { // else the umask would be this whole process's
		return fmt.Errorf("make the umask the script's own: %w", err)
	}
	unix.Umask(0o022)
	want := int(n.cfg.CPUs)
	if n.cfg.CPUs > float64(want) {
		want++
	}
	if want == 0 || want >= runtime.NumCPU() {
		return nil
	}
	var have, own unix.CPUSet
	if err := unix.SchedGetaffinity(0, &have); err != nil {
		return fmt.Errorf("ask for the processors: %w", err)
	}
	var all []int
	for cpu := range len(have) * 64 {
		if have.IsSet(cpu) {
			all = append(all, cpu)
		}
	}
	for i := range min(want, len(all)) {
		own.Set(all[(int(number)*want+i)%len(all)]) // several scripts are spread over all of them
	}
	if err := unix.SchedSetaffinity(0, &own); err != nil {
		return fmt.Errorf("bound the processors: %w", err)
	}
	return nil
}

// exitCode is what bwrap says of a script's end; false if it did not come to start it.
func exitCode(r io.Reader) (status int, ok bool) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		var said struct {
			ExitCode *int `json:"exit-code"`
		}
		if json.Unmarshal(bytes.TrimSpace(lines.Bytes()), &said) == nil && said.ExitCode != nil {
			status, ok = *said.ExitCode, true
		}
	}
	return status, ok
}

// listen opens a socket, whose path may be longer than the 108 bytes that one has room for.
func listen(socket string) (net.Listener, error) {
	dir, err := os.Open(filepath.Dir(socket))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return net.Listen("unix", fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(socket)))
}

// memoryFile is an open file with the given text and no name.
func memoryFile(text string) (*os.File, error) {
	fd, err := unix.MemfdCreate("flue", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "flue")
	if _, err = f.WriteString(text); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// feed copies a script's stdin. A read of it that never returns keeps one goroutine until it does.
func feed(w *os.File, from io.Reader) (stop func()) {
	go func() {
		defer w.Close()
		_, _ = io.Copy(w, from) // the script has ended, or what it reads has
	}()
	return func() { w.Close() }
}

// head passes on what is written, and keeps the beginning.
type head struct {
	to   io.Writer
	kept []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), 1000-len(h.kept))]...)
	return h.to.Write(p)
}

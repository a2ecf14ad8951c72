package daytonatest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/bubblewrap"
)

// program is a command line that runs in the sandbox.
func (m *machine) program(ctx context.Context, args ...string) *exec.Cmd {
	path, _ := bubblewrap.Find() // New has asked
	wrap := []string{"--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
		"--ro-bind", "/etc/passwd", "/etc/passwd", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--unshare-net", "--unshare-pid",
		"--bind", filepath.Join(m.root, "workspace"), "/workspace", "--bind", filepath.Join(m.root, "home"), "/home/daytona",
		"--bind", filepath.Join(m.root, "tmp"), "/tmp", "--bind", filepath.Join(m.root, "skills"), "/skills", "--chdir", "/home/daytona",
		"--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/home/daytona", "--"}
	cmd := exec.CommandContext(ctx, path, append(wrap, args...)...)
	cmd.Env = []string{}
	ownGroup(cmd)
	cmd.Cancel = func() error { endGroup(cmd.Process.Pid, true); return nil }
	return cmd
}

// execute runs a command of which only the quotes are obeyed, as older versions of the API do.
func (m *machine) execute(w http.ResponseWriter, r *http.Request) {
	var body struct{ Command string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	out, err := m.program(r.Context(), words(body.Command)...).CombinedOutput()
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -1
	}
	answer(w, map[string]any{"exitCode": code, "result": string(out)})
}

func words(command string) []string {
	var all []string
	for command = strings.TrimSpace(command); command != ""; command = strings.TrimSpace(command) {
		if end := strings.IndexByte(command[1:], '\''); command[0] == '\'' && end >= 0 {
			all, command = append(all, command[1:1+end]), command[end+2:]
			continue
		}
		word, rest, _ := strings.Cut(command, " ")
		all, command = append(all, word), rest
	}
	return all
}

// Processes counts the processes of this host whose command line has a text in it.
func Processes(text string) int {
	count := 0
	dirs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		line, err := os.ReadFile(dir)
		if err == nil && pid != os.Getpid() && strings.Contains(strings.ReplaceAll(string(line), "\x00", " "), text) {
			count++
		}
	}
	return count
}

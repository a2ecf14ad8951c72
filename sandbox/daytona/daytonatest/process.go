package daytonatest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/flue-run/flue/sandbox/bubblewrap"
)

// session is a shell of Daytona's, which has run at most one command here.
type session struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever something has
	command string        // its id; "": none has come
	log     []byte
	code    *int
	ended   bool // with its session
	input   io.WriteCloser
	process *os.Process
	over    sync.WaitGroup
}

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

func (m *machine) newSession(w http.ResponseWriter, r *http.Request) {
	var body struct {
		ID string `json:"sessionId"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.ID == "" {
		fail(w, http.StatusBadRequest, "sessionId is required")
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions[body.ID] != nil {
		fail(w, http.StatusConflict, "session already exists")
		return
	}
	m.sessions[body.ID] = &session{changed: make(chan struct{})}
	w.WriteHeader(http.StatusCreated)
}

func (m *machine) session(w http.ResponseWriter, r *http.Request) *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[r.PathValue("session")]
	if s == nil || r.PathValue("command") != "" && s.command != r.PathValue("command") {
		fail(w, http.StatusNotFound, "session or command not found")
		return nil
	}
	return s
}

func (m *machine) getSession(w http.ResponseWriter, r *http.Request) {
	if s := m.session(w, r); s != nil {
		commands := []map[string]any{}
		if s.command != "" {
			commands = append(commands, map[string]any{"id": s.command})
		}
		answer(w, map[string]any{"sessionId": r.PathValue("session"), "commands": commands})
	}
}

func (m *machine) deleteSession(w http.ResponseWriter, r *http.Request) {
	s := m.session(w, r)
	if s == nil {
		return
	}
	s.end()
	m.mu.Lock()
	delete(m.sessions, r.PathValue("session"))
	m.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (m *machine) endAll() {
	m.mu.Lock()
	sessions := m.sessions
	m.sessions = map[string]*session{}
	m.mu.Unlock()
	for _, s := range sessions {
		s.end()
	}
}

// end ends the processes of a session: TERM, and then KILL.
func (s *session) end() {
	s.mu.Lock()
	process := s.process
	s.mu.Unlock()
	if process != nil {
		endGroup(process.Pid, false)
		kill := time.AfterFunc(200*time.Millisecond, func() { endGroup(process.Pid, true) })
		s.over.Wait()
		kill.Stop()
	}
	s.change(func() { s.ended = true })
}

func (s *session) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	close(s.changed)
	s.changed = make(chan struct{})
}

// exec begins a command. Each line that it writes comes into the log behind a mark of its stream.
func (m *machine) exec(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Command  string
		RunAsync bool
	}
	s := m.session(w, r)
	if s == nil {
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || !body.RunAsync || s.command != "" {
		fail(w, http.StatusBadRequest, fmt.Sprintf("a first command with runAsync is what is served here: %v", err))
		return
	}
	script := filepath.Join(m.root, "tmp", r.PathValue("session")+".cmd")
	cmd := m.program(context.Background(), "sh", "-c", ". /tmp/"+filepath.Base(script))
	err := os.WriteFile(script, []byte(body.Command), 0o600)
	stdout, outErr := cmd.StdoutPipe()
	stderr, errErr := cmd.StderrPipe()
	stdin, inErr := cmd.StdinPipe()
	if err = errors.Join(err, outErr, errErr, inErr); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	m.mu.Lock()
	s.command = "cmd-" + r.PathValue("session")
	m.mu.Unlock()
	s.mu.Lock()
	s.input, s.process = stdin, cmd.Process
	s.mu.Unlock()
	s.over.Go(func() {
		var readers sync.WaitGroup
		readers.Go(func() { s.label(stdout, 1) })
		readers.Go(func() { s.label(stderr, 2) })
		readers.Wait()
		cmd.Wait() // the status is what counts
		os.Remove(script)
		code := cmd.ProcessState.ExitCode()
		s.change(func() { s.code = &code })
	})
	w.WriteHeader(http.StatusAccepted)
	answer(w, map[string]any{"cmdId": s.command})
}

func (s *session) label(from io.Reader, mark byte) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			marked := append(bytes.Repeat([]byte{mark}, 3), bytes.TrimSuffix(line, []byte("\n"))...)
			s.change(func() { s.log = append(append(s.log, marked...), '\n') })
		}
		if err != nil {
			return
		}
	}
}

func (m *machine) getCommand(w http.ResponseWriter, r *http.Request) {
	if s := m.session(w, r); s != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		told := map[string]any{"id": s.command}
		if s.code != nil {
			told["exitCode"] = *s.code
		}
		answer(w, told)
	}
}

func (m *machine) input(w http.ResponseWriter, r *http.Request) {
	var body struct{ Data string }
	s := m.session(w, r)
	if s == nil {
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if _, err := io.WriteString(s.input, body.Data); err != nil {
		fail(w, http.StatusGone, "command has already completed")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// logs gives the log: as it is, or as it grows over a WebSocket.
func (m *machine) logs(w http.ResponseWriter, r *http.Request) {
	s := m.session(w, r)
	if s == nil {
		return
	}
	if r.Header.Get("Upgrade") == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "text/plain")
		w.Write(s.log)
		return
	}
	if m.server.NoFollow {
		fail(w, http.StatusBadRequest, "no upgrade here")
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx := conn.CloseRead(r.Context())
	for sent := 0; ; {
		s.mu.Lock()
		part, over, changed := s.log[sent:], s.code != nil || s.ended, s.changed
		s.mu.Unlock()
		if len(part) > 0 {
			if conn.Write(ctx, websocket.MessageBinary, part) != nil {
				return
			}
			sent += len(part)
			continue
		}
		if over {
			conn.Close(websocket.StatusNormalClosure, "")
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
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

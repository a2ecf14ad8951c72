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
	"path/filepath"
	"sync"

	"github.com/coder/websocket"
)

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

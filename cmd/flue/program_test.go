//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// program is a `flue serve` of its own process, as a user runs it.
type program struct {
	t    *testing.T
	url  string
	cmd  *exec.Cmd
	said *said
	kill func() // SIGKILL; returns when the process is gone
}

// said is what a process writes on stderr.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// unpackTo writes the files of a txtar archive below a folder.
func unpackTo(t *testing.T, dir, archive string) {
	t.Helper()
	for _, file := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, file.Data, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// fluePath is a path of this test binary under which it is flue.
func fluePath(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "flue")
	if err := os.Symlink(self, name); err != nil {
		t.Skip("no symbolic links: ", err)
	}
	return name
}

// serveProgram starts a server on a port that is free: command is what comes before `serve`.
func serveProgram(t *testing.T, env []string, command []string, args ...string) *program {
	t.Helper()
	command = append(append(command[:len(command):len(command)], "serve", "--address", "127.0.0.1:0"), args...)
	p := &program{t: t, cmd: exec.Command(command[0], command[1:]...), said: &said{}}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		defer close(listening)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			p.said.mu.Lock()
			fmt.Fprintln(&p.said.text, lines.Text())
			p.said.mu.Unlock()
			if _, after, ok := strings.Cut(lines.Text(), "listening on "); ok {
				listening <- strings.Fields(after)[0]
			}
		}
	}()
	p.kill = sync.OnceFunc(func() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // strace too, if there is one before it
		<-drained
		p.cmd.Wait()
	})
	t.Cleanup(p.kill)
	if p.url = <-listening; p.url == "" {
		p.kill()
		t.Fatalf("%v did not begin:\n%s", command, p.said)
	}
	return p
}

// answered is what a server has said to a request.
type answered struct {
	status int
	body   string
}

// field is a string in a JSON body.
func (a answered) field(name string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(a.body), &fields) != nil {
		return ""
	}
	text, _ := fields[name].(string)
	return text
}

// ask makes a request; the headers are names and values by turns. An error is one of the connection.
func (p *program) ask(ctx context.Context, method, path, body string, headers ...string) (answered, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answered{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answered{res.StatusCode, string(text)}, err
}

// want makes a request that has to be answered with a status.
func (p *program) want(status int, method, path, body string, headers ...string) answered {
	p.t.Helper()
	a, err := p.ask(p.t.Context(), method, path, body, headers...)
	if err != nil || a.status != status {
		p.t.Fatalf("%s %s: %d, %v, want %d: %s\nthe server says\n%s", method, path, a.status, err, status, a.body, p.said)
	}
	return a
}

// settled polls a run until it has its outcome, as a client does that was told 202.
func (p *program) settled(run string) answered {
	p.t.Helper()
	for late := time.Now().Add(time.Minute); time.Now().Before(late); {
		a := p.want(200, "GET", "/runs/"+run, "")
		if a.field("status") != "waiting" && a.field("status") != "running" {
			return a
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.t.Context().Done():
		}
	}
	p.t.Fatalf("run %s has no outcome; the server says\n%s", run, p.said)
	return answered{}
}

// events reads a session's stored events after a position, as they come: each is the bytes of one with an id. It ends when
// the connection does, or when enough says so of what was read.
func (p *program) events(path string, after int, enough func(events []string) bool) (events []string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "GET", p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", fmt.Sprint(after))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		p.t.Fatalf("GET %s: %s", path, res.Status)
	}
	event := ""
	for lines := bufio.NewReader(res.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return events // what was not whole is not an event
		}
		if event += line; line != "\n" {
			continue
		}
		if strings.HasPrefix(event, "id: ") {
			if events = append(events, event); enough(events) {
				return events
			}
		}
		event = ""
	}
}

package mcp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	grace       = 2 * time.Second  // for a program to end by itself when its stdin has
	writeLimit  = 30 * time.Second // for a program to take a message
	stderrLimit = 4 << 10          // bytes of its stderr that are kept, the latest
)

// process is a server's program. It is the leader of a process group, and not waited for before the group has been
// killed: until then nobody else can get the group's id.
type process struct {
	command *exec.Cmd
	stdin   *input
	stdout  *output
	stderr  *lastBytes
	drained sync.WaitGroup
}

// startProcess starts a server's program with nothing in its environment but what cfg says.
func startProcess(cfg Config) (*process, error) {
	c := exec.Command(cfg.Command[0], cfg.Command[1:]...)
	if c.Err != nil {
		return nil, c.Err
	}
	c.Dir = cfg.Dir
	c.Env = []string{} // not nil, which would be all of ours
	for name, value := range cfg.Env {
		c.Env = append(c.Env, name+"="+value)
	}
	slices.Sort(c.Env)
	ownGroup(c)
	c.WaitDelay = grace // for what has left the group and holds stderr open
	p := &process{command: c, stderr: &lastBytes{}}
	c.Stderr = p.stderr
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a pipe: %w", err), theirIn.Close(), in.Close())
	}
	c.Stdin, c.Stdout = theirIn, theirOut
	err = c.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	p.stdin, p.stdout = &input{File: in}, &output{file: out, ended: make(chan struct{})}
	return p, nil
}

// end closes the program's stdin, gives it a moment to end, and kills its group.
func (p *process) end() {
	p.stdin.Close()
	p.drained.Go(func() { io.Copy(io.Discard, p.stdout) }) // a session that has failed reads no more
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.stdout.ended:
	case <-timer.C:
	}
	killGroup(p.command)
}

// wait takes the program's exit status, which says nothing after a kill, and closes what is open.
func (p *process) wait() error {
	err := p.command.Wait()
	p.stdout.Close()
	p.drained.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}

// input is a program's stdin. A program that takes no message for long has stopped.
type input struct {
	*os.File
	once sync.Once
}

func (w *input) Write(p []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return 0, err
	}
	return w.File.Write(p)
}

func (w *input) Close() error {
	var err error
	w.once.Do(func() { err = w.File.Close() })
	return err
}

// output is a program's stdout, which tells when it has ended.
type output struct {
	file  *os.File
	ended chan struct{}
	once  sync.Once
}

func (r *output) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	if err != nil {
		r.once.Do(func() { close(r.ended) })
	}
	return n, err
}

func (r *output) Close() error { return r.file.Close() }

// lastBytes keeps the end of what is written.
type lastBytes struct {
	mu  sync.Mutex
	all []byte
}

func (l *lastBytes) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, p...)
	if over := len(l.all) - stderrLimit; over > 0 {
		l.all = append([]byte(nil), l.all[over:]...)
	}
	return len(p), nil
}

func (l *lastBytes) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.ToValidUTF8(string(bytes.TrimSpace(l.all)), "\uFFFD")
}

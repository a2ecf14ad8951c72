package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// remote is a container that a keeper sees to, seen from flue.
type remote struct {
	link *link
	dir  string
	env  map[string]string
	path string       // PATH
	why  func() error // why the connection has ended

	mu      sync.Mutex
	scripts map[uint32]*running
}

// running is a script whose commands are granted.
type running struct {
	ctx    context.Context
	grants sandbox.Grants
	calls  sync.WaitGroup
	over   bool
}

func newRemote(cfg Config, from io.Reader, to io.Writer, why func() error) *remote {
	r := &remote{dir: cfg.Dir, env: cfg.Env, path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", why: why, scripts: map[uint32]*running{}}
	r.link = newLink(from, to, 1, func(s *stream, kind byte) { go r.call(s, kind) })
	return r
}

// call answers a call of a command that the keeper passes on.
func (r *remote) call(s *stream, kind byte) {
	if kind != frameCall {
		s.Close()
		return
	}
	first, ok := s.peek()
	var c call
	if !ok || json.Unmarshal(first, &c) != nil {
		s.Close()
		return
	}
	r.mu.Lock()
	of := r.scripts[c.Script]
	if of == nil || of.over {
		of = &running{ctx: context.Background()} // nothing is granted to it
	}
	of.calls.Add(1)
	r.mu.Unlock()
	defer of.calls.Done()
	serveCall(of.ctx, s, of.grants)
}

// scriptOrder asks the keeper to run a script.
type scriptOrder struct {
	Script   string   `json:"script"`
	Args     []string `json:"args"`
	Dir      string   `json:"dir"`
	Env      []string `json:"env"`
	Commands []string `json:"commands"` // granted ones
	Input    bool     `json:"input"`    // it has a stdin
}

// patience is how long the keeper may take to end a script, before the connection is taken for broken.
const patience = 10 * time.Second

// run has the keeper run a script.
func (r *remote) run(ctx context.Context, s script) (status int, err error) {
	env := environ(r.path, r.env, script{env: s.env}) // the keeper puts commands on PATH itself
	order, err := json.Marshal(scriptOrder{Script: s.text, Args: s.args, Dir: s.dir, Env: env, Commands: slices.Sorted(maps.Keys(s.grants)), Input: s.stdin != nil})
	if err == nil && len(order) > maxFrame {
		err = fmt.Errorf("the script is too long: %d bytes", len(s.text))
	}
	if err != nil {
		return 0, err
	}
	st := r.link.begin()
	defer st.Close()
	of := &running{grants: s.grants}
	var end context.CancelFunc
	of.ctx, end = context.WithCancel(ctx)
	r.mu.Lock()
	r.scripts[st.number] = of
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		of.over = true
		delete(r.scripts, st.number)
		r.mu.Unlock()
		end()
		of.calls.Wait()
	}()
	if err := st.send(frameScript, order); err != nil {
		return 0, r.broken(err)
	}
	defer context.AfterFunc(ctx, func() {
		_ = st.send(frameKill, nil) // a keeper that has gone runs nothing
		gone := time.NewTimer(patience)
		defer gone.Stop()
		select {
		case <-gone.C:
			st.finish(errors.New("the container does not answer"))
		case <-of.ctx.Done():
		}
	})()
	for {
		kind, data, err := st.receive()
		if err != nil {
			return 0, r.broken(err)
		}
		switch kind {
		case frameStdout:
			_, _ = s.stdout.Write(data) // a limit ends the context, and so the script
		case frameStderr:
			_, _ = s.stderr.Write(data)
		case frameWant:
			go func() { // a read that never returns keeps this goroutine until it does
				buf := make([]byte, 32<<10)
				n, err := s.stdin.Read(buf)
				for ; n == 0 && err == nil; n, err = s.stdin.Read(buf) {
				}
				_ = st.send(frameInput, buf[:n]) // the loop hears of an end
			}()
		case frameEnd:
			var how ended
			if err := json.Unmarshal(data, &how); err != nil {
				return 0, r.broken(err)
			}
			if how.Error != "" {
				return 0, errors.New(how.Error)
			}
			return how.Status, nil
		}
	}
}

// broken says why a container has gone.
func (r *remote) broken(err error) error {
	select {
	case <-r.link.gone:
		return r.why()
	default:
		return err
	}
}

// remoteFS is the files of a remote container.
type remoteFS struct{ r *remote }

var _ sandbox.FS = remoteFS{}

func (f remoteFS) Dir() string { return f.r.dir }

func (f remoteFS) abs(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return f.r.dir + "/" + name
}

// ask begins an order. The stream is the caller's to close; it ends with ctx.
func (f remoteFS) ask(ctx context.Context, do, name string) (s *stream, stop func(), err error) {
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	order, err := json.Marshal(fileOrder{Do: do, Path: f.abs(name)})
	if err != nil {
		return nil, nil, err
	}
	s = f.r.link.begin()
	done := context.AfterFunc(ctx, func() { s.finish(context.Cause(ctx)) })
	stop = func() { done(); s.Close() }
	if err := s.send(frameFile, order); err != nil {
		stop()
		return nil, nil, f.r.broken(err)
	}
	return s, stop, nil
}

// answer is the end of an order.
func (f remoteFS) answer(data []byte) (a fileAnswer, err error) {
	if err := json.Unmarshal(data, &a); err != nil {
		return a, err
	}
	switch known := fileErrors[a.Kind]; {
	case known != nil:
		return a, known
	case a.Error != "":
		return a, errors.New(a.Error)
	}
	return a, nil
}

// wait waits for the end of an order.
func (f remoteFS) wait(s *stream) (fileAnswer, error) {
	for {
		kind, data, err := s.receive()
		if err != nil {
			return fileAnswer{}, f.r.broken(err)
		}
		if kind == frameEnd {
			return f.answer(data)
		}
	}
}

func (f remoteFS) entries(ctx context.Context, op, do, name string) ([]info, error) {
	s, stop, err := f.ask(ctx, do, name)
	if err == nil {
		defer stop()
		var a fileAnswer
		if a, err = f.wait(s); err == nil {
			return a.Entries, nil
		}
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: err}
}

// Stat follows symbolic links.
func (f remoteFS) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	found, err := f.entries(ctx, "stat", "stat", name)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return found[0], nil
}

// ReadDir lists a folder, sorted by name.
func (f remoteFS) ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) {
	found, err := f.entries(ctx, "readdir", "list", name)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b info) int { return strings.Compare(a.N, b.N) })
	list := make([]fs.FileInfo, len(found))
	for i, one := range found {
		list[i] = one
	}
	return list, nil
}

// Open opens a file for reading.
func (f remoteFS) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	s, stop, err := f.ask(ctx, "read", name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	kind, data, err := s.receive()
	if err == nil && kind == frameEnd {
		_, err = f.answer(data)
	} else if err != nil {
		err = f.r.broken(err)
	}
	if err != nil {
		stop()
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &remoteFile{f: f, name: name, s: s, stop: stop}, nil
}

// remoteFile is a file that is being read.
type remoteFile struct {
	f    remoteFS
	name string
	s    *stream
	stop func()
	rest []byte
	err  error
}

func (h *remoteFile) Read(p []byte) (int, error) {
	for len(h.rest) == 0 && h.err == nil {
		if h.err = h.s.send(frameWant, nil); h.err != nil {
			break
		}
		var kind byte
		kind, h.rest, h.err = h.s.receive()
		if h.err == nil && kind == frameEnd {
			_, h.err = h.f.answer(h.rest)
			h.rest = nil
			if h.err == nil {
				h.err = io.EOF
			}
		}
		if h.err != nil && h.err != io.EOF {
			h.err = &fs.PathError{Op: "read", Path: h.name, Err: h.f.r.broken(h.err)}
		}
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	if n > 0 {
		return n, nil
	}
	return 0, h.err
}

func (h *remoteFile) Close() error {
	h.stop()
	return nil
}

// Write replaces or makes a file whole, with the folders above it.
func (f remoteFS) Write(ctx context.Context, name string, data []byte) error {
	s, stop, err := f.ask(ctx, "write", name)
	if err == nil {
		defer stop()
		for len(data) > 0 && err == nil {
			n := min(len(data), 1<<20)
			err = s.send(frameInput, data[:n])
			data = data[n:]
		}
		if err == nil {
			err = s.send(frameInput, nil)
		}
		var failed error
		if _, failed = f.wait(s); failed != nil {
			err = failed // it says more than that nothing more could be sent
		}
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

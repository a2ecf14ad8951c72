package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
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

package container

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/flue-run/flue/sandbox"
)

// maxCalls is how many calls of granted commands one script may have under way.
const maxCalls = 64

// serveCalls answers the helper's calls on a listener with what is granted, until stop. Then no call is under way.
func serveCalls(ctx context.Context, l net.Listener, grants sandbox.Grants) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	slots := make(chan struct{}, maxCalls)
	working.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // it was closed
			}
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				conn.Close()
				continue
			}
			working.Go(func() {
				serveCall(ctx, connFrames{conn}, grants)
				<-slots
			})
		}
	})
	return func() {
		cancel()
		l.Close()
		working.Wait()
	}
}

// serveCall answers one call. It ends with its context, or when the helper goes away.
func serveCall(ctx context.Context, f frames, grants sandbox.Grants) {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer f.Close()
	defer cancel()
	defer context.AfterFunc(ctx, func() { f.Close() })()
	kind, data, err := f.receive()
	var c call
	if err != nil || kind != frameCall || json.Unmarshal(data, &c) != nil {
		return // it is not our helper
	}
	in := &remoteInput{ctx: ctx, frames: f, chunks: make(chan []byte)}
	reading.Go(func() {
		defer cancel()
		in.take()
	})
	end := ended{Status: 127}
	stderr := frameWriter{f, frameStderr}
	if run, ok := grants[c.Name]; ok {
		end.Status = run(ctx, sandbox.Call{Args: c.Args, Dir: c.Dir, Stdin: in, Stdout: frameWriter{f, frameStdout}, Stderr: stderr})
		end.Unread = in.unread()
	} else {
		fmt.Fprintf(stderr, "%s: not granted to this step\n", c.Name)
	}
	if data, err := json.Marshal(end); err == nil {
		_ = f.send(frameEnd, data) // a helper that has gone asks for nothing
	}
}

// remoteInput is the stdin of a call. Nothing of it is taken before it is read here, so that a script's loop over lines
// keeps those that a command does not want.
type remoteInput struct {
	ctx    context.Context
	frames frames
	chunks chan []byte // as the helper sends them; an empty one is the end

	mu     sync.Mutex
	asked  bool   // a chunk is on its way
	rest   []byte // of the chunks that came
	last   int    // how large the last one was
	ended  bool
	taking sync.Mutex // held while one Read waits
}

var _ sandbox.Unreader = (*remoteInput)(nil)

// take passes on what the helper sends, until it goes away.
func (in *remoteInput) take() {
	for {
		kind, data, err := in.frames.receive()
		if err != nil || kind != frameInput {
			return
		}
		select {
		case in.chunks <- data:
		case <-in.ctx.Done():
			return
		}
	}
}

func (in *remoteInput) Read(p []byte) (int, error) {
	in.taking.Lock()
	defer in.taking.Unlock()
	in.mu.Lock()
	ask := len(in.rest) == 0 && !in.ended && !in.asked
	wait := len(in.rest) == 0 && !in.ended
	in.asked = in.asked || ask
	in.mu.Unlock()
	if ask {
		if err := in.frames.send(frameWant, nil); err != nil {
			return 0, io.ErrUnexpectedEOF
		}
	}
	if wait {
		select {
		case data := <-in.chunks:
			in.mu.Lock()
			in.asked, in.rest, in.last, in.ended = false, data, len(data), len(data) == 0
			in.mu.Unlock()
		case <-in.ctx.Done():
			return 0, context.Cause(in.ctx)
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// Unread takes back what was read and not used.
func (in *remoteInput) Unread(data []byte) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.rest = append(append([]byte(nil), data...), in.rest...)
}

// unread is how much of the last chunk the helper may give back.
func (in *remoteInput) unread() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return min(len(in.rest), in.last)
}

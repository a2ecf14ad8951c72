package server

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/flue-run/flue/engine"
)

// sse writes events to one client. A client that does not read is cut off after Config.Patience; until then it costs what
// the connection's buffers hold and the one event that is being written.
type sse struct {
	server *Server
	w      http.ResponseWriter
	gone   func() // is called when the client does not take any more

	mu     sync.Mutex // between events and heartbeats
	pulse  *time.Timer
	buffer bytes.Buffer
	closed bool
}

// openSSE begins the answer.
func (s *Server) openSSE(w http.ResponseWriter, gone func()) *sse {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx
	out := &sse{server: s, w: w, gone: gone}
	out.mu.Lock()
	defer out.mu.Unlock()
	out.pulse = time.AfterFunc(s.cfg.Heartbeat, out.beat)
	s.hurry(w)
	w.WriteHeader(http.StatusOK)
	out.flush()
	return out
}

// Event writes one event of a session.
func (o *sse) Event(e engine.Event) error {
	data, err := eventJSON(e)
	if err != nil {
		o.server.cfg.Log.Error("encode an event", "run", e.Run, "id", e.ID, "error", err)
		return err
	}
	return o.Send(e.ID, string(e.Type), data)
}

// Send writes one event of any kind. Its id is where a client goes on after it; 0 is none.
func (o *sse) Send(id int64, event string, data []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.buffer.Reset()
	if id != 0 {
		o.buffer.WriteString("id: ")
		o.buffer.Write(strconv.AppendInt(o.buffer.AvailableBuffer(), id, 10))
		o.buffer.WriteByte('\n')
	}
	o.buffer.WriteString("event: ")
	o.buffer.WriteString(event)
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		o.buffer.WriteString("\ndata: ")
		o.buffer.Write(line)
	}
	o.buffer.WriteString("\n\n")
	o.pulse.Reset(o.server.cfg.Heartbeat)
	return o.write(o.buffer.Bytes())
}

// beat shows that the stream lives.
func (o *sse) beat() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	if o.write([]byte(": heartbeat\n\n")) == nil {
		o.pulse.Reset(o.server.cfg.Heartbeat)
	}
}

// write sends a whole event; the caller holds the lock.
func (o *sse) write(data []byte) error {
	o.server.hurry(o.w)
	if _, err := o.w.Write(data); err != nil {
		o.gone()
		return err
	}
	return o.flush()
}

func (o *sse) flush() error {
	err := http.NewResponseController(o.w).Flush()
	if err != nil {
		o.gone()
	}
	return err
}

// Close ends the heartbeats; nothing is written after it.
func (o *sse) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.pulse.Stop()
}

package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

const (
	heartbeat  = 15 * time.Second
	writeLimit = 30 * time.Second // for a reader that has stopped reading
)

// sessionPage is a session's story.
type sessionPage struct {
	Key     store.Key
	Session store.Session
	Items   []item
	Summary summary
	Fields  []field // of the form that continues it
	Last    int64
}

func (c *console) key(r *http.Request) (store.Key, error) {
	key := store.Key{Agent: r.PathValue("agent"), Session: r.PathValue("session")}
	if key.Check() != nil {
		return key, store.ErrNotFound
	}
	return key, nil
}

// session shows all that counts of a session.
func (c *console) session(w http.ResponseWriter, r *http.Request) error {
	page, err := c.read(r)
	if err != nil {
		return err
	}
	return c.render(w, r, "session.html", page)
}

func (c *console) read(r *http.Request) (*sessionPage, error) {
	key, err := c.key(r)
	if err != nil {
		return nil, err
	}
	found, err := c.Store.Session(r.Context(), key)
	if err != nil {
		return nil, err
	}
	history, err := engine.ReadHistory(r.Context(), c.Store, key)
	if err != nil {
		return nil, err
	}
	page := &sessionPage{Key: key, Session: found}
	for _, e := range history.Events {
		page.Items = append(page.Items, itemsOf(e)...)
		page.Summary.add(e)
		page.Last = e.ID
	}
	if agent := c.Runner.Engine().Project().Agents[key.Agent]; agent != nil {
		page.Fields = fieldsOf(payloadSchema(agent))
	}
	return page, nil
}

// live streams what happens in a session from ?after= on, rendered by the page's own templates: `item` is a line of the
// story, `summary` what stands beside it, `delta` a piece of text that is being written.
func (c *console) live(w http.ResponseWriter, r *http.Request) error {
	key, err := c.key(r)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		after, _ = strconv.ParseInt(last, 10, 64)
	}
	page, err := c.read(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	s := &stream{w: w, control: http.NewResponseController(w)}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events := make(chan engine.Event)
	var failed error
	go func() {
		defer close(events)
		for e, err := range c.Runner.Follow(ctx, key, after) {
			if err != nil {
				failed = err
				return
			}
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		cancel()
		for range events { // its owner waits for it
		}
	}()
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				if failed != nil && ctx.Err() == nil {
					s.send(0, "gone", nil)
				}
				return nil
			}
			if e.ID > page.Last {
				page.Summary.add(e)
			}
			if err := c.tell(s, e, page); err != nil {
				return nil // the reader has left
			}
		case <-tick.C:
			if s.comment() != nil {
				return nil
			}
		}
	}
}

// tell sends what an event changes in the page.
func (c *console) tell(s *stream, e engine.Event, page *sessionPage) error {
	switch e.Type {
	case engine.TextDelta, engine.ThinkingDelta:
		data, err := json.Marshal(map[string]string{"type": string(e.Type), "text": e.Text})
		if err != nil {
			return err
		}
		return s.send(0, "delta", data)
	}
	var out bytes.Buffer
	for _, line := range itemsOf(e) {
		if err := c.pages.ExecuteTemplate(&out, "item", line); err != nil {
			return err
		}
	}
	if err := s.send(e.ID, "item", out.Bytes()); err != nil {
		return err
	}
	switch e.Type {
	case engine.RunStart, engine.StepStart, engine.ToolStart, engine.CommandStart, engine.TurnEnd, engine.CompactionEnd, engine.Done:
		out.Reset()
		if err := c.pages.ExecuteTemplate(&out, "summary", page); err != nil {
			return err
		}
		return s.send(0, "summary", out.Bytes())
	}
	return nil
}

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s *stream) send(id int64, event string, data []byte) error {
	var out bytes.Buffer
	if id > 0 {
		fmt.Fprintf(&out, "id: %d\n", id)
	}
	fmt.Fprintf(&out, "event: %s\n", event)
	for line := range bytes.Lines(append(data, '\n')) {
		fmt.Fprintf(&out, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	out.WriteByte('\n')
	return s.write(out.Bytes())
}

// comment keeps the connection alive.
func (s *stream) comment() error { return s.write([]byte(":\n\n")) }

func (s *stream) write(data []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeLimit)) // a writer without deadlines is a test's
	if _, err := s.w.Write(data); err != nil {
		return err
	}
	return s.control.Flush()
}

// log shows a session's events as they are stored.
func (c *console) log(w http.ResponseWriter, r *http.Request) error {
	key, err := c.key(r)
	if err != nil {
		return err
	}
	if _, err := c.Store.Session(r.Context(), key); err != nil {
		return err
	}
	const most = 500
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	page := struct {
		Key    store.Key
		Events []shown
		Next   int64 // where the next page begins; 0: there is none
	}{Key: key}
	for entry, err := range c.Store.Entries(r.Context(), key, after) {
		if err != nil {
			return err
		}
		if len(page.Events) == most {
			page.Next = entry.Seq - 1
			break
		}
		e, err := engine.EventOf(key, entry)
		if err != nil {
			return err
		}
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		page.Events = append(page.Events, shown{fmt.Sprintf("%d %s", entry.Seq, entry.Type), pretty(raw)})
	}
	return c.render(w, r, "log.html", page)
}

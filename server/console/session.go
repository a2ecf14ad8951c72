package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
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

// found is the session that a request names, as far as its runs are.
func (c *console) found(r *http.Request) (store.Session, error) {
	key, err := c.key(r)
	if err != nil {
		return store.Session{}, err
	}
	c.Runner.Flush(r.Context(), key)
	return c.Store.Session(r.Context(), key)
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
	found, err := c.found(r)
	if err != nil {
		return nil, err
	}
	key := found.Key
	history, err := engine.ReadHistory(r.Context(), c.Store, key)
	if err != nil {
		return nil, err
	}
	page := &sessionPage{Key: key, Session: found}
	for _, e := range history.Events {
		page.Items = append(page.Items, itemsOf(c.Show(e))...)
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
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(c.Closing, cancel)()
	out := c.Stream(w, cancel)
	defer out.Close()
	for e, err := range c.Runner.Follow(ctx, key, after) {
		if err != nil {
			if ctx.Err() == nil {
				_ = out.Send(0, "gone", nil) // the session, or the store: the page stays as it is
			}
			return nil
		}
		if e.ID > page.Last {
			page.Summary.add(e)
		}
		if err := c.tell(out, c.Show(e), page); err != nil {
			return nil // the reader has left
		}
	}
	return nil
}

// tell sends what an event changes in the page.
func (c *console) tell(s Stream, e engine.Event, page *sessionPage) error {
	switch e.Type {
	case engine.TextDelta, engine.ThinkingDelta:
		data, err := json.Marshal(map[string]string{"type": string(e.Type), "text": e.Text})
		if err != nil {
			return err
		}
		return s.Send(0, "delta", data)
	}
	var out bytes.Buffer
	for _, line := range itemsOf(e) {
		if err := c.pages.ExecuteTemplate(&out, "item", line); err != nil {
			return err
		}
	}
	if err := s.Send(e.ID, "item", out.Bytes()); err != nil {
		return err
	}
	switch e.Type {
	case engine.RunStart, engine.StepStart, engine.ToolStart, engine.CommandStart, engine.TurnEnd, engine.CompactionEnd, engine.Done:
		out.Reset()
		if err := c.pages.ExecuteTemplate(&out, "summary", page); err != nil {
			return err
		}
		return s.Send(0, "summary", out.Bytes())
	}
	return nil
}

// log shows a session's events as they are stored.
func (c *console) log(w http.ResponseWriter, r *http.Request) error {
	found, err := c.found(r)
	if err != nil {
		return err
	}
	key := found.Key
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
		raw, err := json.Marshal(c.Show(e))
		if err != nil {
			return err
		}
		page.Events = append(page.Events, shown{fmt.Sprintf("%d %s", entry.Seq, entry.Type), pretty(raw)})
	}
	return c.render(w, r, "log.html", page)
}

package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/flue-run/flue/engine"
)

// followSession answers GET /agents/{agent}/{session}/events: what is stored after a position, then what happens, until
// the client leaves, the session is deleted or the server stops.
func (s *Server) followSession(w http.ResponseWriter, r *http.Request) error {
	watch, after, err := s.watch(r)
	if err != nil {
		return err
	}
	defer watch.Close()
	s.stream(w, r, watch, after, func(engine.Event) (shown, last bool) { return true, false })
	return nil
}

// watch is a watch of the session that a request names, and the position after which it wants its events.
func (s *Server) watch(r *http.Request) (watch *engine.Watch, after int64, err error) {
	found, err := s.found(r)
	if err != nil {
		return nil, 0, err
	}
	after, err = position(cmp.Or(r.Header.Get("Last-Event-ID"), r.FormValue("after")), found.Last)
	if err != nil {
		return nil, 0, err
	}
	return s.cfg.Runner.Watch(found.Key), after, nil
}

// streamRun answers a request that begins a run with the run's events.
func (s *Server) streamRun(w http.ResponseWriter, r *http.Request, run engine.Accepted, after int64) {
	s.stream(w, r, run.Watch, after, func(e engine.Event) (shown, last bool) {
		return e.Run == run.Run.ID, e.Run == run.Run.ID && e.Type == engine.Done
	})
}

// stream writes those events of a session that pick wants, up to the one that is the last.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, watch *engine.Watch, after int64, pick func(engine.Event) (shown, last bool)) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := s.openSSE(w, cancel)
	defer out.Close()
	s.metrics.streams.Add(1)
	defer s.metrics.streams.Add(-1)
	for event, err := range watch.Events(ctx, after) {
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, engine.ErrDraining) {
				s.cfg.Log.Error("follow a session", "path", r.URL.Path, "error", err)
			}
			return // the client asks again from where it is
		}
		shown, last := pick(event)
		if shown && out.Event(event) != nil || last {
			return
		}
	}
}

// position reads what comes before the events that a client asks for; "" is 0.
func position(text string, last int64) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > last {
		return 0, invalid("%.40q is no position in this session's log: those are 0 to %d", text, last)
	}
	return n, nil
}

// eventJSON is an event as clients get it, on one line. What a model wrote is told as it wrote it.
func eventJSON(e engine.Event) ([]byte, error) {
	public := publicEvent(e)
	return public.AppendJSON(nil)
}

// publicEvent is an event as clients see it.
func publicEvent(e engine.Event) engine.Event {
	if e.Error != nil {
		why := public(*e.Error)
		e.Error = &why
	}
	if e.Output != nil && e.Output.Error != nil {
		output, why := *e.Output, public(*e.Output.Error)
		output.Error = &why
		e.Output = &output
	}
	return e
}

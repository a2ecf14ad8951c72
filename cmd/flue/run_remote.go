package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

// streamTries is how often a stream that breaks off is taken up again where it broke: the server may be starting anew.
const streamTries = 30

// run has the server carry out a run and yields its events. The run goes on when the caller leaves.
func (r *remote) run(ctx context.Context, agent, session string, payload json.RawMessage) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		next := call{method: http.MethodPost, path: "/agents/" + url.PathEscape(agent), header: map[string]string{
			"Accept":          "text/event-stream",
			"Idempotency-Key": store.NewID("cli", time.Now(), rand.Reader), // asked for twice, it is one run still
		}}
		if session != "" {
			next.path += "/" + url.PathEscape(session)
		}
		if payload != nil {
			next.body = payload
		}
		run, accepted := "", false
		for tries := 0; ; tries++ {
			err := r.follow(ctx, next, &accepted, func(e engine.Event) bool {
				if run != "" && e.Run != run {
					return true // the session's stream has those of other runs, too
				}
				run, tries = e.Run, 0
				if e.ID > 0 {
					next = call{method: http.MethodGet, path: sessionPath(store.Key{Agent: e.Agent, Session: e.Session}) + "/events",
						query: url.Values{"after": {strconv.FormatInt(e.ID, 10)}}}
				}
				return yield(e, nil) && e.Type != engine.Done
			})
			var final *statusError
			switch {
			case err == nil:
				return
			case !accepted, tries == streamTries, ctx.Err() != nil, errors.As(err, &final), errors.Is(err, store.ErrNotFound):
				yield(engine.Event{}, err)
				return
			}
			if err := pause(ctx, r.pause); err != nil {
				yield(engine.Event{}, err)
				return
			}
		}
	}
}

// follow reads a stream of events until take wants no more of them. accepted is set once the server has begun its answer.
func (r *remote) follow(ctx context.Context, c call, accepted *bool, take func(engine.Event) bool) error {
	res, err := r.do(ctx, c)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if mediaType(res) != "text/event-stream" {
		return r.stranger(c, res)
	}
	*accepted = true
	for lines := bufio.NewReader(res.Body); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if err == io.EOF {
				err = errors.New("the stream ended before the run did")
			}
			return fmt.Errorf("follow the run on %s: %w", r.url, err)
		}
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue // its id and its type are in the data, too
		}
		var e engine.Event
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber() // a number is told as it was told first
		if err := decoder.Decode(&e); err != nil {
			return fmt.Errorf("read an event of %s: %w", r.url, err)
		}
		if !take(e) {
			return nil
		}
	}
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

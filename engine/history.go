package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

// History is what counts of a session's log: without what rewinds have taken back, and without the rewinds.
type History struct {
	Events   []Event
	Messages []model.Message // the session's own conversation
	Root     string          // of the workspace's last snapshot; "": there is none
}

// ReadHistory reads all that counts of a session's log.
func ReadHistory(ctx context.Context, st store.Store, key store.Key) (*History, error) {
	events, err := lived(ctx, st, key)
	if err != nil {
		return nil, err
	}
	state := foldAll(events, "")
	return &History{Events: events, Messages: state.talk("").messages, Root: state.root}, nil
}

// lived are the events of a session's log that count. Each has the one before it that counted then; a rewind goes back to
// what counted at an entry. So what counts is the chain that ends with the last one.
func lived(ctx context.Context, st store.Store, key store.Key) ([]Event, error) {
	var (
		events   []Event // the one with id n is n-1
		previous []int64 // what counted last when the event came
		heads    []int64 // and after it
		head     int64
		rewound  bool
	)
	for entry, err := range st.Entries(ctx, key, 0) {
		if err != nil {
			return nil, fmt.Errorf("read session %s: %w", key, err)
		}
		e, err := EventOf(key, entry)
		if err != nil {
			return nil, err
		}
		events, previous = append(events, e), append(previous, head)
		head = e.ID
		if e.Type == Rewind {
			if e.To < 0 || e.To >= e.ID {
				return nil, fmt.Errorf("entry %d of session %s goes back to entry %d", e.ID, key, e.To)
			}
			rewound, head = true, 0
			if e.To > 0 {
				head = heads[e.To-1]
			}
		}
		heads = append(heads, head)
	}
	if !rewound {
		return events, nil
	}
	var chain []Event
	for ; head > 0; head = previous[head-1] {
		chain = append(chain, events[head-1])
	}
	slices.Reverse(chain)
	return chain, nil
}

// RewindSession takes back all that happened in a session after the entry `to`, 0 for everything: messages and files. The
// log keeps it; a later rewind to an entry before this one brings it back. A *RequestError says what is in the way.
func RewindSession(ctx context.Context, st store.Store, key store.Key, to int64, now time.Time) error {
	return idle(ctx, st, key, now, func(lease store.Lease) error {
		s, err := st.Session(ctx, key)
		if err != nil {
			return err
		}
		if to < 0 || to > s.Last {
			return noEntry(key, to, s.Last)
		}
		entry, err := Event{Type: Rewind, To: to, Time: now.UTC()}.entry()
		if err != nil {
			return err
		}
		_, err = st.Append(ctx, lease, entry)
		return err
	})
}

// ForkSession makes a session with the messages and files that another of the agent had at the entry `at`, which must
// count; at < 0 is the last. A *RequestError says what is in the way.
func ForkSession(ctx context.Context, st store.Store, from store.Key, session string, at int64, now time.Time) error {
	to := store.Key{Agent: from.Agent, Session: session}
	if err := to.Check(); err != nil {
		return &RequestError{err.Error()}
	}
	return idle(ctx, st, from, now, func(store.Lease) error {
		events, err := lived(ctx, st, from)
		if err != nil {
			return err
		}
		if at >= 0 {
			end := slices.IndexFunc(events, func(e Event) bool { return e.ID == at })
			if end < 0 {
				s, err := st.Session(ctx, from)
				if err != nil {
					return err
				}
				return noEntry(from, at, s.Last)
			}
			events = events[:end+1]
		}
		if len(events) > 0 {
			at = events[len(events)-1].ID
		}
		events = append(events[:len(events):len(events)], Event{Type: Fork, From: from.Session, To: max(at, 0), Time: now.UTC()})
		entries := make([]store.Entry, len(events))
		for i, e := range events {
			if entries[i], err = e.entry(); err != nil {
				return err
			}
		}
		err = st.CreateSession(ctx, to, entries...)
		if errors.Is(err, store.ErrExists) {
			return &RequestError{fmt.Sprintf("there is a session %s already", to)}
		}
		return err
	})
}

func noEntry(key store.Key, n, last int64) error {
	if n >= 1 && n <= last {
		return &RequestError{fmt.Sprintf("entry %d of session %s was taken back by a rewind", n, key)}
	}
	return &RequestError{fmt.Sprintf("session %s has no entry %d: its entries are 1 to %d", key, n, last)}
}

// idle claims a session in which no run is unfinished, and does something while nothing else happens in it.
func idle(ctx context.Context, st store.Store, key store.Key, now time.Time, do func(store.Lease) error) (err error) {
	lease, err := st.Claim(ctx, key, store.NewID("own", now, rand.Reader), leaseTime)
	if err != nil {
		return fmt.Errorf("claim session %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, st.Release(context.WithoutCancel(ctx), lease)) }()
	if lease.Run != "" {
		return &RequestError{fmt.Sprintf("session %s has an unfinished run; end it first: flue run --resume %s, or flue abort %s", key, lease.Run, lease.Run)}
	}
	return do(lease)
}

package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
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

// Log is where the entries of sessions are read: a store, or whatever stands for one.
type Log interface {
	Entries(ctx context.Context, session store.Key, after int64) iter.Seq2[store.Entry, error]
}

// ReadHistory reads all that counts of a session's log.
func ReadHistory(ctx context.Context, st Log, key store.Key) (*History, error) {
	h := &History{}
	state, err := foldLog(ctx, st, key, "", func(e Event) { h.Events = append(h.Events, e) })
	if err != nil {
		return nil, err
	}
	own := state.talk("")
	own.close()
	h.Messages, h.Root = own.messages, state.root
	return h, nil
}

// lived are the entries of a session's log that count. Each has the one before it that counted then; a rewind goes back to
// what counted at an entry. So what counts is the chain that ends with the last one.
func lived(ctx context.Context, st Log, key store.Key) ([]store.Entry, error) {
	var (
		entries  []store.Entry // the one at position n is n-1
		previous []int64       // what counted last when the entry came
		heads    []int64       // and after it
		head     int64
		rewound  bool
	)
	for entry, err := range st.Entries(ctx, key, 0) {
		if err != nil {
			return nil, fmt.Errorf("read session %s: %w", key, err)
		}
		entries, previous = append(entries, entry), append(previous, head)
		head = entry.Seq
		if entry.Type == string(Rewind) {
			e, err := EventOf(key, entry)
			if err != nil {
				return nil, err
			}
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
		return entries, nil
	}
	var chain []store.Entry
	for ; head > 0; head = previous[head-1] {
		chain = append(chain, entries[head-1])
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
		return &RequestError{Message: err.Error()}
	}
	return idle(ctx, st, from, now, func(store.Lease) error {
		entries, err := lived(ctx, st, from)
		if err != nil {
			return err
		}
		if at >= 0 {
			end := slices.IndexFunc(entries, func(e store.Entry) bool { return e.Seq == at })
			if end < 0 {
				s, err := st.Session(ctx, from)
				if err != nil {
					return err
				}
				return noEntry(from, at, s.Last)
			}
			entries = entries[:end+1]
		}
		if len(entries) > 0 {
			at = entries[len(entries)-1].Seq
		}
		origin, err := Event{Type: Fork, From: from.Session, To: max(at, 0), Time: now.UTC()}.entry()
		if err != nil {
			return err
		}
		err = st.CreateSession(ctx, to, from, append(entries, origin)...)
		if errors.Is(err, store.ErrExists) {
			return &RequestError{Message: fmt.Sprintf("there is a session %s already", to)}
		}
		return err
	})
}

func noEntry(key store.Key, n, last int64) error {
	if n >= 1 && n <= last {
		return &RequestError{Message: fmt.Sprintf("entry %d of session %s was taken back by a rewind", n, key)}
	}
	return &RequestError{Message: fmt.Sprintf("session %s has no entry %d: its entries are 1 to %d", key, n, last)}
}

// idle claims a session in which no run is unfinished, and does something while nothing else happens in it.
func idle(ctx context.Context, st store.Store, key store.Key, now time.Time, do func(store.Lease) error) (err error) {
	lease, err := st.Claim(ctx, key, store.NewID("own", now, rand.Reader), leaseTime)
	if err != nil {
		return fmt.Errorf("claim session %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, st.Release(context.WithoutCancel(ctx), lease)) }()
	if lease.Run != "" {
		return &RequestError{Message: fmt.Sprintf("session %s has an unfinished run; end it first: flue run --resume %s, or flue abort %s", key, lease.Run, lease.Run)}
	}
	return do(lease)
}

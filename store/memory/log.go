package memory

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/flue-run/flue/store"
)

// held finds the lease's session; ErrFenced if a newer epoch exists. The caller holds the lock.
func (s *Store) held(l store.Lease) (*session, error) {
	found, err := s.session(l.Session)
	if err == nil && found.Epoch != l.Epoch {
		err = fmt.Errorf("session %s: %w", l.Session, store.ErrFenced)
	}
	return found, err
}

// Claim implements store.Store.
func (s *Store) Claim(ctx context.Context, key store.Key, owner string, ttl time.Duration) (store.Lease, error) {
	if err := s.lock(ctx); err != nil {
		return store.Lease{}, err
	}
	defer s.mu.Unlock()
	found, err := s.session(key)
	if err != nil {
		return store.Lease{}, err
	}
	if found.owner != owner && found.leased(s.Now()) {
		return store.Lease{}, fmt.Errorf("session %s: %w", key, store.ErrBusy)
	}
	return s.claim(found, owner, ttl), nil
}

// claim leases a session for the head of its queue; the caller holds the lock.
func (s *Store) claim(in *session, owner string, ttl time.Duration) store.Lease {
	s.epoch++
	in.Epoch, in.owner, in.expires = s.epoch, owner, s.Now().Add(ttl)
	return store.Lease{Session: in.Key, Owner: owner, Epoch: s.epoch, Expires: in.expires, Run: s.started(in), Last: in.Last}
}

// started is the head of a session's queue, which starts now if it has not yet; "": there is none.
func (s *Store) started(in *session) string {
	if len(in.queue) == 0 {
		return ""
	}
	r := in.queue[0]
	if r.Started.IsZero() {
		r.Started = s.now()
	}
	return r.ID
}

// Renew implements store.Store.
func (s *Store) Renew(ctx context.Context, l store.Lease, ttl time.Duration) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	found, err := s.held(l)
	if err != nil {
		return err
	}
	if found.owner != l.Owner {
		return fmt.Errorf("session %s: %w", l.Session, store.ErrFenced) // given back
	}
	found.expires = s.Now().Add(ttl)
	return nil
}

// Release implements store.Store.
func (s *Store) Release(ctx context.Context, l store.Lease) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if found, err := s.held(l); err == nil {
		found.owner, found.expires = "", time.Time{}
	}
	return nil
}

// Append implements store.Store.
func (s *Store) Append(ctx context.Context, l store.Lease, entries ...store.Entry) (first int64, err error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	in, err := s.held(l)
	if err != nil {
		return 0, err
	}
	return s.append(in, entries), nil
}

// Settle implements store.Store.
func (s *Store) Settle(ctx context.Context, l store.Lease, run string, end store.Settlement, then store.Then,
	entries ...store.Entry) (store.Settled, error) {
	if err := s.lock(ctx); err != nil {
		return store.Settled{}, err
	}
	defer s.mu.Unlock()
	in, err := s.held(l)
	if err != nil {
		return store.Settled{}, err
	}
	r := s.runs[run]
	if r == nil || r.Session != l.Session {
		return store.Settled{}, fmt.Errorf("run %s: %w", run, store.ErrNotFound)
	}
	if r.Settlement != nil {
		return store.Settled{}, fmt.Errorf("run %s: %w", run, store.ErrSettled)
	}
	r.Settlement = copySettlement(end)
	at := slices.Index(in.queue, r)
	in.queue = slices.Delete(in.queue, at, at+1)
	settled := store.Settled{First: s.append(in, entries)}
	if then == store.Next {
		settled.Next = s.started(in)
	}
	if then != store.Keep && settled.Next == "" {
		in.owner, in.expires = "", time.Time{}
	}
	s.signals.Wake(l.Session)
	return settled, nil
}

// append adds entries and returns the first one's position, 0 if there is none. The caller holds the lock.
func (s *Store) append(in *session, entries []store.Entry) int64 {
	if len(entries) == 0 {
		return 0
	}
	first, size := in.Last+1, 0
	for _, e := range entries {
		size += len(e.Data)
	}
	all := make([]byte, 0, size) // their data, behind one another
	in.entries = slices.Grow(in.entries, len(entries))
	for _, e := range entries {
		in.Last++
		e.Seq, e.Epoch, e.Time = in.Last, in.Epoch, e.Time.UTC().Round(0)
		if begin := len(all); e.Data != nil {
			all = append(all, e.Data...)
			e.Data = all[begin:len(all):len(all)]
		}
		in.entries = append(in.entries, e)
	}
	in.Updated = s.Now().UTC().Round(0)
	s.signals.Wake(in.Key)
	return first
}

// Entries implements store.Store.
func (s *Store) Entries(ctx context.Context, key store.Key, after int64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		entries, err := s.find(ctx, key, after)
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		yieldAll(entries, yield)
	}
}

// find returns a session's entries after a position.
func (s *Store) find(ctx context.Context, key store.Key, after int64) ([]store.Entry, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	in, err := s.session(key)
	if err != nil {
		return nil, err
	}
	return in.entries[min(max(after, 0), in.Last):], nil // entries never change: reading them needs no lock
}

func yieldAll(entries []store.Entry, yield func(store.Entry, error) bool) bool {
	for _, e := range entries {
		e.Data = bytes.Clone(e.Data)
		if !yield(e, nil) {
			return false
		}
	}
	return true
}

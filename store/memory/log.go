package memory

import (
	"bytes"
	"context"
	"fmt"
	"iter"
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
	now := s.Now()
	if found.owner != owner && found.leased(now) {
		return store.Lease{}, fmt.Errorf("session %s: %w", key, store.ErrBusy)
	}
	s.epoch++
	found.Epoch, found.owner, found.expires = s.epoch, owner, now.Add(ttl)
	l := store.Lease{Session: key, Owner: owner, Epoch: s.epoch, Expires: found.expires}
	for _, r := range s.admitted {
		if r.Session == key && r.Settlement == nil {
			l.Run = r.ID
			break
		}
	}
	return l, nil
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
func (s *Store) Settle(ctx context.Context, l store.Lease, run string, end store.Settlement,
	entries ...store.Entry) (first int64, err error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	in, err := s.held(l)
	if err != nil {
		return 0, err
	}
	r := s.runs[run]
	if r == nil || r.Session != l.Session {
		return 0, fmt.Errorf("run %s: %w", run, store.ErrNotFound)
	}
	if r.Settlement != nil {
		return 0, fmt.Errorf("run %s: %w", run, store.ErrSettled)
	}
	r.Settlement = copySettlement(end)
	s.signals.Wake(l.Session)
	return s.append(in, entries), nil
}

// append adds entries and returns the first one's position, 0 if there is none. The caller holds the lock.
func (s *Store) append(in *session, entries []store.Entry) int64 {
	if len(entries) == 0 {
		return 0
	}
	first := in.Last + 1
	for _, e := range entries {
		in.Last++
		e.Seq, e.Epoch, e.Time, e.Data = in.Last, in.Epoch, e.Time.UTC().Round(0), bytes.Clone(e.Data)
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

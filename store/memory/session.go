package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flue-run/flue/store"
)

type session struct {
	store.Session
	owner   string
	expires time.Time
	queue   []*run // without an outcome, in order of admission
	latest  *run   // nil: there was none
	entries []store.Entry
	blobs   map[string]bool
}

// session finds a session; the caller holds the lock.
func (s *Store) session(key store.Key) (*session, error) {
	found := s.sessions[key]
	if found == nil {
		return nil, fmt.Errorf("session %s: %w", key, store.ErrNotFound)
	}
	return found, nil
}

func (s *session) leased(now time.Time) bool { return s.owner != "" && s.expires.After(now) }

// seen is what callers get of the session.
func (s *session) seen(now time.Time) store.Session {
	current := s.Session
	current.Leased, current.Waiting = s.leased(now), len(s.queue)
	if s.latest != nil && s.latest.Settlement != nil {
		current.Outcome = s.latest.Settlement.Outcome
	}
	return current
}

// Session implements store.Store.
func (s *Store) Session(ctx context.Context, key store.Key) (store.Session, error) {
	if err := s.lock(ctx); err != nil {
		return store.Session{}, err
	}
	defer s.mu.Unlock()
	found, err := s.session(key)
	if err != nil {
		return store.Session{}, err
	}
	return found.seen(s.Now()), nil
}

// CreateSession implements store.Store.
func (s *Store) CreateSession(ctx context.Context, key, from store.Key, entries ...store.Entry) error {
	if err := key.Check(); err != nil {
		return fmt.Errorf("create a session: %w", err)
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.sessions[key] != nil {
		return fmt.Errorf("session %s: %w", key, store.ErrExists)
	}
	made := s.create(key, s.now())
	if origin := s.sessions[from]; origin != nil {
		for hash := range origin.blobs {
			s.keep(made, hash)
		}
	}
	s.append(made, entries)
	return nil
}

// create adds an empty session; the caller holds the lock.
func (s *Store) create(key store.Key, now time.Time) *session {
	made := &session{Session: store.Session{Key: key, Created: now, Updated: now}, blobs: map[string]bool{}}
	s.sessions[key] = made
	return made
}

// DeleteSession implements store.Store.
func (s *Store) DeleteSession(ctx context.Context, key store.Key) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	found, err := s.session(key)
	if err != nil {
		return err
	}
	if found.leased(s.Now()) {
		return fmt.Errorf("session %s: %w", key, store.ErrBusy)
	}
	s.delete(found)
	return nil
}

// DeleteIdle implements store.Store.
func (s *Store) DeleteIdle(ctx context.Context, before time.Time) (deleted int, err error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	for _, one := range s.sessions {
		if one.Updated.Before(before) && len(one.queue) == 0 && !one.leased(s.Now()) {
			s.delete(one)
			deleted++
		}
	}
	return deleted, nil
}

// delete forgets a session; the caller holds the lock.
func (s *Store) delete(found *session) {
	key := found.Key
	delete(s.sessions, key)
	s.admitted = slices.DeleteFunc(s.admitted, func(r *run) bool {
		if r.Session != key {
			return false
		}
		delete(s.runs, r.ID)
		delete(s.keys, idempotencyKey{key.Agent, r.IdempotencyKey})
		return true
	})
	for hash := range found.blobs {
		if s.blobs[hash].sessions--; s.blobs[hash].sessions == 0 {
			delete(s.blobs, hash)
		}
	}
	s.signals.Wake(key)
}

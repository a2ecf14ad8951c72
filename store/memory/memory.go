// Package memory keeps a store in the process's memory, for runs that leave nothing behind and for tests. Start at New.
package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/flue-run/flue/store"
)

// Store is a store.Store in memory.
type Store struct {
	// Now is the clock of leases. New sets it to time.Now; replace it before the first use, if at all.
	Now func() time.Time

	mu       sync.Mutex
	sessions map[store.Key]*session
	runs     map[string]*run
	admitted []*run // in order of admission
	keys     map[idempotencyKey]*run
	blobs    map[string][]byte
	values   map[string][]byte
	epoch    int64 // the latest lease's, over all sessions
	made     int64 // sessions so far
	signals  store.Signals
	closing  chan struct{}
	close    func()
}

type session struct {
	store.Session
	n       int64 // order of creation
	owner   string
	expires time.Time
	entries []store.Entry
}

func (s *session) leased(now time.Time) bool { return s.owner != "" && s.expires.After(now) }

// now is what callers get of the session.
func (s *session) now(now time.Time) store.Session {
	current := s.Session
	current.Leased = s.leased(now)
	return current
}

type run struct {
	store.Run
	fingerprint string
}

type idempotencyKey struct{ agent, key string }

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	s := &Store{
		Now: time.Now, sessions: map[store.Key]*session{}, runs: map[string]*run{},
		keys: map[idempotencyKey]*run{}, blobs: map[string][]byte{}, values: map[string][]byte{}, closing: make(chan struct{}),
	}
	s.close = sync.OnceFunc(func() {
		close(s.closing)
		s.signals.WakeAll()
	})
	return s
}

// Close wakes who listens, and refuses whatever comes after it.
func (s *Store) Close() error {
	s.close()
	return nil
}

// lock locks the store unless ctx has ended or the store is closed.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closing:
		return store.ErrClosed
	default:
	}
	s.mu.Lock()
	return nil
}

// session finds a session; the caller holds the lock.
func (s *Store) session(key store.Key) (*session, error) {
	found := s.sessions[key]
	if found == nil {
		return nil, fmt.Errorf("session %s: %w", key, store.ErrNotFound)
	}
	return found, nil
}

// Admit implements store.Store.
func (s *Store) Admit(ctx context.Context, a store.Admission) (store.Run, bool, error) {
	if err := a.Check(); err != nil {
		return store.Run{}, false, err
	}
	if err := s.lock(ctx); err != nil {
		return store.Run{}, false, err
	}
	defer s.mu.Unlock()
	key := idempotencyKey{a.Session.Agent, a.IdempotencyKey}
	if first := s.keys[key]; first != nil && a.IdempotencyKey != "" {
		if first.fingerprint != a.Fingerprint {
			return store.Run{}, false, fmt.Errorf("run %s: %w", first.ID, store.ErrConflict)
		}
		return copyRun(first), false, nil
	}
	if s.runs[a.Run] != nil {
		return store.Run{}, false, fmt.Errorf("run %s: %w", a.Run, errors.New("a run with this id exists"))
	}
	now := s.Now().UTC().Round(0)
	if a.Time.IsZero() {
		a.Time = now
	}
	in := s.sessions[a.Session]
	if in == nil {
		in = s.create(a.Session, now)
	}
	in.Runs++
	in.Updated = now
	r := &run{fingerprint: a.Fingerprint, Run: store.Run{
		ID: a.Run, Session: a.Session, Payload: bytes.Clone(a.Payload), Trigger: bytes.Clone(a.Trigger),
		IdempotencyKey: a.IdempotencyKey, Admitted: a.Time.UTC().Round(0),
	}}
	s.runs[a.Run] = r
	s.admitted = append(s.admitted, r)
	if a.IdempotencyKey != "" {
		s.keys[key] = r
	}
	s.signals.Wake(a.Session)
	return copyRun(r), true, nil
}

// Abort implements store.Store.
func (s *Store) Abort(ctx context.Context, id string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	r := s.runs[id]
	switch {
	case r == nil:
		return fmt.Errorf("run %s: %w", id, store.ErrNotFound)
	case r.Settlement != nil:
		return fmt.Errorf("run %s: %w", id, store.ErrSettled)
	}
	r.AbortRequested = true
	return nil
}

// Listen implements store.Store.
func (s *Store) Listen(key store.Key) (news <-chan struct{}, leave func()) {
	return s.signals.Subscribe(key)
}

// Unfinished implements store.Store.
func (s *Store) Unfinished(ctx context.Context) ([]store.Run, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var all []store.Run
	now := s.Now()
	for _, r := range s.admitted {
		if r.Settlement == nil && (r.AbortRequested || !s.sessions[r.Session].leased(now)) {
			all = append(all, copyRun(r))
		}
	}
	return all, nil
}

// Value implements store.Store.
func (s *Store) Value(ctx context.Context, key string) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	value, ok := s.values[key]
	if !ok {
		return nil, fmt.Errorf("value %.80q: %w", key, store.ErrNotFound)
	}
	return bytes.Clone(value), nil
}

// SetValue implements store.Store.
func (s *Store) SetValue(ctx context.Context, key string, value []byte) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.values[key] = append([]byte{}, value...)
	return nil
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
	return found.now(s.Now()), nil
}

// CreateSession implements store.Store.
func (s *Store) CreateSession(ctx context.Context, key store.Key, entries ...store.Entry) error {
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
	now := s.Now().UTC().Round(0)
	s.append(s.create(key, now), entries)
	return nil
}

// create adds an empty session; the caller holds the lock.
func (s *Store) create(key store.Key, now time.Time) *session {
	s.made++
	made := &session{Session: store.Session{Key: key, Created: now, Updated: now}, n: s.made}
	s.sessions[key] = made
	return made
}

// Sessions implements store.Store.
func (s *Store) Sessions(ctx context.Context, agent string) ([]store.Session, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	latest := slices.SortedFunc(maps.Values(s.sessions), func(a, b *session) int {
		if c := b.Updated.Compare(a.Updated); c != 0 {
			return c
		}
		return int(b.n - a.n)
	})
	var all []store.Session
	for _, one := range latest {
		if agent == "" || one.Key.Agent == agent {
			all = append(all, one.now(s.Now()))
		}
	}
	return all, nil
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
	delete(s.sessions, key)
	s.admitted = slices.DeleteFunc(s.admitted, func(r *run) bool {
		if r.Session != key {
			return false
		}
		delete(s.runs, r.ID)
		delete(s.keys, idempotencyKey{key.Agent, r.IdempotencyKey})
		return true
	})
	s.signals.Wake(key)
	return nil
}

// RunByID implements store.Store.
func (s *Store) RunByID(ctx context.Context, id string) (store.Run, error) {
	if err := s.lock(ctx); err != nil {
		return store.Run{}, err
	}
	defer s.mu.Unlock()
	r := s.runs[id]
	if r == nil {
		return store.Run{}, fmt.Errorf("run %s: %w", id, store.ErrNotFound)
	}
	return copyRun(r), nil
}

// Runs implements store.Store.
func (s *Store) Runs(ctx context.Context, key store.Key) ([]store.Run, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	everywhere := key == store.Key{}
	if !everywhere {
		if _, err := s.session(key); err != nil {
			return nil, err
		}
	}
	var all []store.Run
	for _, r := range s.admitted {
		if everywhere || r.Session == key {
			all = append(all, copyRun(r))
		}
	}
	if everywhere {
		slices.Reverse(all)
	}
	return all, nil
}

// copyRun gives the caller bytes of its own.
func copyRun(r *run) store.Run {
	c := r.Run
	c.Payload, c.Trigger = bytes.Clone(c.Payload), bytes.Clone(c.Trigger)
	if c.Settlement != nil {
		c.Settlement = copySettlement(*c.Settlement)
	}
	return c
}

func copySettlement(end store.Settlement) *store.Settlement {
	end.Result, end.Error, end.Usage = bytes.Clone(end.Result), bytes.Clone(end.Error), bytes.Clone(end.Usage)
	end.Time = end.Time.UTC().Round(0)
	return &end
}

// PutBlob implements store.Store.
func (s *Store) PutBlob(ctx context.Context, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if err := s.lock(ctx); err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	if _, there := s.blobs[hash]; !there {
		s.blobs[hash] = append([]byte{}, data...)
	}
	return hash, nil
}

// Blob implements store.Store.
func (s *Store) Blob(ctx context.Context, hash string) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	data, ok := s.blobs[hash]
	if !ok {
		return nil, fmt.Errorf("blob %.80s: %w", hash, store.ErrNotFound)
	}
	return bytes.Clone(data), nil
}

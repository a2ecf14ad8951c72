// Package memory keeps a store in the process's memory, for runs that leave nothing behind and for tests. Start at New.
package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
	blobs    map[string]*blob
	values   map[string][]byte
	epoch    int64 // the latest lease's, over all sessions
	signals  store.Signals
	closing  chan struct{}
	close    func()
}

type session struct {
	store.Session
	owner   string
	expires time.Time
	queue   []*run // without an outcome, in order of admission
	latest  *run   // nil: there was none
	entries []store.Entry
	blobs   map[string]bool
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

type run struct {
	store.Run
	fingerprint string
}

// blob is kept as long as a session has it.
type blob struct {
	data     []byte
	sessions int
}

type idempotencyKey struct{ agent, key string }

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	s := &Store{
		Now: time.Now, sessions: map[store.Key]*session{}, runs: map[string]*run{},
		keys: map[idempotencyKey]*run{}, blobs: map[string]*blob{}, values: map[string][]byte{}, closing: make(chan struct{}),
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

// now is the time without what only this process knows of it.
func (s *Store) now() time.Time { return s.Now().UTC().Round(0) }

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
func (s *Store) Admit(ctx context.Context, a store.Admission) (store.Admitted, error) {
	if err := a.Check(); err != nil {
		return store.Admitted{}, err
	}
	if err := s.lock(ctx); err != nil {
		return store.Admitted{}, err
	}
	defer s.mu.Unlock()
	key := idempotencyKey{a.Session.Agent, a.IdempotencyKey}
	if first := s.keys[key]; first != nil && a.IdempotencyKey != "" {
		if first.fingerprint != a.Fingerprint {
			return store.Admitted{}, fmt.Errorf("run %s: %w", first.ID, store.ErrConflict)
		}
		return store.Admitted{Run: copyRun(first)}, nil
	}
	if s.runs[a.Run] != nil {
		return store.Admitted{}, fmt.Errorf("run %s: %w", a.Run, errors.New("a run with this id exists"))
	}
	now := s.now()
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
		ID: a.Run, Session: a.Session, Payload: bytes.Clone(a.Payload), Trigger: bytes.Clone(a.Trigger), Parent: a.Parent,
		IdempotencyKey: a.IdempotencyKey, Admitted: a.Time.UTC().Round(0),
	}}
	s.runs[a.Run] = r
	s.admitted = append(s.admitted, r)
	in.queue, in.latest = append(in.queue, r), r
	if a.IdempotencyKey != "" {
		s.keys[key] = r
	}
	s.signals.Wake(a.Session)
	admitted := store.Admitted{Fresh: true}
	if a.Owner != "" && in.queue[0] == r && !in.leased(now) {
		l := s.claim(in, a.Owner, a.TTL)
		admitted.Lease = &l
	}
	admitted.Run = copyRun(r)
	return admitted, nil
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
func (s *Store) PutBlob(ctx context.Context, key store.Key, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if err := s.lock(ctx); err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	in, err := s.session(key)
	if err != nil {
		return "", err
	}
	if s.blobs[hash] == nil {
		s.blobs[hash] = &blob{data: append([]byte{}, data...)}
	}
	s.keep(in, hash)
	return hash, nil
}

// keep notes that a session has a blob; the caller holds the lock.
func (s *Store) keep(in *session, hash string) {
	if !in.blobs[hash] {
		in.blobs[hash] = true
		s.blobs[hash].sessions++
	}
}

// Blob implements store.Store.
func (s *Store) Blob(ctx context.Context, hash string) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found := s.blobs[hash]
	if found == nil {
		return nil, fmt.Errorf("blob %.80s: %w", hash, store.ErrNotFound)
	}
	return bytes.Clone(found.data), nil
}

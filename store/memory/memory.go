// Package memory keeps a store in the process's memory, for runs that leave nothing behind and for tests. Start at New.
package memory

import (
	"bytes"
	"context"
	"fmt"
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

// Listen implements store.Store.
func (s *Store) Listen(key store.Key) (news <-chan struct{}, leave func()) {
	return s.signals.Subscribe(key)
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

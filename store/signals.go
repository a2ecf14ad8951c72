package store

import (
	"maps"
	"slices"
	"sync"
)

// Signals wakes those who listen to a session: it is Listen for all engines. The zero value is ready.
type Signals struct {
	mu      sync.Mutex
	waiting map[Key]map[chan struct{}]bool
}

// Subscribe returns a channel that holds a signal once something happened to the session, until leave is called.
func (s *Signals) Subscribe(key Key) (news <-chan struct{}, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{}, 1)
	if s.waiting == nil {
		s.waiting = map[Key]map[chan struct{}]bool{}
	}
	if s.waiting[key] == nil {
		s.waiting[key] = map[chan struct{}]bool{}
	}
	s.waiting[key][c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting[key], c)
		if len(s.waiting[key]) == 0 {
			delete(s.waiting, key)
		}
	}
}

// Wake signals everyone who watches the session; it never waits.
func (s *Signals) Wake(key Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.waiting[key] {
		select {
		case c <- struct{}{}:
		default: // a signal is there already
		}
	}
}

// WakeAll signals everyone, whatever session they listen to.
func (s *Signals) WakeAll() {
	s.mu.Lock()
	keys := slices.Collect(maps.Keys(s.waiting))
	s.mu.Unlock()
	for _, key := range keys {
		s.Wake(key)
	}
}

// Any says whether anybody listens.
func (s *Signals) Any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting) > 0
}

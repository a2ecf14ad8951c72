package store

import "sync"

// Signals wakes those who watch a session. Engines share it: they subscribe before they read, so that nothing is lost
// between the read and the wait. The zero value is ready.
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

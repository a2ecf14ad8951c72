package main

import (
	"maps"
	"sync"
)

// limitCounts counts how often each limit of sandboxes has ended a script.
type limitCounts struct {
	mu     sync.Mutex
	byName map[string]int64
}

func (l *limitCounts) add(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byName == nil {
		l.byName = map[string]int64{}
	}
	l.byName[name]++
}

func (l *limitCounts) all() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.byName)
}

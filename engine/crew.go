package engine

import (
	"runtime"
	"sync"
)

// maxIdle is how many goroutines of a crew wait for work.
const maxIdle = 128

// crew does work on goroutines that are used again: the stack that a run takes is expensive to make for each. The zero value
// is ready; nil has a goroutine of its own for each.
type crew struct {
	mu      sync.Mutex
	idle    []chan func() // of those that wait for work; the last one did some most recently
	waiting sync.WaitGroup
	closed  bool
}

// do has somebody do work, now.
func (c *crew) do(work func()) {
	if c == nil {
		go func() {
			makeRoom()
			work()
		}()
		return
	}
	c.mu.Lock()
	last := len(c.idle) - 1
	if last < 0 {
		c.mu.Unlock()
		go c.member(work)
		return
	}
	next := c.idle[last]
	c.idle = c.idle[:last]
	c.mu.Unlock()
	next <- work
}

// member does work, and what comes after it.
func (c *crew) member(work func()) {
	makeRoom()
	next := make(chan func(), 1)
	for more := true; more; {
		work()
		if !c.wait(next) {
			return
		}
		work, more = <-next
		c.waiting.Done()
	}
}

// wait lines up for work; false: there will be none.
func (c *crew) wait(next chan func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.idle) == maxIdle {
		return false
	}
	c.idle = append(c.idle, next)
	c.waiting.Add(1)
	return true
}

// close ends those that wait, and those that work once they have done it.
func (c *crew) close() {
	c.mu.Lock()
	c.closed = true
	for _, next := range c.idle {
		close(next)
	}
	c.idle = nil
	c.mu.Unlock()
	c.waiting.Wait()
}

// makeRoom has the goroutine's stack grow to what a run takes at once, while there is nothing on it: growing step by step
// copies it each time.
//
//go:noinline
func makeRoom() {
	var room [20 << 10]byte
	runtime.KeepAlive(&room)
}

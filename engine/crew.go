package engine

import "runtime"

// maxIdle is how many goroutines of a crew wait for work.
const maxIdle = 128

// crew does work on goroutines that are used again: the stack that a run takes is expensive to make for each. nil has a
// goroutine of its own for each.
type crew struct {
	next   chan func()
	places chan struct{}   // one for each that may wait for work
	over   <-chan struct{} // ends those that wait
}

func newCrew(over <-chan struct{}) *crew {
	return &crew{next: make(chan func()), places: make(chan struct{}, maxIdle), over: over}
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
	select {
	case c.next <- work:
	default:
		go c.member(work)
	}
}

// member does work, and what comes after it.
func (c *crew) member(work func()) {
	makeRoom()
	for {
		work()
		select {
		case c.places <- struct{}{}:
		default:
			return // enough others wait
		}
		select {
		case work = <-c.next:
			<-c.places
		case <-c.over:
			return
		}
	}
}

// makeRoom has the goroutine's stack grow to what a run takes at once, while there is nothing on it: growing step by step
// copies it each time.
//
//go:noinline
func makeRoom() {
	var room [20 << 10]byte
	runtime.KeepAlive(&room)
}

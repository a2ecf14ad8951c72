package engine

import "runtime"

// makeRoom has the goroutine's stack grow to what a run takes at once, while there is nothing on it: growing step by step
// copies it each time.
//
//go:noinline
func makeRoom() {
	var room [20 << 10]byte
	runtime.KeepAlive(&room)
}

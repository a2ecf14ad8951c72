package main

import (
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/flue-run/flue/engine"
)

// A server collects its garbage less often than a short command, and gives its memory back when it has had nothing to do for
// a while.
const (
	serveGC   = 600 // percent, as GOGC has it
	idleAfter = 2 * time.Second
)

// tidyWhenIdle gives memory back after runs, once none runs any more, until stop.
func tidyWhenIdle(n *engine.Node) (stop func()) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(serveGC)
	}
	over := make(chan struct{})
	var working sync.WaitGroup
	working.Go(func() {
		tick := time.NewTicker(idleAfter)
		defer tick.Stop()
		var tidied, before int64 // runs accepted
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			s := n.Stats()
			if s.Accepted == before && s.Accepted != tidied && s.Running == 0 {
				debug.FreeOSMemory()
				tidied = s.Accepted
			}
			before = s.Accepted
		}
	})
	return func() {
		close(over)
		working.Wait()
	}
}

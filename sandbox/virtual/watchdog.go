package virtual

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// heap watches the process: the only thing here that all sandboxes change together.
var heap = newWatchdog(watchInterval, liveHeap)

const (
	watchInterval = 50 * time.Millisecond
	watchPatience = 2 * time.Second // for an Exec that was struck to end, before the next is
)

// watchdog compares the live heap with a ceiling while anything runs. It is the net under libraries whose memory no
// budget can count; the budgets' own limits strike long before it.
type watchdog struct {
	mu       sync.Mutex
	running  map[*limits.Budget]*watched
	started  uint64
	interval time.Duration
	timer    *time.Timer // nil while nothing runs
	live     func() int64
	struck   *limits.Budget // the last one, until it has ended and its memory was collected
	since    time.Time
}

type watched struct {
	ceiling int64
	order   uint64
}

func newWatchdog(interval time.Duration, live func() int64) *watchdog {
	return &watchdog{running: map[*limits.Budget]*watched{}, interval: interval, live: live}
}

func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

func (w *watchdog) watch(b *limits.Budget, ceiling int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started++
	w.running[b] = &watched{ceiling, w.started}
	if w.timer == nil {
		w.timer = time.AfterFunc(w.interval, w.check)
	}
}

func (w *watchdog) forget(b *limits.Budget) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, b)
}

// check strikes one Exec if the heap is above its ceiling, and asks to be called again while anything runs.
func (w *watchdog) check() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.running) == 0 {
		w.timer.Stop()
		w.timer, w.struck = nil, nil
		return
	}
	defer w.timer.Reset(w.interval)
	if w.struck != nil {
		if w.running[w.struck] != nil && time.Since(w.since) < watchPatience {
			return
		}
		w.struck = nil
		runtime.GC() // else the heap of the last cycle would strike the next one for what the last one held
	}
	live := w.live()
	var worst *limits.Budget
	for b, r := range w.running {
		if live <= r.ceiling || b.Err() != nil {
			continue
		}
		if worst == nil || b.Held() > worst.Held() || b.Held() == worst.Held() && r.order > w.running[worst].order {
			worst = b
		}
	}
	if worst != nil {
		worst.Strike(&limits.Exceeded{Name: "heap", Limit: limits.Size(w.running[worst].ceiling)})
		w.struck, w.since = worst, time.Now()
	}
}

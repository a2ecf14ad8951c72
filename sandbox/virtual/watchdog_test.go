package virtual

import (
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

func TestWatchdog(t *testing.T) {
	live := int64(0)
	w := newWatchdog(time.Hour, func() int64 { return live }) // the test is its clock
	budget := func(held int) *limits.Budget {
		b := limits.New(t.Context(), limits.Limits{})
		t.Cleanup(b.End)
		b.Hold(held)
		w.watch(b, 100)
		return b
	}
	old, large, small, newest := budget(1), budget(50), budget(1), budget(1)
	check := func(want ...*limits.Budget) {
		t.Helper()
		w.check()
		struck := map[*limits.Budget]bool{}
		for _, b := range want {
			struck[b] = true
		}
		for i, b := range []*limits.Budget{old, large, small, newest} {
			if (b.Exceeded() != nil) != struck[b] {
				t.Errorf("%d: %v", i, b.Err())
			}
		}
	}
	check()
	live = 101
	check(large)
	check(large) // it is given time to end
	w.forget(large)
	check(large, newest)
	w.forget(newest)
	live = 100
	check(large, newest)
	if got := large.Err().Error(); got != "flue: limit heap (100 B) exceeded" {
		t.Error(got)
	}
	for _, b := range []*limits.Budget{old, small} {
		w.forget(b)
	}
	w.check()
	if w.timer != nil {
		t.Error("it goes on with nothing to watch")
	}
}

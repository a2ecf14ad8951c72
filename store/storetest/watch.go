package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/store"
)

// watching reads a session's log and listens for more, in a goroutine: what it finds comes through the channel, which is
// closed when ctx ends or reading fails.
func (w *world) watching(ctx context.Context, s store.Store, session string, after int64) <-chan string {
	said := make(chan string)
	news, leave := s.Listen(key(session))
	go func() {
		defer close(said)
		defer leave()
		for {
			for e, err := range s.Entries(ctx, key(session), after) {
				switch {
				case ctx.Err() != nil:
					return
				case errors.Is(err, store.ErrNotFound):
					said <- "deleted"
					return
				case err != nil:
					said <- err.Error()
					return
				}
				said <- fmt.Sprintf("%d %s", e.Seq, e.Data)
				after = e.Seq
			}
			select {
			case <-news:
			case <-ctx.Done():
				return
			}
		}
	}()
	return said
}

// next waits for what a watch yields; "" is its end.
func (w *world) next(said <-chan string) string {
	w.Helper()
	select {
	case s := <-said:
		return s
	case <-w.ctx.Done():
		w.Fatal("the watch yields nothing")
		return ""
	}
}

func (w *world) wantNext(said <-chan string, want string) {
	w.Helper()
	if got := w.next(said); got != want {
		w.Fatalf("the watch yields %q, want %q", got, want)
	}
}

func watch(w *world) {
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	w.appended(l, note("a"), note("b"))
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	all, tail := w.watching(ctx, w, "s", 0), w.watching(ctx, w, "s", 2)
	w.wantNext(all, `1 "a"`)
	w.wantNext(all, `2 "b"`)
	w.appended(l, note("c"))
	w.wantNext(tail, `3 "c"`)
	w.wantNext(all, `3 "c"`)
	_, err := w.Settle(w.ctx, l, "r1", store.Settlement{Outcome: store.Completed}, store.Keep, note("d"))
	w.must(err)
	w.wantNext(tail, `4 "d"`)
	w.wantNext(all, `4 "d"`)
	cancel()
	w.wantNext(all, "")
	w.wantNext(tail, "")
}

func watchEndsWithSession(w *world) {
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	w.appended(l, note("a"))
	said := w.watching(w.ctx, w, "s", 0)
	w.wantNext(said, `1 "a"`)
	w.must(w.Release(w.ctx, l))
	w.must(w.DeleteSession(w.ctx, key("s")))
	w.wantNext(said, "deleted")
}

func watchEndsWithStore(w *world) {
	w.admitted("s", "r1")
	w.appended(w.claimed("s", "a"), note("a"))
	said := w.watching(w.ctx, w, "s", 0)
	w.wantNext(said, `1 "a"`)
	w.must(w.Close())
	w.wantNext(said, store.ErrClosed.Error())
	w.wantNext(said, "")
}

// watchLosesNothing lets watchers begin and write race for each single entry: an entry that fell between a
// watcher's read and its wait would leave it waiting.
func watchLosesNothing(w *world) {
	w.admitted("s", "r1")
	l := w.claimed("s", "a")
	begin := time.Now()
	for i := range 100 {
		ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
		said := w.watching(ctx, w, "s", int64(i))
		w.appended(l, note("n"))
		w.wantNext(said, fmt.Sprintf(`%d "n"`, i+1))
		cancel()
		w.wantNext(said, "")
	}
	if took := time.Since(begin); took > 10*time.Second { // it takes a fraction of a second, by polling 25
		w.Errorf("100 entries took %v: are the process's own writes heard of by polling?", took)
	}
}

package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/sqlite"
)

func openBench(b *testing.B, path string) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

var benchEntry = store.Entry{
	Run: "r", Type: "text", Time: time.Unix(1, 0), Data: json.RawMessage(`"` + strings.Repeat("x", 500) + `"`),
}

// lease admits a run to a session and claims it.
func lease(b *testing.B, s store.Store, session string) store.Lease {
	b.Helper()
	key := store.Key{Agent: "bench", Session: session}
	a := store.Admission{Run: "r" + session, Session: key, Payload: json.RawMessage(`{}`)}
	if _, err := s.Admit(context.Background(), a); err != nil {
		b.Fatal(err)
	}
	l, err := s.Claim(context.Background(), key, "owner", time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// run is what one short run asks of the store: appends, 12 as a rule, and a settlement.
func run(b *testing.B, s store.Store, session string, appends int) {
	b.Helper()
	l := lease(b, s, session)
	for range appends {
		if _, err := s.Append(context.Background(), l, benchEntry); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.Settle(context.Background(), l, l.Run, store.Settlement{Outcome: store.Completed}, store.Release, benchEntry); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state", "flue.db")
	openBench(b, path).Close()
	for b.Loop() {
		openBench(b, path).Close()
	}
}

func BenchmarkOpenNew(b *testing.B) {
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		openBench(b, filepath.Join(dir, fmt.Sprint(i), "flue.db")).Close()
	}
}

// BenchmarkRun is the store's share of `flue run` with a project's store.
func BenchmarkRun(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state", "flue.db")
	openBench(b, path).Close()
	for i := 0; b.Loop(); i++ {
		s := openBench(b, path)
		run(b, s, fmt.Sprint(i), 12)
		s.Close()
	}
}

// BenchmarkRunNew is the same where there is no store yet.
func BenchmarkRunNew(b *testing.B) {
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		s := openBench(b, filepath.Join(dir, fmt.Sprint(i), "flue.db"))
		run(b, s, "s", 12)
		s.Close()
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{2, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := openBench(b, filepath.Join(b.TempDir(), "flue.db"))
			defer s.Close()
			var next atomic.Int64
			b.SetParallelism(max(1, writers/runtime.GOMAXPROCS(0)))
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				l := lease(b, s, fmt.Sprint(next.Add(1)))
				for p.Next() {
					if _, err := s.Append(context.Background(), l, benchEntry); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// BenchmarkShortRuns is what short runs in new sessions ask of the store of a server: each is admitted, and settled with its log.
func BenchmarkShortRuns(b *testing.B) {
	for _, runs := range []int{1, 64} {
		b.Run(fmt.Sprintf("at-once=%d", runs), func(b *testing.B) {
			s := openBench(b, filepath.Join(b.TempDir(), "flue.db"))
			defer s.Close()
			var all sync.WaitGroup
			var next atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			for range runs {
				all.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						id := fmt.Sprint("run_", i)
						a := store.Admission{Run: id, Session: store.Key{Agent: "bench", Session: id}, Payload: json.RawMessage(`{}`), Owner: "owner", TTL: time.Minute}
						admitted, err := s.Admit(context.Background(), a)
						if err == nil {
							_, err = s.Settle(context.Background(), *admitted.Lease, id, store.Settlement{Outcome: store.Completed}, store.Next, benchEntry, benchEntry)
						}
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
		})
	}
}

func BenchmarkEntries(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "flue.db"))
	defer s.Close()
	l := lease(b, s, "s")
	for range 10 {
		if _, err := s.Append(context.Background(), l, make([]store.Entry, 100)...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range s.Entries(context.Background(), l.Session, 0) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 1000 {
			b.Fatal(n)
		}
	}
}

// BenchmarkLists asks for a page of the lists of a store with many sessions, as the console does for its first page.
func BenchmarkLists(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "flue.db"))
	defer s.Close()
	const sessions, writers = 10_000, 64
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := w; i < sessions; i += writers {
				run(b, s, fmt.Sprint(i), 0)
			}
		})
	}
	all.Wait()
	for name, list := range map[string]func() (int, error){
		"sessions": func() (int, error) {
			page, err := s.Sessions(context.Background(), store.SessionQuery{Limit: 100})
			return len(page), err
		},
		"sessions of an agent": func() (int, error) {
			page, err := s.Sessions(context.Background(), store.SessionQuery{Agents: []string{"bench"}, Limit: 100})
			return len(page), err
		},
		"runs": func() (int, error) {
			page, err := s.Runs(context.Background(), store.RunQuery{Limit: 100})
			return len(page), err
		},
		"unfinished runs": func() (int, error) {
			page, err := s.Runs(context.Background(), store.RunQuery{Unfinished: true, Limit: 100})
			return 100 + len(page), err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := list(); n != 100 || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}

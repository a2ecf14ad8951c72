package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/sqlite"
)

// BenchmarkNode is runs of one turn through a node, 64 at once, each in a session of its own, with a model in this process.
func BenchmarkNode(b *testing.B) {
	for _, kind := range []string{"memory", "sqlite"} {
		b.Run(kind, func(b *testing.B) {
			var st store.Store = memory.New()
			if kind == "sqlite" {
				var err error
				if st, err = sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "flue.db")); err != nil {
					b.Fatal(err)
				}
			}
			defer st.Close()
			n := engine.NewNode(helping(b, st, helper, func(context.Context, *model.Request) string { return "Done" }), engine.NodeConfig{})
			defer n.Close(b.Context())
			places := make(chan struct{}, 64)
			var all sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				places <- struct{}{}
				all.Go(func() {
					defer func() { <-places }()
					a, err := n.Accept(b.Context(), ask(fmt.Sprint("s", i), i))
					if err == nil {
						_, err = n.Wait(b.Context(), a.Run.ID)
					}
					if err != nil {
						b.Error(err)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
		})
	}
}

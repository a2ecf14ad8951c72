package memory_test

import (
	"testing"
	"time"

	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(_ string, now func() time.Time) (store.Store, error) {
		s := memory.New()
		s.Now = now
		return s, nil
	})
}

package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/storetest"
)

// TestDeadOwner opens the store of a process that was killed while it had a session. Its lease ends in half a minute, but
// where locks tell that it is gone, the session is free at once. The store's clock stands still.
func TestDeadOwner(t *testing.T) {
	key := store.Key{Agent: "helper", Session: "s"}
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC) // as storetest's
	for name, locks := range map[string]bool{"with locks": true, "without locks": false} {
		t.Run(name, func(t *testing.T) {
			if locks && runtime.GOOS != "linux" {
				t.Skip("locks are used on Linux only")
			}
			place := storetest.Abandoned(t, open)
			if owners := filepath.Join(place, "state", "flue.db-owners"); !locks { // a file that cannot be opened
				if err := errors.Join(os.Remove(owners), os.Mkdir(owners, 0o700)); err != nil {
					t.Fatal(err)
				}
			}
			now := at
			s, err := open(place, func() time.Time { return now })
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			free := func() bool {
				t.Helper()
				known, err := s.Session(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				left, err := s.Unfinished(t.Context())
				if err != nil || (len(left) == 0) != known.Leased {
					t.Errorf("leased is %v, and the unfinished runs are %v, %v", known.Leased, left, err)
				}
				_, err = s.Claim(t.Context(), key, "heir", 30*time.Second)
				if err != nil && !errors.Is(err, store.ErrBusy) || (err == nil) == known.Leased {
					t.Errorf("leased is %v, and a claim says %v", known.Leased, err)
				}
				return err == nil
			}
			if free() != locks {
				t.Errorf("with locks %v, the session is free at once: %v", locks, !locks)
			}
			now = at.Add(31 * time.Second)
			if !free() {
				t.Error("the session is not free when its lease has run out")
			}
		})
	}
}

// TestLivingOwner looks at a session that another store of this machine has leased: it lives, until it is closed.
func TestLivingOwner(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("locks are used on Linux only")
	}
	place, key := t.TempDir(), store.Key{Agent: "a", Session: "s"}
	first, err := open(place, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	second, err := open(place, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if a, err := first.Admit(t.Context(), store.Admission{Run: "r", Session: key, Owner: "first", TTL: time.Minute}); err != nil || a.Lease == nil {
		t.Fatal(a, err)
	}
	if _, err := second.Claim(t.Context(), key, "second", time.Minute); !errors.Is(err, store.ErrBusy) {
		t.Errorf("while the owner lives: %v", err)
	}
	if err := second.DeleteSession(t.Context(), key); !errors.Is(err, store.ErrBusy) {
		t.Errorf("while the owner lives: %v", err)
	}
	if left, err := second.Unfinished(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("while the owner lives, these need somebody: %v, %v", left, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := second.Unfinished(t.Context()); err != nil || len(left) != 1 {
		t.Errorf("when the owner is gone, these need somebody: %v, %v", left, err)
	}
	if _, err := second.Claim(t.Context(), key, "second", time.Minute); err != nil {
		t.Errorf("when the owner is gone: %v", err)
	}
}

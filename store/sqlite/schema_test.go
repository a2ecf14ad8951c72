package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flue-run/flue/store"
)

// TestMigrate brings a store of this version to ones that do not exist: with what is in it, once however many processes open
// it, and not at all where a migration fails.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admit(t.Context(), store.Admission{Run: "r", Session: store.Key{Agent: "a", Session: "s"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	upgraded := func(migrations ...string) error {
		db, err := sql.Open("sqlite", source(path))
		if err != nil {
			return err
		}
		conn, err := db.Conn(context.Background())
		if err == nil {
			err = errors.Join(upgrade(context.Background(), conn, migrations), conn.Close())
		}
		return errors.Join(err, db.Close())
	}
	version := func() (version, added int) {
		t.Helper()
		db, err := sql.Open("sqlite", source(path))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.QueryRow("select user_version, (select count(*) from pragma_table_info('run') where name = 'added') from pragma_user_version").Scan(&version, &added)
		if err != nil {
			t.Fatal(err)
		}
		return version, added
	}

	now := len(migrations)
	second := append(migrations[:now:now], "alter table run add column added integer not null default 7")
	broken := append(migrations[:now:now], second[now]+"; insert into nothing values (1)")
	if err := upgraded(broken...); err == nil || !strings.Contains(err.Error(), "bring the store to version") {
		t.Errorf("a migration that fails: %v", err)
	}
	if v, added := version(); v != now || added != 0 {
		t.Errorf("a migration that failed has left version %d, and %d of its columns", v, added)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := upgraded(second...); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if v, added := version(); v != now+1 || added != 1 {
		t.Errorf("the store has version %d, and %d of the columns", v, added)
	}
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var run string
	if err := db.QueryRow("select id from run where added = 7").Scan(&run); err != nil || run != "r" {
		t.Errorf("the run is %q, %v", run, err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, store.ErrNewer) {
		t.Errorf("this version opens the newer store: %v", err)
	}
}

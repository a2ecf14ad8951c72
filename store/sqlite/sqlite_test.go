package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/sqlite"
	"github.com/flue-run/flue/store/storetest"
)

func open(place string, now func() time.Time) (store.Store, error) {
	s, err := sqlite.Open(context.Background(), filepath.Join(place, "state", "flue.db"))
	if err != nil {
		return nil, err
	}
	s.Now = now
	return s, nil
}

func TestMain(m *testing.M) { storetest.Main(m, open) }

func TestContract(t *testing.T)   { storetest.Run(t, open) }
func TestPersistent(t *testing.T) { storetest.Persistent(t, open) }

func TestFiles(t *testing.T) {
	place := filepath.Join(t.TempDir(), "a ?#%20 b") // every character that a URI would mistake
	s, err := open(place, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admit(t.Context(), store.Admission{Run: "r", Session: store.Key{Agent: "a", Session: "s"}}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(place, "state")
	for name, want := range map[string]os.FileMode{"": 0o700 | os.ModeDir, "flue.db": 0o600, "flue.db-wal": 0o600, ".gitignore": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode() != want {
			t.Errorf("%q has mode %v, want %v", name, info.Mode(), want)
		}
	}
	if ignored, _ := os.ReadFile(filepath.Join(dir, ".gitignore")); string(ignored) != "*\n" {
		t.Errorf(".gitignore says %q", ignored)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if _, err := os.Stat(filepath.Join(dir, "flue.db-wal")); err == nil {
		t.Error("once it is closed, the store is more than one file")
	}

	theirs := t.TempDir() // a folder that is there is left as it is
	s, err = sqlite.Open(t.Context(), filepath.Join(theirs, "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := os.Stat(filepath.Join(theirs, ".gitignore")); err == nil {
		t.Error("a folder of the user's got a .gitignore")
	}
}

// TestLargeData looks at the tables: entries of up to 8 KiB stay in their row, larger ones are blobs, each content once.
func TestLargeData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	key := store.Key{Agent: "a", Session: "s"}
	if _, err := s.Admit(t.Context(), store.Admission{Run: "r", Session: key}); err != nil {
		t.Fatal(err)
	}
	l, err := s.Claim(t.Context(), key, "me", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{8 << 10, 8<<10 + 1, 8<<10 + 1} {
		if _, err := s.Append(t.Context(), l, store.Entry{Data: []byte(strings.Repeat("1", size))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var inline, blobs int
	if err := db.QueryRow("select (select count(*) from batch where length(data) > 8000), (select count(*) from blob)").Scan(&inline, &blobs); err != nil {
		t.Fatal(err)
	}
	if inline != 1 || blobs != 1 {
		t.Errorf("%d entries hold their data and there are %d blobs, want 1 and 1", inline, blobs)
	}
}

// TestShrink deletes what is old, and looks at the file.
func TestShrink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		data := []byte(strings.Repeat(fmt.Sprintf("%9d", i), 5000))
		if err := s.CreateSession(t.Context(), store.Key{Agent: "a", Session: fmt.Sprint(i)}, store.Key{}, store.Entry{Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	size := func() (all int64) {
		t.Helper()
		for _, name := range []string{path, path + "-wal"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			all += info.Size()
		}
		return all
	}
	before := size()
	if n, err := s.DeleteIdle(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 200 {
		t.Errorf("%d are deleted, %v", n, err)
	}
	if after := size(); before < 9_000_000 || after > 200_000 {
		t.Errorf("the files had %d bytes and have %d", before, after)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestOpenRefuses hands Open files that are not for it.
func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil string // SQL on a store's file
		fresh string // or on an empty one
		bytes string // or the file itself
		want  []string
		is    error
	}{
		"newer tables":      {spoil: "pragma user_version = 7", want: []string{"version 7", "up to 1"}, is: store.ErrNewer},
		"newer log":         {spoil: "update meta set format = 9", want: []string{"format 9", "up to 1"}, is: store.ErrNewer},
		"somebody else's":   {fresh: "create table t (x)", want: []string{"not a store of flue"}},
		"another program's": {fresh: "pragma application_id = 5", want: []string{"not a store of flue"}},
		"no database":       {bytes: strings.Repeat("This is not a database. ", 100), want: []string{"not a database"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			if c.spoil != "" {
				s, err := sqlite.Open(t.Context(), path)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if c.bytes != "" {
				if err := os.WriteFile(path, []byte(c.bytes), 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				db, err := sql.Open("sqlite", path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(c.spoil + c.fresh); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = sqlite.Open(t.Context(), path)
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("Open changed a file that it refuses")
			}
			if err == nil || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("error is %v, want %v", err, c.is)
			}
			for _, want := range append(c.want, path) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

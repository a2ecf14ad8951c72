// Package sqlite keeps a store in one SQLite file, which several processes may use at once. Start at Open; every
// write goes through writer.go, which commits whatever is queued in one transaction and one sync.
package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/flue-run/flue/store"
)

// maxReaders is how many connections read side by side.
const maxReaders = 4

// Store is a store.Store in a file.
type Store struct {
	// Now is the clock of leases. Open sets it to time.Now; replace it before the first use, if at all. Processes that
	// share a file need clocks that agree to a fraction of a lease.
	Now func() time.Time

	db        *sql.DB // of the writer
	tx        tx      // its connection
	readers   *sql.DB
	alive     alive
	blobs     unwritten
	signals   store.Signals
	writes    chan *write
	listening chan struct{} // tells the writer that somebody listens
	closing   chan struct{} // closed by Close
	ended     chan struct{} // closed when the writer has ended
	close     func() error
}

var _ store.Store = (*Store)(nil)

// Open opens the store in the file at path, and makes the file (mode 0600) and its folder (mode 0700, ignored by git) if
// they are not there. An older file is brought to this version. ErrNewer: a newer flue wrote it.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	// FULL: a commit is on disk before anyone hears of it. Readers open when first used.
	db, err := sql.Open("sqlite", source(path, "foreign_keys(1)", "synchronous(full)", "journal_size_limit(16777216)"))
	if err != nil {
		return nil, err
	}
	readers, err := sql.Open("sqlite", source(path, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	readers.SetMaxOpenConns(maxReaders)
	readers.SetMaxIdleConns(maxReaders)
	conn, err := db.Conn(ctx)
	if err == nil {
		err = upgrade(ctx, conn, migrations)
	}
	if err != nil {
		return nil, errors.Join(err, readers.Close(), db.Close())
	}
	s := &Store{
		Now: time.Now, alive: proveAlive(path), db: db, tx: tx{conn: conn, stmts: map[string]*sql.Stmt{}}, readers: readers,
		writes: make(chan *write), listening: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
	}
	s.close = sync.OnceValue(s.shut)
	go s.writer()
	return s, nil
}

// Close writes what is still in memory, wakes who listens and closes the file.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	close(s.closing)
	<-s.ended
	s.signals.WakeAll()
	var flushed error
	if s.blobs.any() {
		flushed = s.group(nil)
	}
	return errors.Join(flushed, s.readers.Close(), s.tx.close(), s.db.Close(), s.alive.close())
}

// makeFile makes the file itself, because SQLite would make it readable by all. A file that exists is not opened here:
// closing it again would drop the locks that this process may hold on it.
func makeFile(path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// source is the data source name of a connection to path.
func source(path string, pragmas ...string) string {
	pragmas = append([]string{"busy_timeout(" + strconv.FormatInt(busyTimeout.Milliseconds(), 10) + ")"}, pragmas...)
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return u.String()
}

// nanos is how a time is stored: 0 is none.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// text is JSON as a value to store; nil stays nil.
func text(m json.RawMessage) any {
	if m == nil {
		return nil
	}
	return string(m)
}

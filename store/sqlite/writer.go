package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	driver "modernc.org/sqlite"

	"github.com/flue-run/flue/store"
)

// maxGroup is how many queued writes share a transaction.
const maxGroup = 128

// write is one caller's change: it succeeds or fails by itself.
type write struct {
	ctx     context.Context
	session store.Key       // whose watchers hear of it
	do      func(*tx) error // refuses before it changes anything
	err     error
	done    chan struct{}
}

// write queues a change and waits until it is on disk. An error means that nothing of it was written, but for a commit
// that failed half way through the file system. A ctx that ends counts until the change has left the queue.
func (s *Store) write(ctx context.Context, session store.Key, do func(*tx) error) error {
	w := &write{ctx: ctx, session: session, do: do, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closing:
		return store.ErrClosed
	default:
	}
	select {
	case s.writes <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return store.ErrClosed
	}
	<-w.done
	return w.err
}

// pollEvery is how often the writer looks whether another process has written, while somebody listens.
const pollEvery = 250 * time.Millisecond

// writer owns the writing connection. While it commits, callers queue up: they are the next group.
func (s *Store) writer() {
	defer close(s.ended)
	var poll *time.Ticker
	var due <-chan time.Time
	version := int64(0) // that SQLite gives to what others have committed
	for {
		select {
		case <-s.listening:
			if poll == nil {
				poll = time.NewTicker(pollEvery)
				defer poll.Stop()
				due, version = poll.C, -1 // what was written since the listener began is not known
			}
		case <-due:
			if !s.signals.Any() {
				poll.Stop()
				poll, due = nil, nil
				continue
			}
			var now int64
			if err := s.tx.row("select data_version from pragma_data_version", nil, &now); err != nil || now != version {
				version = now
				s.signals.WakeAll() // who then reads finds what is wrong, too
			}
		case first := <-s.writes:
			runtime.Gosched() // whoever is about to write comes along
			group := []*write{first}
			for waiting := true; waiting && len(group) < maxGroup; {
				select {
				case w := <-s.writes:
					group = append(group, w)
				default:
					waiting = false
				}
			}
			s.finish(group, s.group(group))
		case <-s.closing:
			return
		}
	}
}

// finish tells the callers how it ended; err is that of the whole group.
func (s *Store) finish(group []*write, err error) {
	for _, w := range group {
		if w.err == nil {
			w.err = err
		}
		if w.err == nil {
			s.signals.Wake(w.session)
		}
		close(w.done)
	}
}

// group runs the writes in one transaction, after the blobs they may refer to. A refusal (fenced, settled, …) is of one
// write, which has changed nothing; an error of the database undoes them all, since SQLite may have rolled back by itself.
func (s *Store) group(group []*write) (err error) {
	t := &s.tx
	if err := t.exec("begin immediate"); err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	defer func() {
		if err != nil {
			t.exec("rollback") // its error adds nothing to the first one
		}
	}()
	blobs, err := s.blobs.insert(t)
	if err != nil {
		return fmt.Errorf("write a blob: %w", err)
	}
	for _, w := range group {
		if w.err = w.ctx.Err(); w.err != nil {
			continue
		}
		var broken *driver.Error
		if w.err = w.do(t); errors.As(w.err, &broken) {
			return w.err
		}
	}
	// What a commit that failed has written to the log file counts for nobody: the next one writes the same places anew, with
	// its own sums, and syncs them. So a sync that failed once and succeeds then, of pages that the kernel took for written,
	// loses nothing, and the connection goes on. Whether this group is there after a crash is not known: its callers were told
	// of an error.
	if err := t.exec("commit"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	s.blobs.written(blobs)
	return nil
}

// tx runs statements on the writing connection, each prepared when it is first used. What is being written is never cut
// off in the middle: statements do not know the caller's context.
type tx struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// close ends the connection. One with statements left would stay open, and what was written in the file's log.
func (t *tx) close() error {
	var errs []error
	for _, st := range t.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, t.conn.Close())...)
}

func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if st := t.stmts[query]; st != nil {
		return st, nil
	}
	st, err := t.conn.PrepareContext(context.Background(), query)
	if err == nil {
		t.stmts[query] = st
	}
	return st, err
}

func (t *tx) exec(query string, args ...any) error {
	st, err := t.prepare(query)
	if err != nil {
		return err
	}
	_, err = st.Exec(args...)
	return err
}

// change is exec that returns how many rows it has changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	_, changed, err := t.insert(query, args...)
	return changed, err
}

// insert is exec that returns the last row's id, too.
func (t *tx) insert(query string, args ...any) (id, changed int64, err error) {
	st, err := t.prepare(query)
	if err != nil {
		return 0, 0, err
	}
	result, err := st.Exec(args...)
	if err == nil {
		id, err = result.LastInsertId()
	}
	if err == nil {
		changed, err = result.RowsAffected()
	}
	return id, changed, err
}

// row reads one row into dest; sql.ErrNoRows if there is none.
func (t *tx) row(query string, args []any, dest ...any) error {
	st, err := t.prepare(query)
	if err != nil {
		return err
	}
	return st.QueryRow(args...).Scan(dest...)
}

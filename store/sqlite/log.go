package sqlite

import (
	"context"
	"fmt"
	"iter"

	"github.com/flue-run/flue/store"
)

const (
	maxInline = 8 << 10 // bytes of an entry's data that stay in its row
	pageSize  = 256     // entries read at once: no cursor stays open while the caller works
)

// Append implements store.Store.
func (s *Store) Append(ctx context.Context, l store.Lease, entries ...store.Entry) (first int64, err error) {
	rows := s.rows(entries)
	err = s.write(ctx, l.Session, func(t *tx) error {
		r, err := t.held(l)
		if err != nil {
			return err
		}
		first, err = s.append(t, r, rows)
		return err
	})
	if err != nil {
		return 0, err
	}
	return first, nil
}

// Settle implements store.Store.
func (s *Store) Settle(ctx context.Context, l store.Lease, run string, end store.Settlement,
	entries ...store.Entry) (first int64, err error) {
	rows := s.rows(entries)
	err = s.write(ctx, l.Session, func(t *tx) error {
		r, err := t.held(l)
		if err != nil {
			return err
		}
		var settled bool
		err = t.row("select outcome is not null from run where id = ? and session = ?", []any{run, r.id}, &settled)
		if err != nil {
			return runError(run, err)
		}
		if settled {
			return runError(run, store.ErrSettled)
		}
		err = t.exec("update run set outcome = ?, result = ?, error = ?, usage = ?, settled = ? where id = ?",
			string(end.Outcome), text(end.Result), text(end.Error), text(end.Usage), nanos(end.Time), run)
		if err != nil {
			return runError(run, err)
		}
		first, err = s.append(t, r, rows)
		return err
	})
	if err != nil {
		return 0, err
	}
	return first, nil
}

// entryRow is an entry with its large data moved to a blob.
type entryRow struct {
	store.Entry
	data, blob any
}

func (s *Store) rows(entries []store.Entry) []entryRow {
	rows := make([]entryRow, len(entries))
	for i, e := range entries {
		rows[i] = entryRow{Entry: e, data: text(e.Data)}
		if len(e.Data) > maxInline {
			hash, _ := s.blobs.put(e.Data) // written with the entry
			rows[i].data, rows[i].blob = nil, hash
		}
	}
	return rows
}

// append writes rows after the session's last entry and returns the first one's position, 0 if there is none.
func (s *Store) append(t *tx, r sessionRow, rows []entryRow) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	for i, e := range rows {
		err := t.exec("insert into entry (session, seq, epoch, run, type, time, data, blob) values (?, ?, ?, ?, ?, ?, ?, ?)",
			r.id, r.last+1+int64(i), r.epoch, e.Run, e.Type, nanos(e.Time), e.data, e.blob)
		if err != nil {
			return 0, fmt.Errorf("append to session %d: %w", r.id, err)
		}
	}
	err := t.exec("update session set last = ?, updated = ? where id = ?", r.last+int64(len(rows)), nanos(s.Now()), r.id)
	return r.last + 1, err
}

// Entries implements store.Store.
func (s *Store) Entries(ctx context.Context, key store.Key, after int64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		id, last, err := s.position(ctx, key)
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		if _, err := s.read(ctx, id, after, last, yield); err != nil {
			yield(store.Entry{}, err)
		}
	}
}

// Listen implements store.Store.
func (s *Store) Listen(key store.Key) (news <-chan struct{}, leave func()) {
	news, leave = s.signals.Subscribe(key)
	select {
	case s.listening <- struct{}{}:
	default: // the writer has been told
	}
	return news, leave
}

// position finds a session's row and the position of its last entry.
func (s *Store) position(ctx context.Context, key store.Key) (id, last int64, err error) {
	select {
	case <-s.closing:
		return 0, 0, store.ErrClosed
	default:
	}
	err = s.readers.QueryRowContext(ctx, "select id, last from session where agent = ? and session = ?", key.Agent, key.Session).
		Scan(&id, &last)
	if err != nil {
		err = sessionError(key, err)
	}
	return id, last, err
}

// read yields the entries after one position up to another; more is false once the caller has left.
func (s *Store) read(ctx context.Context, id, after, last int64, yield func(store.Entry, error) bool) (more bool, err error) {
	for after < last {
		page, err := s.page(ctx, id, after, last)
		if err != nil {
			return false, fmt.Errorf("read the log after %d: %w", after, err)
		}
		if len(page) == 0 {
			return true, nil // deleted meanwhile
		}
		for _, e := range page {
			if hash, ok := e.blob.(string); ok {
				if e.Data, err = s.Blob(ctx, hash); err != nil {
					return false, fmt.Errorf("read entry %d: %w", e.Seq, err)
				}
			}
			if !yield(e.Entry, nil) {
				return false, nil
			}
			after = e.Seq
		}
	}
	return true, nil
}

func (s *Store) page(ctx context.Context, id, after, last int64) ([]entryRow, error) {
	rows, err := s.readers.QueryContext(ctx, "select seq, epoch, run, type, time, data, blob from entry "+
		"where session = ? and seq > ? and seq <= ? order by seq limit ?", id, after, last, pageSize)
	if err != nil {
		return nil, err
	}
	return collect(rows, scanEntry)
}

func scanEntry(scan func(...any) error) (e entryRow, err error) {
	var at int64
	err = scan(&e.Seq, &e.Epoch, &e.Run, &e.Type, &at, (*[]byte)(&e.Data), &e.blob)
	e.Time = fromNanos(at)
	return e, err
}

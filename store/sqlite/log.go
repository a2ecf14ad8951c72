package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/flue-run/flue/store"
)

// pageSize is how many batches are read at once: no cursor stays open while the caller works.
const pageSize = 64

// Append implements store.Store.
func (s *Store) Append(ctx context.Context, l store.Lease, entries ...store.Entry) (first int64, err error) {
	batch := s.encode(l.Session, entries)
	err = s.write(ctx, l.Session, func(t *tx) error {
		if len(entries) == 0 {
			_, err := t.held(l)
			return err
		}
		if first, err = t.append(l, len(entries), batch); err != nil {
			return err
		}
		return t.exec("update session set last = last + ?, updated = ? where id = ?", len(entries), nanos(s.Now()), sessionOf(l))
	})
	if err != nil {
		return 0, err
	}
	return first, nil
}

// Settle implements store.Store.
func (s *Store) Settle(ctx context.Context, l store.Lease, run string, end store.Settlement, then store.Then,
	entries ...store.Entry) (settled store.Settled, err error) {
	batch := s.encode(l.Session, entries)
	err = s.write(ctx, l.Session, func(t *tx) error {
		changed, err := t.change("update run set outcome = ?, result = ?, error = ?, usage = ?, settled = ? "+
			"where id = ? and session = ? and outcome is null and exists (select 1 from session where session.id = ? and epoch = ?)",
			string(end.Outcome), text(end.Result), text(end.Error), text(end.Usage), nanos(end.Time), run, sessionOf(l), sessionOf(l), l.Epoch)
		if err != nil {
			return runError(run, err)
		}
		if changed == 0 {
			return t.unsettled(l, run)
		}
		if len(entries) > 0 {
			if settled.First, err = t.append(l, len(entries), batch); err != nil {
				return err
			}
		}
		settled.Next, err = s.settled(t, l, then, len(entries))
		return err
	})
	if err != nil {
		return store.Settled{}, err
	}
	return settled, nil
}

// settled counts a run that is over and its entries, and does with the lease what is said.
func (s *Store) settled(t *tx, l store.Lease, then store.Then, entries int) (next string, err error) {
	const (
		count   = "update session set last = last + ?, updated = ?, waiting = waiting - 1"
		release = ", owner = '', expires = 0"
		where   = " where id = ?"
	)
	args := []any{entries, nanos(s.Now()), sessionOf(l)}
	if then == store.Next {
		if alone, err := t.change(count+release+where+" and waiting = 1", args...); err != nil || alone == 1 {
			return "", err
		}
		if next, err = s.start(t, sessionOf(l)); err != nil {
			return "", sessionError(l.Session, err)
		}
		then = store.Keep
	}
	if then == store.Keep {
		return next, t.exec(count+where, args...)
	}
	return "", t.exec(count+release+where, args...)
}

// unsettled says why no unfinished run of that id was found under a lease.
func (t *tx) unsettled(l store.Lease, run string) error {
	if _, err := t.held(l); err != nil {
		return err
	}
	var outcome string
	err := t.row("select outcome from run where id = ? and session = ?", []any{run, sessionOf(l)}, &outcome)
	if err == nil {
		err = store.ErrSettled
	}
	return runError(run, err)
}

func (s *Store) encode(key store.Key, entries []store.Entry) []byte {
	return encode(entries, func(data []byte) string {
		hash, _ := s.blobs.put(key, data) // written with the batch
		return hash
	})
}

// append writes a batch behind the last entry of a lease's session, and returns the position of the first; ErrFenced if a
// newer epoch exists. The session's row is the caller's to update.
func (t *tx) append(l store.Lease, count int, batch []byte) (first int64, err error) {
	at, changed, err := t.insert("insert or fail into batch select (id << 32) + last + 1, ?, epoch, ? from session where id = ? and epoch = ?",
		count, batch, sessionOf(l), l.Epoch)
	if err != nil {
		return 0, fmt.Errorf("append to session %s: %w", l.Session, err)
	}
	if changed == 0 {
		_, err := t.held(l)
		return 0, err
	}
	return at - place(sessionOf(l), 0), nil
}

// Entries implements store.Store.
func (s *Store) Entries(ctx context.Context, key store.Key, after int64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		id, last, err := s.position(ctx, key)
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		if err := s.read(ctx, id, after, last, yield); err != nil {
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

// read yields the entries after one position up to another.
func (s *Store) read(ctx context.Context, id, after, last int64, yield func(store.Entry, error) bool) error {
	for after = max(after, 0); after < last; {
		page, err := s.page(ctx, id, after, last)
		if err != nil {
			return fmt.Errorf("read the log after %d: %w", after, err)
		}
		if len(page) == 0 {
			return nil // deleted meanwhile
		}
		for _, e := range page {
			if e.Seq <= after {
				continue
			}
			if e.blob != "" {
				if e.Data, err = s.Blob(ctx, e.blob); err != nil {
					return fmt.Errorf("read entry %d: %w", e.Seq, err)
				}
			}
			if !yield(e.Entry, nil) {
				return nil
			}
			after = e.Seq
		}
	}
	return nil
}

// page reads batches from the one with the entry behind a position.
func (s *Store) page(ctx context.Context, id, after, last int64) (page []stored, err error) {
	next := place(id, after+1)
	rows, err := s.readers.QueryContext(ctx, "select place, epoch, data from batch where place <= ? and "+
		"place >= (select max(place) from batch where place <= ?) order by place limit ?", place(id, last), next, pageSize)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var at, epoch int64
		var data []byte
		if err := rows.Scan(&at, &epoch, &data); err != nil {
			return nil, err
		}
		if at>>32 != id {
			return nil, nil // the log is gone: this is another's
		}
		entries, err := decode(data)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			entries[i].Seq, entries[i].Epoch = at-place(id, 0)+int64(i), epoch
		}
		page = append(page, entries...)
	}
	return page, rows.Err()
}

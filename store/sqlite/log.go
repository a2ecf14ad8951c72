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
		r, err := t.held(l)
		if err != nil || len(entries) == 0 {
			return err
		}
		first = r.last + 1
		if err := t.append(r, len(entries), batch); err != nil {
			return err
		}
		return t.exec("update session set last = ?, updated = ? where id = ?", r.last+int64(len(entries)), nanos(s.Now()), r.id)
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
		r, err := t.held(l)
		if err != nil {
			return err
		}
		changed, err := t.change("update run set outcome = ?, result = ?, error = ?, usage = ?, settled = ? "+
			"where id = ? and session = ? and outcome is null",
			string(end.Outcome), text(end.Result), text(end.Error), text(end.Usage), nanos(end.Time), run, r.id)
		if err != nil {
			return runError(run, err)
		}
		if changed == 0 {
			return t.unsettled(run, r.id)
		}
		if len(entries) > 0 {
			settled.First = r.last + 1
			if err := t.append(r, len(entries), batch); err != nil {
				return err
			}
		}
		if then == store.Next && r.waiting > 1 {
			if settled.Next, err = s.start(t, r.id); err != nil {
				return runError(run, err)
			}
		}
		if then != store.Keep && settled.Next == "" {
			r.owner, r.expires = "", 0
		}
		return t.exec("update session set last = ?, updated = ?, waiting = waiting - 1, owner = ?, expires = ? where id = ?",
			r.last+int64(len(entries)), nanos(s.Now()), r.owner, r.expires, r.id)
	})
	if err != nil {
		return store.Settled{}, err
	}
	return settled, nil
}

// unsettled says why no unfinished run of that id was found in a session.
func (t *tx) unsettled(run string, session int64) error {
	var outcome string
	err := t.row("select outcome from run where id = ? and session = ?", []any{run, session}, &outcome)
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

// append writes a batch behind the session's last entry. The session's row is the caller's to update.
func (t *tx) append(r sessionRow, count int, batch []byte) error {
	if err := t.exec("insert into batch values (?, ?, ?, ?)", place(r.id, r.last+1), count, r.epoch, batch); err != nil {
		return fmt.Errorf("append to session %d: %w", r.id, err)
	}
	return nil
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

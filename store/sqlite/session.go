package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/flue-run/flue/store"
)

// sessionColumns has one parameter: now.
const sessionColumns = "agent, session, created, updated, runs, waiting, coalesce((select outcome from run where run.session = session.id " +
	"order by n desc limit 1), ''), last, epoch, iif(owner <> '' and expires > ?, alive, -1)"

// scanSession reads sessionColumns.
func (s *Store) scanSession(scan func(...any) error) (one store.Session, err error) {
	var created, updated, holder int64
	err = scan(&one.Key.Agent, &one.Key.Session, &created, &updated, &one.Runs, &one.Waiting, &one.Outcome, &one.Last, &one.Epoch, &holder)
	one.Created, one.Updated = fromNanos(created), fromNanos(updated)
	one.Leased = holder >= 0 && !s.alive.dead(holder)
	return one, err
}

// sessionError tells of a session, and that a missing row is a missing session.
func sessionError(key store.Key, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	return fmt.Errorf("session %s: %w", key, err)
}

// Session implements store.Store.
func (s *Store) Session(ctx context.Context, key store.Key) (store.Session, error) {
	row := s.readers.QueryRowContext(ctx, "select "+sessionColumns+" from session where agent = ? and session = ?",
		nanos(s.Now()), key.Agent, key.Session)
	found, err := s.scanSession(row.Scan)
	if err != nil {
		return store.Session{}, sessionError(key, err)
	}
	return found, nil
}

// Sessions implements store.Store.
func (s *Store) Sessions(ctx context.Context, q store.SessionQuery) ([]store.Session, error) {
	var w where
	if q.Before.Updated.IsZero() {
		w.and("updated <= ?", math.MaxInt64) // has SQLite read in the index's order, and no further than the limit
	} else {
		w.and("(updated, agent, session) < (?, ?, ?)", nanos(q.Before.Updated), q.Before.Key.Agent, q.Before.Key.Session)
	}
	if q.Agents != nil {
		w.and("+agent in (select value from json_each(?))", list(q.Agents)) // +: not by the index of agents, for the same reason
	}
	rows, err := s.readers.QueryContext(ctx, "select "+sessionColumns+" from session "+w.String()+
		"order by updated desc, agent desc, session desc limit ?", slices.Concat([]any{nanos(s.Now())}, w.args, []any{atMost(q.Limit)})...)
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return collect(rows, s.scanSession)
}

// CreateSession implements store.Store.
func (s *Store) CreateSession(ctx context.Context, key, from store.Key, entries ...store.Entry) error {
	if err := key.Check(); err != nil {
		return fmt.Errorf("create a session: %w", err)
	}
	var large [][]byte
	batch := encode(entries, func(data []byte) string {
		large = append(large, data)
		return hashOf(data)
	})
	return s.write(ctx, key, func(t *tx) error {
		now := nanos(s.Now())
		var r sessionRow
		err := t.row("insert into session (agent, session, created, updated, runs, last) values (?, ?, ?, ?, 0, ?) "+
			"on conflict do nothing returning id", []any{key.Agent, key.Session, now, now, len(entries)}, &r.id)
		if errors.Is(err, sql.ErrNoRows) {
			err = store.ErrExists
		}
		if err != nil {
			return sessionError(key, err)
		}
		err = t.exec("insert into blob_of select ?, blob from blob_of where session = (select id from session where agent = ? and session = ?)",
			r.id, from.Agent, from.Session)
		if err != nil {
			return sessionError(key, err)
		}
		for _, data := range large {
			if err := t.putBlob(r.id, hashOf(data), data); err != nil {
				return sessionError(key, err)
			}
		}
		if len(entries) == 0 {
			return nil
		}
		return t.exec("insert into batch values (?, ?, 0, ?)", place(r.id, 1), len(entries), batch)
	})
}

// DeleteSession implements store.Store.
func (s *Store) DeleteSession(ctx context.Context, key store.Key) error {
	return s.write(ctx, key, func(t *tx) error {
		row, err := t.session(key)
		if err != nil {
			return err
		}
		if s.leased(row) {
			return sessionError(key, store.ErrBusy)
		}
		return t.delete(row.id)
	})
}

// delete deletes a session and what is its alone.
func (t *tx) delete(id int64) error {
	if err := t.exec("delete from batch where place between ? and ?", place(id, 0), place(id+1, 0)-1); err != nil {
		return err
	}
	// Found first, since blobs must not be missing while a session has them.
	if err := t.exec("create temp table if not exists garbage (blob integer primary key)"); err != nil {
		return err
	}
	for _, query := range []string{
		"insert into temp.garbage select blob from blob_of as own where session = ? and not exists (select 1 from blob_of where blob = own.blob and session <> own.session)",
		"delete from session where id = ?",
	} {
		if err := t.exec(query, id); err != nil {
			return err
		}
	}
	if err := t.exec("delete from blob where id in (select blob from temp.garbage)"); err != nil {
		return err
	}
	return t.exec("delete from temp.garbage")
}

// idleAtOnce is how many sessions one transaction of DeleteIdle deletes: others write in between.
const idleAtOnce = 50

// DeleteIdle implements store.Store.
func (s *Store) DeleteIdle(ctx context.Context, before time.Time) (deleted int, err error) {
	for more := true; more; {
		var gone []store.Key
		err := s.write(ctx, store.Key{}, func(t *tx) error {
			for len(gone) < idleAtOnce {
				var id int64
				var key store.Key
				err := t.row("select id, agent, session from session where updated < ? and waiting = 0 and (owner = '' or expires <= ?) limit 1",
					[]any{nanos(before), nanos(s.Now())}, &id, &key.Agent, &key.Session)
				if errors.Is(err, sql.ErrNoRows) {
					break
				}
				if err == nil {
					err = t.delete(id)
				}
				if err != nil {
					return err
				}
				gone = append(gone, key)
			}
			return nil
		})
		if err != nil {
			return deleted, fmt.Errorf("delete idle sessions: %w", err)
		}
		for _, key := range gone {
			s.signals.Wake(key)
		}
		deleted += len(gone)
		more = len(gone) == idleAtOnce
	}
	if deleted == 0 {
		return 0, nil
	}
	return deleted, s.shrink(ctx)
}

// shrink gives free pages of the file back.
func (s *Store) shrink(ctx context.Context) error {
	for more := true; more; {
		err := s.write(ctx, store.Key{}, func(t *tx) error {
			var free int
			if err := t.row("select freelist_count from pragma_freelist_count", nil, &free); err != nil {
				return err
			}
			more = free > vacuumAtOnce
			return t.exec("pragma incremental_vacuum(" + strconv.Itoa(vacuumAtOnce) + ")")
		})
		if err != nil {
			return fmt.Errorf("shrink the store: %w", err)
		}
	}
	// The file itself is shorter when the log has gone into it. Where somebody reads, that is done another time.
	if _, err := s.readers.ExecContext(ctx, "pragma wal_checkpoint(truncate)"); err != nil {
		return fmt.Errorf("shrink the store: %w", err)
	}
	return nil
}

// vacuumAtOnce is how many pages one transaction gives back.
const vacuumAtOnce = 1000

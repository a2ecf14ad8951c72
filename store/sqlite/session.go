package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/flue-run/flue/store"
)

// sessionColumns has one parameter: now.
const sessionColumns = "agent, session, created, updated, runs, last, epoch, owner <> '' and expires > ?"

// scanSession reads sessionColumns.
func scanSession(scan func(...any) error) (s store.Session, err error) {
	var created, updated int64
	err = scan(&s.Key.Agent, &s.Key.Session, &created, &updated, &s.Runs, &s.Last, &s.Epoch, &s.Leased)
	s.Created, s.Updated = fromNanos(created), fromNanos(updated)
	return s, err
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
	found, err := scanSession(row.Scan)
	if err != nil {
		return store.Session{}, sessionError(key, err)
	}
	return found, nil
}

// Sessions implements store.Store.
func (s *Store) Sessions(ctx context.Context, agent string) ([]store.Session, error) {
	rows, err := s.readers.QueryContext(ctx, "select "+sessionColumns+" from session where ? in ('', agent) "+
		"order by updated desc, id desc", nanos(s.Now()), agent)
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return collect(rows, scanSession)
}

// CreateSession implements store.Store.
func (s *Store) CreateSession(ctx context.Context, key store.Key, entries ...store.Entry) error {
	if err := key.Check(); err != nil {
		return fmt.Errorf("create a session: %w", err)
	}
	rows := s.rows(entries)
	return s.write(ctx, key, func(t *tx) error {
		now := nanos(s.Now())
		var r sessionRow
		err := t.row("insert into session (agent, session, created, updated, runs) values (?, ?, ?, ?, 0) "+
			"on conflict do nothing returning id", []any{key.Agent, key.Session, now, now}, &r.id)
		if errors.Is(err, sql.ErrNoRows) {
			err = store.ErrExists
		}
		if err != nil {
			return sessionError(key, err)
		}
		_, err = s.append(t, r, rows)
		return err
	})
}

// DeleteSession implements store.Store.
func (s *Store) DeleteSession(ctx context.Context, key store.Key) error {
	return s.write(ctx, key, func(t *tx) error {
		row, err := t.session(key)
		if err != nil {
			return err
		}
		if row.leased(s.Now()) {
			return sessionError(key, store.ErrBusy)
		}
		return t.exec("delete from session where id = ?", row.id)
	})
}

// collect reads all rows and closes them.
func collect[T any](rows *sql.Rows, scan func(func(...any) error) (T, error)) (all []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

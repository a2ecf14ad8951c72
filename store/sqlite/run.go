package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/flue-run/flue/store"
)

const selectRun = "select run.id, run.agent, session.session, payload, trigger, coalesce(key, ''), admitted, abort, " +
	"coalesce(outcome, ''), result, error, usage, settled from run join session on session.id = run.session "

// scanRun reads what selectRun selects.
func scanRun(scan func(...any) error) (r store.Run, err error) {
	var (
		end               store.Settlement
		admitted, settled int64
	)
	err = scan(&r.ID, &r.Session.Agent, &r.Session.Session, (*[]byte)(&r.Payload), (*[]byte)(&r.Trigger),
		&r.IdempotencyKey, &admitted, &r.AbortRequested,
		&end.Outcome, (*[]byte)(&end.Result), (*[]byte)(&end.Error), (*[]byte)(&end.Usage), &settled)
	r.Admitted = fromNanos(admitted)
	if end.Outcome != "" {
		end.Time = fromNanos(settled)
		r.Settlement = &end
	}
	return r, err
}

// runError tells of a run, and that a missing row is a missing run.
func runError(id string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	return fmt.Errorf("run %s: %w", id, err)
}

// Admit implements store.Store.
func (s *Store) Admit(ctx context.Context, a store.Admission) (store.Run, bool, error) {
	if err := a.Check(); err != nil {
		return store.Run{}, false, err
	}
	if a.Time.IsZero() {
		a.Time = s.Now()
	}
	id, fresh := a.Run, true
	err := s.write(ctx, a.Session, func(t *tx) error {
		var err error
		id, fresh, err = s.admit(t, a)
		return err
	})
	if err != nil {
		return store.Run{}, false, err
	}
	if !fresh {
		run, err := s.RunByID(ctx, id)
		return run, false, err
	}
	return store.Run{
		ID: a.Run, Session: a.Session, Payload: a.Payload, Trigger: a.Trigger, IdempotencyKey: a.IdempotencyKey,
		Admitted: fromNanos(nanos(a.Time)),
	}, true, nil
}

func (s *Store) admit(t *tx, a store.Admission) (id string, fresh bool, err error) {
	var key any
	if a.IdempotencyKey != "" {
		key = a.IdempotencyKey
		var fingerprint string
		err := t.row("select id, fingerprint from run where agent = ? and key = ?",
			[]any{a.Session.Agent, a.IdempotencyKey}, &id, &fingerprint)
		switch {
		case err == nil && fingerprint != a.Fingerprint:
			return "", false, runError(id, store.ErrConflict)
		case err == nil:
			return id, false, nil
		case !errors.Is(err, sql.ErrNoRows):
			return "", false, runError(a.Run, err)
		}
	}
	var count int
	if err := t.row("select count(*) from run where id = ?", []any{a.Run}, &count); err != nil {
		return "", false, runError(a.Run, err)
	}
	if count > 0 {
		return "", false, runError(a.Run, errors.New("a run with this id exists"))
	}
	var session int64
	now := nanos(s.Now())
	err = t.row("insert into session (agent, session, created, updated, runs) values (?, ?, ?, ?, 1) "+
		"on conflict do update set updated = excluded.updated, runs = runs + 1 returning id",
		[]any{a.Session.Agent, a.Session.Session, now, now}, &session)
	if err != nil {
		return "", false, sessionError(a.Session, err)
	}
	err = t.exec("insert into run (id, session, agent, payload, trigger, key, fingerprint, admitted) "+
		"values (?, ?, ?, ?, ?, ?, ?, ?)",
		a.Run, session, a.Session.Agent, text(a.Payload), text(a.Trigger), key, a.Fingerprint, nanos(a.Time))
	if err != nil {
		return "", false, runError(a.Run, err)
	}
	return a.Run, true, nil
}

// Abort implements store.Store.
func (s *Store) Abort(ctx context.Context, run string) error {
	return s.write(ctx, store.Key{}, func(t *tx) error {
		var settled bool
		if err := t.row("select outcome is not null from run where id = ?", []any{run}, &settled); err != nil {
			return runError(run, err)
		}
		if settled {
			return runError(run, store.ErrSettled)
		}
		return t.exec("update run set abort = 1 where id = ?", run)
	})
}

// RunByID implements store.Store.
func (s *Store) RunByID(ctx context.Context, run string) (store.Run, error) {
	found, err := scanRun(s.readers.QueryRowContext(ctx, selectRun+"where run.id = ?", run).Scan)
	if err != nil {
		return store.Run{}, runError(run, err)
	}
	return found, nil
}

// Unfinished implements store.Store.
func (s *Store) Unfinished(ctx context.Context) ([]store.Run, error) {
	rows, err := s.readers.QueryContext(ctx, selectRun+"where outcome is null and (abort or owner = '' or expires <= ?) order by n", nanos(s.Now()))
	if err != nil {
		return nil, fmt.Errorf("list the unfinished runs: %w", err)
	}
	return collect(rows, scanRun)
}

// Runs implements store.Store.
func (s *Store) Runs(ctx context.Context, key store.Key) ([]store.Run, error) {
	query, args := selectRun+"order by n desc", []any(nil)
	if key != (store.Key{}) {
		if _, err := s.Session(ctx, key); err != nil {
			return nil, err
		}
		query = selectRun + "where session.agent = ? and session.session = ? order by n"
		args = []any{key.Agent, key.Session}
	}
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	return collect(rows, scanRun)
}

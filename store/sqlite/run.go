package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/store"
)

const selectRun = "select run.id, run.agent, session.session, payload, trigger, parent, coalesce(key, ''), admitted, started, abort, " +
	"coalesce(outcome, ''), result, error, usage, settled from run join session on session.id = run.session "

// scanRun reads what selectRun selects.
func scanRun(scan func(...any) error) (r store.Run, err error) {
	var (
		end                        store.Settlement
		admitted, started, settled int64
	)
	err = scan(&r.ID, &r.Session.Agent, &r.Session.Session, (*[]byte)(&r.Payload), (*[]byte)(&r.Trigger),
		&r.Parent, &r.IdempotencyKey, &admitted, &started, &r.AbortRequested,
		&end.Outcome, (*[]byte)(&end.Result), (*[]byte)(&end.Error), (*[]byte)(&end.Usage), &settled)
	r.Admitted, r.Started = fromNanos(admitted), fromNanos(started)
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
func (s *Store) Admit(ctx context.Context, a store.Admission) (store.Admitted, error) {
	if err := a.Check(); err != nil {
		return store.Admitted{}, err
	}
	if a.Time.IsZero() {
		a.Time = s.Now()
	}
	var first string // that the key was used for
	admitted := store.Admitted{Fresh: true, Run: store.Run{
		ID: a.Run, Session: a.Session, Payload: a.Payload, Trigger: a.Trigger, Parent: a.Parent, IdempotencyKey: a.IdempotencyKey,
		Admitted: fromNanos(nanos(a.Time)),
	}}
	err := s.write(ctx, a.Session, func(t *tx) (err error) {
		if first, err = t.known(a); err != nil || first != "" {
			return err
		}
		admitted.Lease, admitted.Run.Started, err = s.admit(t, a)
		return err
	})
	if err != nil {
		return store.Admitted{}, err
	}
	if first != "" {
		run, err := s.RunByID(ctx, first)
		return store.Admitted{Run: run}, err
	}
	return admitted, nil
}

// known is the run that was accepted with the admission's key, "" if there is none. ErrConflict: with another payload.
func (t *tx) known(a store.Admission) (id string, err error) {
	if a.IdempotencyKey != "" {
		var fingerprint string
		err := t.row("select id, fingerprint from run where agent = ? and key = ?",
			[]any{a.Session.Agent, a.IdempotencyKey}, &id, &fingerprint)
		switch {
		case err == nil && fingerprint != a.Fingerprint:
			return "", runError(id, store.ErrConflict)
		case err == nil:
			return id, nil
		case !errors.Is(err, sql.ErrNoRows):
			return "", runError(a.Run, err)
		}
	}
	return "", nil
}

// admit writes a new run, and leases its session for it if that is wanted and it is free.
func (s *Store) admit(t *tx, a store.Admission) (lease *store.Lease, started time.Time, err error) {
	now := s.Now()
	r, lease, err := s.enter(t, a, now)
	if err == nil && lease == nil && a.Owner != "" && r.waiting == 1 && !s.leased(r) {
		var l store.Lease
		l, err = s.claim(t, r, a.Session, a.Owner, a.TTL)
		lease = &l
	}
	if err != nil {
		return nil, started, sessionError(a.Session, err)
	}
	if lease != nil {
		lease.Run, started = a.Run, fromNanos(nanos(now))
	}
	var key any
	if a.IdempotencyKey != "" {
		key = a.IdempotencyKey
	}
	err = t.exec("insert into run (id, session, agent, payload, trigger, parent, key, fingerprint, admitted, started) "+
		"values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", a.Run, r.id, a.Session.Agent, text(a.Payload), text(a.Trigger), a.Parent, key,
		a.Fingerprint, nanos(a.Time), nanos(started))
	if err != nil {
		return nil, started, runError(a.Run, err)
	}
	return lease, started, nil
}

// enter counts a run in its session, which is made, and leased if that is wanted, if it is not there.
func (s *Store) enter(t *tx, a store.Admission, now time.Time) (r sessionRow, lease *store.Lease, err error) {
	var expires, alive int64
	if a.Owner != "" {
		expires, alive = nanos(now.Add(a.TTL)), s.alive.own
	}
	id, made, err := t.insert("insert or ignore into session (agent, session, created, updated, runs, waiting, owner, expires, alive, epoch) "+
		"select ?, ?, ?, ?, 1, 1, ?, ?, ?, iif(?, ((select coalesce(max(seq), 0) + 1 from sqlite_sequence where name = 'session') << 32) + 1, 0) "+
		"where not exists (select 1 from run where id = ?)",
		a.Session.Agent, a.Session.Session, nanos(now), nanos(now), a.Owner, expires, alive, a.Owner != "", a.Run)
	if err != nil {
		return r, nil, err
	}
	if made == 1 {
		r.id = id
		if a.Owner != "" {
			lease = &store.Lease{Session: a.Session, Owner: a.Owner, Epoch: r.next(), Expires: now.Add(a.TTL)}
		}
		return r, lease, nil
	}
	err = t.row("update session set updated = ?, runs = runs + 1, waiting = waiting + 1 where agent = ? and session = ? and "+
		"not exists (select 1 from run where id = ?) returning "+sessionRowColumns,
		[]any{nanos(now), a.Session.Agent, a.Session.Session, a.Run}, r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("a run with the id %s exists", a.Run)
	}
	return r, nil, err
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

// waiting reads the index of the runs without an outcome, and not all that there ever were: nodes ask each second.
const waiting = "from run indexed by run_queue join session on session.id = run.session where outcome is null and "

// unfinished has two parameters: now, and a JSON list of who is gone.
const unfinished = "where run.n in (select n " + waiting +
	"(abort or owner = '' or expires <= ? or alive in (select value from json_each(?)))) order by n"

// Unfinished implements store.Store.
func (s *Store) Unfinished(ctx context.Context) ([]store.Run, error) {
	gone, err := s.gone(ctx)
	if err != nil {
		return nil, fmt.Errorf("look who holds the unfinished runs: %w", err)
	}
	rows, err := s.readers.QueryContext(ctx, selectRun+unfinished, nanos(s.Now()), gone)
	if err != nil {
		return nil, fmt.Errorf("list the unfinished runs: %w", err)
	}
	return collect(rows, scanRun)
}

// gone lists the bytes of processes that hold unfinished runs and do not live any more.
func (s *Store) gone(ctx context.Context) (string, error) {
	rows, err := s.readers.QueryContext(ctx, "select distinct alive "+waiting+"owner <> '' and alive not in (0, ?)", s.alive.own)
	if err != nil {
		return "", err
	}
	holders, err := collect(rows, func(scan func(...any) error) (holder int64, err error) {
		err = scan(&holder)
		return holder, err
	})
	if err != nil {
		return "", err
	}
	gone := []int64{}
	for _, holder := range holders {
		if s.alive.dead(holder) {
			gone = append(gone, holder)
		}
	}
	list, err := json.Marshal(gone)
	return string(list), err
}

// Runs implements store.Store.
func (s *Store) Runs(ctx context.Context, q store.RunQuery) ([]store.Run, error) {
	var w where
	if q.Agents != nil {
		w.and("run.agent in (select value from json_each(?))", list(q.Agents))
	}
	if q.Session != (store.Key{}) {
		w.and("run.session = (select id from session where agent = ? and session = ?)", q.Session.Agent, q.Session.Session)
	}
	if q.Unfinished {
		w.and("n in (select n from run indexed by run_queue where outcome is null)")
	}
	if q.Before != "" {
		var n int64
		if err := s.readers.QueryRowContext(ctx, "select n from run where id = ?", q.Before).Scan(&n); err != nil {
			return nil, runError(q.Before, err)
		}
		w.and("n < ?", n)
	}
	rows, err := s.readers.QueryContext(ctx, selectRun+w.String()+"order by n desc limit ?", append(w.args, atMost(q.Limit))...)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	return collect(rows, scanRun)
}

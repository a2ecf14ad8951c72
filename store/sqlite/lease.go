package sqlite

import (
	"context"
	"time"

	"github.com/flue-run/flue/store"
)

// sessionRow is what a write has to know of its session.
type sessionRow struct {
	id, last, waiting, epoch, expires, alive int64
	owner                                    string
}

const sessionRowColumns = "id, last, waiting, epoch, expires, alive, owner"

// columns is where sessionRowColumns go.
func (r *sessionRow) columns() []any {
	return []any{&r.id, &r.last, &r.waiting, &r.epoch, &r.expires, &r.alive, &r.owner}
}

// leased says whether somebody holds the session, and may live.
func (s *Store) leased(r sessionRow) bool {
	return r.owner != "" && r.expires > nanos(s.Now()) && !s.alive.dead(r.alive)
}

// session finds a session; ErrNotFound.
func (t *tx) session(key store.Key) (r sessionRow, err error) {
	err = t.row("select "+sessionRowColumns+" from session where agent = ? and session = ?", []any{key.Agent, key.Session}, r.columns()...)
	if err != nil {
		return r, sessionError(key, err)
	}
	return r, nil
}

// held finds the lease's session; ErrFenced if a newer epoch exists.
func (t *tx) held(l store.Lease) (sessionRow, error) {
	r, err := t.session(l.Session)
	if err == nil && r.epoch != l.Epoch {
		err = sessionError(l.Session, store.ErrFenced)
	}
	return r, err
}

// sessionOf is the id of a lease's session: epochs begin with it.
func sessionOf(l store.Lease) int64 { return l.Epoch >> 32 }

// next is the epoch of the session's next lease.
func (r sessionRow) next() int64 { return max(r.epoch, r.id<<32) + 1 }

// Claim implements store.Store.
func (s *Store) Claim(ctx context.Context, key store.Key, owner string, ttl time.Duration) (store.Lease, error) {
	var l store.Lease
	err := s.write(ctx, store.Key{}, func(t *tx) error {
		r, err := t.session(key)
		if err != nil {
			return err
		}
		if r.owner != owner && s.leased(r) {
			return sessionError(key, store.ErrBusy)
		}
		if l, err = s.claim(t, r, key, owner, ttl); err != nil || r.waiting == 0 {
			return err
		}
		l.Run, err = s.start(t, r.id)
		return err
	})
	if err != nil {
		return store.Lease{}, err
	}
	return l, nil
}

// claim leases a session.
func (s *Store) claim(t *tx, r sessionRow, key store.Key, owner string, ttl time.Duration) (store.Lease, error) {
	l := store.Lease{Session: key, Owner: owner, Epoch: r.next(), Expires: s.Now().Add(ttl), Last: r.last}
	return l, t.exec("update session set owner = ?, expires = ?, alive = ?, epoch = ? where id = ?", owner, nanos(l.Expires), s.alive.own, l.Epoch, r.id)
}

// start starts the head of a session's queue, if it has not started yet.
func (s *Store) start(t *tx, session int64) (run string, err error) {
	var n, started int64
	err = t.row("select n, id, started from run where session = ? and outcome is null order by n limit 1", []any{session}, &n, &run, &started)
	if err == nil && started == 0 {
		err = t.exec("update run set started = ? where n = ?", nanos(s.Now()), n)
	}
	return run, err
}

// Renew implements store.Store.
func (s *Store) Renew(ctx context.Context, l store.Lease, ttl time.Duration) error {
	return s.write(ctx, store.Key{}, func(t *tx) error {
		r, err := t.held(l)
		if err != nil {
			return err
		}
		if r.owner != l.Owner {
			return sessionError(l.Session, store.ErrFenced) // given back
		}
		return t.exec("update session set expires = ? where id = ?", nanos(s.Now().Add(ttl)), r.id)
	})
}

// Release implements store.Store.
func (s *Store) Release(ctx context.Context, l store.Lease) error {
	return s.write(ctx, store.Key{}, func(t *tx) error {
		return t.exec("update session set owner = '', expires = 0 where agent = ? and session = ? and epoch = ?",
			l.Session.Agent, l.Session.Session, l.Epoch)
	})
}

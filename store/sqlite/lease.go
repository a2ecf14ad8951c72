package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/flue-run/flue/store"
)

// sessionRow is what a write has to know of its session.
type sessionRow struct {
	id, last, epoch, expires int64
	owner                    string
}

func (r sessionRow) leased(now time.Time) bool { return r.owner != "" && r.expires > nanos(now) }

// session finds a session; ErrNotFound.
func (t *tx) session(key store.Key) (r sessionRow, err error) {
	err = t.row("select id, last, epoch, expires, owner from session where agent = ? and session = ?",
		[]any{key.Agent, key.Session}, &r.id, &r.last, &r.epoch, &r.expires, &r.owner)
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

// Claim implements store.Store.
func (s *Store) Claim(ctx context.Context, key store.Key, owner string, ttl time.Duration) (store.Lease, error) {
	l := store.Lease{Session: key, Owner: owner}
	err := s.write(ctx, store.Key{}, func(t *tx) error {
		r, err := t.session(key)
		if err != nil {
			return err
		}
		now := s.Now()
		if r.owner != owner && r.leased(now) {
			return sessionError(key, store.ErrBusy)
		}
		if err := t.row("update meta set epoch = epoch + 1 returning epoch", nil, &l.Epoch); err != nil {
			return err
		}
		l.Expires = now.Add(ttl)
		err = t.exec("update session set owner = ?, expires = ?, epoch = ? where id = ?", owner, nanos(l.Expires), l.Epoch, r.id)
		if err != nil {
			return err
		}
		err = t.row("select id from run where session = ? and outcome is null order by n limit 1", []any{r.id}, &l.Run)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return store.Lease{}, err
	}
	return l, nil
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

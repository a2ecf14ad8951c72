package memory

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/flue-run/flue/store"
)

type run struct {
	store.Run
	fingerprint string
}

// Admit implements store.Store.
func (s *Store) Admit(ctx context.Context, a store.Admission) (store.Admitted, error) {
	if err := a.Check(); err != nil {
		return store.Admitted{}, err
	}
	if err := s.lock(ctx); err != nil {
		return store.Admitted{}, err
	}
	defer s.mu.Unlock()
	key := idempotencyKey{a.Session.Agent, a.IdempotencyKey}
	if first := s.keys[key]; first != nil && a.IdempotencyKey != "" {
		if first.fingerprint != a.Fingerprint {
			return store.Admitted{}, fmt.Errorf("run %s: %w", first.ID, store.ErrConflict)
		}
		return store.Admitted{Run: copyRun(first)}, nil
	}
	if s.runs[a.Run] != nil {
		return store.Admitted{}, fmt.Errorf("run %s: %w", a.Run, errors.New("a run with this id exists"))
	}
	now := s.now()
	if a.Time.IsZero() {
		a.Time = now
	}
	in := s.sessions[a.Session]
	if in == nil {
		in = s.create(a.Session, now)
	}
	in.Runs++
	in.Updated = now
	r := &run{fingerprint: a.Fingerprint, Run: store.Run{
		ID: a.Run, Session: a.Session, Payload: bytes.Clone(a.Payload), Trigger: bytes.Clone(a.Trigger), Parent: a.Parent,
		IdempotencyKey: a.IdempotencyKey, Admitted: a.Time.UTC().Round(0),
	}}
	s.runs[a.Run] = r
	s.admitted = append(s.admitted, r)
	in.queue, in.latest = append(in.queue, r), r
	if a.IdempotencyKey != "" {
		s.keys[key] = r
	}
	s.signals.Wake(a.Session)
	admitted := store.Admitted{Fresh: true}
	if a.Owner != "" && in.queue[0] == r && !in.leased(now) {
		l := s.claim(in, a.Owner, a.TTL)
		admitted.Lease = &l
	}
	admitted.Run = copyRun(r)
	return admitted, nil
}

// Abort implements store.Store.
func (s *Store) Abort(ctx context.Context, id string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	r := s.runs[id]
	switch {
	case r == nil:
		return fmt.Errorf("run %s: %w", id, store.ErrNotFound)
	case r.Settlement != nil:
		return fmt.Errorf("run %s: %w", id, store.ErrSettled)
	}
	r.AbortRequested = true
	return nil
}

// Unfinished implements store.Store.
func (s *Store) Unfinished(ctx context.Context) ([]store.Run, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var all []store.Run
	now := s.Now()
	for _, r := range s.admitted {
		if r.Settlement == nil && (r.AbortRequested || !s.sessions[r.Session].leased(now)) {
			all = append(all, copyRun(r))
		}
	}
	return all, nil
}

// RunByID implements store.Store.
func (s *Store) RunByID(ctx context.Context, id string) (store.Run, error) {
	if err := s.lock(ctx); err != nil {
		return store.Run{}, err
	}
	defer s.mu.Unlock()
	r := s.runs[id]
	if r == nil {
		return store.Run{}, fmt.Errorf("run %s: %w", id, store.ErrNotFound)
	}
	return copyRun(r), nil
}

// copyRun gives the caller bytes of its own.
func copyRun(r *run) store.Run {
	c := r.Run
	c.Payload, c.Trigger = bytes.Clone(c.Payload), bytes.Clone(c.Trigger)
	if c.Settlement != nil {
		c.Settlement = copySettlement(*c.Settlement)
	}
	return c
}

func copySettlement(end store.Settlement) *store.Settlement {
	end.Result, end.Error, end.Usage = bytes.Clone(end.Result), bytes.Clone(end.Error), bytes.Clone(end.Usage)
	end.Time = end.Time.UTC().Round(0)
	return &end
}

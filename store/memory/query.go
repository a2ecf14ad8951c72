package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/flue-run/flue/store"
)

// Sessions implements store.Store.
func (s *Store) Sessions(ctx context.Context, q store.SessionQuery) ([]store.Session, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []*session
	for _, one := range s.sessions {
		if q.Agents != nil && !slices.Contains(q.Agents, one.Key.Agent) {
			continue
		}
		if q.Before.Updated.IsZero() || order(one.Mark(), q.Before) < 0 {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b *session) int { return order(b.Mark(), a.Mark()) })
	if q.Limit > 0 {
		found = found[:min(len(found), q.Limit)]
	}
	var all []store.Session
	for _, one := range found {
		all = append(all, one.seen(s.Now()))
	}
	return all, nil
}

// order is that of sessions by their last use; of the same instant, by key.
func order(a, b store.Mark) int {
	return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.Key.Agent, b.Key.Agent), cmp.Compare(a.Key.Session, b.Key.Session))
}

// Runs implements store.Store.
func (s *Store) Runs(ctx context.Context, q store.RunQuery) ([]store.Run, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	older := s.admitted
	if q.Before != "" {
		at := slices.IndexFunc(older, func(r *run) bool { return r.ID == q.Before })
		if at < 0 {
			return nil, fmt.Errorf("run %s: %w", q.Before, store.ErrNotFound)
		}
		older = older[:at]
	}
	var all []store.Run
	for _, r := range slices.Backward(older) {
		switch {
		case q.Agents != nil && !slices.Contains(q.Agents, r.Session.Agent):
		case q.Session != (store.Key{}) && r.Session != q.Session:
		case q.Unfinished && r.Settlement != nil:
		default:
			all = append(all, copyRun(r))
		}
		if q.Limit > 0 && len(all) == q.Limit {
			break
		}
	}
	return all, nil
}

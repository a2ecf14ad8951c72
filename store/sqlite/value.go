package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/flue-run/flue/store"
)

// Value implements store.Store.
func (s *Store) Value(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := s.readers.QueryRowContext(ctx, "select data from value where key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("value %.80q: %w", key, err)
	}
	return append([]byte{}, value...), nil // an empty one is not nil
}

// SetValue implements store.Store.
func (s *Store) SetValue(ctx context.Context, key string, value []byte) error {
	return s.write(ctx, store.Key{}, func(t *tx) error {
		return t.exec("insert into value values (?, ?) on conflict do update set data = excluded.data", key, append([]byte{}, value...))
	})
}

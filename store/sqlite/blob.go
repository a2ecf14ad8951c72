package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/flue-run/flue/store"
)

// maxUnwritten is how many bytes of blobs wait in memory for the next write.
const maxUnwritten = 8 << 20

// unwritten are blobs that no transaction has taken yet. Each goes into the next one, before what refers to it: so a turn's
// files cost no sync of their own, and a crash loses only blobs that nothing names.
type unwritten struct {
	mu   sync.Mutex
	data map[string][]byte
	size int
}

// put adds a blob; full says that it is time to write.
func (u *unwritten) put(data []byte) (hash string, full bool) {
	sum := sha256.Sum256(data)
	hash = hex.EncodeToString(sum[:])
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, there := u.data[hash]; !there {
		if u.data == nil {
			u.data = map[string][]byte{}
		}
		u.data[hash] = append([]byte{}, data...) // not nil, which would be NULL
		u.size += len(data)
	}
	return hash, u.size > maxUnwritten
}

func (u *unwritten) get(hash string) ([]byte, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	data, ok := u.data[hash]
	return data, ok
}

func (u *unwritten) any() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.data) > 0
}

// insert writes all blobs and returns them, for written to forget once they are committed.
func (u *unwritten) insert(t *tx) (map[string][]byte, error) {
	u.mu.Lock()
	blobs := maps.Clone(u.data)
	u.mu.Unlock()
	for hash, data := range blobs {
		if err := t.exec("insert into blob values (?, ?) on conflict do nothing", hash, data); err != nil {
			return nil, err
		}
	}
	return blobs, nil
}

func (u *unwritten) written(blobs map[string][]byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for hash, data := range blobs {
		delete(u.data, hash)
		u.size -= len(data)
	}
}

// PutBlob implements store.Store.
func (s *Store) PutBlob(ctx context.Context, data []byte) (string, error) {
	select {
	case <-s.closing:
		return "", store.ErrClosed
	default:
	}
	hash, full := s.blobs.put(data)
	if !full {
		return hash, nil
	}
	return hash, s.write(ctx, store.Key{}, func(*tx) error { return nil })
}

// Blob implements store.Store.
func (s *Store) Blob(ctx context.Context, hash string) ([]byte, error) {
	if data, ok := s.blobs.get(hash); ok {
		return bytes.Clone(data), nil
	}
	var data []byte
	err := s.readers.QueryRowContext(ctx, "select data from blob where hash = ?", hash).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("blob %.80s: %w", hash, err)
	}
	if data == nil {
		data = []byte{} // how an empty one is told from none
	}
	return data, nil
}

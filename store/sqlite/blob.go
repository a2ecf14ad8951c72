package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/flue-run/flue/store"
)

// maxUnwritten is how many bytes of blobs wait in memory for the next write.
const maxUnwritten = 8 << 20

// unwritten are blobs that no transaction has taken yet. Each goes into the next one, before what refers to it: so a turn's
// files cost no sync of their own, and a crash loses only blobs that nothing names.
type unwritten struct {
	mu    sync.Mutex
	blobs map[string]*newBlob // by hash
	size  int
}

// newBlob is a blob and the sessions that have put it.
type newBlob struct {
	data []byte
	of   map[store.Key]bool
}

// put adds a blob; full says that it is time to write.
func (u *unwritten) put(key store.Key, data []byte) (hash string, full bool) {
	hash = hashOf(data)
	u.mu.Lock()
	defer u.mu.Unlock()
	b := u.blobs[hash]
	if b == nil {
		if u.blobs == nil {
			u.blobs = map[string]*newBlob{}
		}
		b = &newBlob{append([]byte{}, data...), map[store.Key]bool{}} // not nil, which would be NULL
		u.blobs[hash] = b
		u.size += len(data)
	}
	b.of[key] = true
	return hash, u.size > maxUnwritten
}

func (u *unwritten) get(hash string) ([]byte, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if b := u.blobs[hash]; b != nil {
		return b.data, true
	}
	return nil, false
}

func (u *unwritten) any() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.blobs) > 0
}

// owned is a blob of a session.
type owned struct {
	hash string
	of   store.Key
}

// insert writes all blobs and returns them, for written to forget once they are committed. What a session has put that is
// gone by now is nobody's.
func (u *unwritten) insert(t *tx) (done []owned, err error) {
	u.mu.Lock()
	todo := map[owned][]byte{}
	for hash, b := range u.blobs {
		for key := range b.of {
			todo[owned{hash, key}] = b.data
		}
	}
	u.mu.Unlock()
	for o, data := range todo {
		done = append(done, o)
		r, err := t.session(o.of)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := t.putBlob(r.id, o.hash, data); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// putBlob writes a blob of a session.
func (t *tx) putBlob(session int64, hash string, data []byte) error {
	if err := t.exec("insert into blob (hash, data) values (?, ?) on conflict do nothing", hash, data); err != nil {
		return err
	}
	return t.exec("insert into blob_of select ?, id from blob where hash = ? on conflict do nothing", session, hash)
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (u *unwritten) written(done []owned) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, o := range done {
		b := u.blobs[o.hash]
		delete(b.of, o.of)
		if len(b.of) == 0 {
			delete(u.blobs, o.hash)
			u.size -= len(b.data)
		}
	}
}

// PutBlob implements store.Store.
func (s *Store) PutBlob(ctx context.Context, key store.Key, data []byte) (string, error) {
	select {
	case <-s.closing:
		return "", store.ErrClosed
	default:
	}
	hash, full := s.blobs.put(key, data)
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

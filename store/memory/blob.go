package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/flue-run/flue/store"
)

// blob is kept as long as a session has it.
type blob struct {
	data     []byte
	sessions int
}

// PutBlob implements store.Store.
func (s *Store) PutBlob(ctx context.Context, key store.Key, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	if err := s.lock(ctx); err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	in, err := s.session(key)
	if err != nil {
		return "", err
	}
	if s.blobs[hash] == nil {
		s.blobs[hash] = &blob{data: append([]byte{}, data...)}
	}
	s.keep(in, hash)
	return hash, nil
}

// keep notes that a session has a blob; the caller holds the lock.
func (s *Store) keep(in *session, hash string) {
	if !in.blobs[hash] {
		in.blobs[hash] = true
		s.blobs[hash].sessions++
	}
}

// Blob implements store.Store.
func (s *Store) Blob(ctx context.Context, hash string) ([]byte, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	found := s.blobs[hash]
	if found == nil {
		return nil, fmt.Errorf("blob %.80s: %w", hash, store.ErrNotFound)
	}
	return bytes.Clone(found.data), nil
}

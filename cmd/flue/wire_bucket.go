package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/flue-run/flue/sandbox/bucket"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/spec"
)

// buckets are those that were opened: sessions that mount the same one share what was read.
type buckets struct {
	mu   sync.Mutex
	open map[string]bucket.Bucket
}

// mountBucket mounts number i of a sandbox's mounts, a bucket.
func (w *wiring) mountBucket(ctx context.Context, s *spec.Sandbox, i int, cfg *virtual.Config) error {
	m := s.Mounts[i]
	config := bucket.Config{Source: m.Source, PathStyle: s.PathStyle, MaxFile: int64(s.Limits.Files)}
	for _, field := range []struct {
		name, text string
		value      *string
	}{
		{"endpoint", s.Endpoint, &config.Endpoint},
		{"region", s.Region, &config.Region},
		{"access_key", s.AccessKey, &config.AccessKey},
		{"secret_key", s.SecretKey, &config.SecretKey},
	} {
		value, err := w.privileged(field.text)
		if err == nil && value == "" && field.text != "" {
			err = errors.New("the value is empty")
		}
		if err != nil {
			return fmt.Errorf("%s%s: %w", place(s, "/"+field.name), field.name, err)
		}
		*field.value = value
	}
	source, err := w.bucket(ctx, config)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Source, err)
	}
	cfg.Mounts = append(cfg.Mounts, virtual.Mount{Path: m.Path, Source: source, Mode: mountModes[m.Mode]})
	return nil
}

// bucket opens a bucket, or finds it open.
func (w *wiring) bucket(ctx context.Context, config bucket.Config) (bucket.Bucket, error) {
	style := ""
	if config.PathStyle != nil {
		style = fmt.Sprint(*config.PathStyle)
	}
	key := fmt.Sprintf("%q", []string{config.Source, config.Endpoint, config.Region, config.AccessKey, config.SecretKey, style, fmt.Sprint(config.MaxFile)})
	w.buckets.mu.Lock()
	opened, ok := w.buckets.open[key]
	w.buckets.mu.Unlock()
	if ok {
		return opened, nil
	}
	opened, err := bucket.Open(ctx, config)
	if err != nil {
		return opened, err
	}
	w.buckets.mu.Lock()
	defer w.buckets.mu.Unlock()
	w.buckets.open[key] = opened
	return opened, nil
}

// place is where something of a sandbox stands, as "file:line:col: ", or "" for one that is written in an agent.
func place(s *spec.Sandbox, pointer string) string {
	if s.Doc == nil {
		return ""
	}
	return s.Doc.At(pointer).String() + ": "
}

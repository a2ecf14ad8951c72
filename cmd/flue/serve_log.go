package main

import (
	"io"
	"log/slog"
	"sync"
	"time"
)

// A line of the log waits for so long, or until there are so many bytes: a busy server writes many at once.
const (
	logDelay = 20 * time.Millisecond
	logBytes = 16 << 10
)

// newLog is a log in a format, and the end of it, which writes what waits still.
func newLog(w io.Writer, format string) (log *slog.Logger, end func()) {
	b := &logBuffer{to: w}
	b.due = time.AfterFunc(logDelay, b.flush)
	if format == "json" {
		return slog.New(slog.NewJSONHandler(b, nil)), b.flush
	}
	return slog.New(slog.NewTextHandler(b, nil)), b.flush
}

// logBuffer is lines that were not written yet.
type logBuffer struct {
	to    io.Writer
	due   *time.Timer
	mu    sync.Mutex
	lines []byte
}

// Write keeps a line. What goes wrong when it is written nobody can be told.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines) == 0 {
		b.due.Reset(logDelay)
	}
	if b.lines = append(b.lines, line...); len(b.lines) >= logBytes {
		b.write()
	}
	return len(line), nil
}

func (b *logBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write()
}

// write writes all lines; the caller holds the lock.
func (b *logBuffer) write() {
	if len(b.lines) > 0 {
		_, _ = b.to.Write(b.lines)
		b.lines = b.lines[:0]
	}
}

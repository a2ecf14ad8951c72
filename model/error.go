package model

import (
	"fmt"
	"time"
)

// ErrorKind is what a caller decides by.
type ErrorKind string

// The kinds of Error.
const (
	ErrNoKey      ErrorKind = "no_key"     // nothing was sent
	ErrAuth       ErrorKind = "auth"       // 401, 403
	ErrInvalid    ErrorKind = "invalid"    // 400, 404, 422: the request itself is wrong
	ErrOverflow   ErrorKind = "overflow"   // the context is longer than the model's window
	ErrRateLimit  ErrorKind = "rate_limit" // 429
	ErrOverloaded ErrorKind = "overloaded" // 503, 529
	ErrServer     ErrorKind = "server"     // other 5xx
	ErrTimeout    ErrorKind = "timeout"    // no first byte, or a stream that fell silent
	ErrNetwork    ErrorKind = "network"    // could not connect, reset
	ErrIncomplete ErrorKind = "incomplete" // the stream ended without a finish reason
	ErrBadAnswer  ErrorKind = "bad_answer" // not the wire format: an HTML page, broken JSON
	ErrCanceled   ErrorKind = "canceled"   // the caller's context ended; Err is the context's error
)

// Error is how a request to a model failed. It never holds a key.
type Error struct {
	Kind       ErrorKind
	Provider   string
	Status     int           // HTTP status, or 0
	Message    string        // the provider's words, at most 500 bytes
	RetryAfter time.Duration // from the answer's header, or 0
	Err        error
}

func (e *Error) Error() string {
	s := e.Message
	if s == "" && e.Err != nil {
		s = e.Err.Error()
	}
	if e.Status != 0 {
		return fmt.Sprintf("%s: %s (HTTP %d): %s", e.Provider, e.Kind, e.Status, s)
	}
	return fmt.Sprintf("%s: %s: %s", e.Provider, e.Kind, s)
}

func (e *Error) Unwrap() error { return e.Err }

// Retryable says whether the same request may succeed later.
func (e *Error) Retryable() bool {
	switch e.Kind {
	case ErrRateLimit, ErrOverloaded, ErrServer, ErrTimeout, ErrNetwork, ErrIncomplete:
		return true
	}
	return false
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/schema"
	"github.com/flue-run/flue/store"
)

// ErrorType is what a caller decides by; the words are part of the protocol.
type ErrorType string

// The types of Error.
const (
	GaveUp          ErrorType = "gave_up"        // the model called give_up
	ResultInvalid   ErrorType = "result_invalid" // no valid finish within result_attempts
	Refused         ErrorType = "refused"        // the model or its provider refused
	LoopDetected    ErrorType = "loop_detected"  // the same call with the same result, again and again
	StepFailed      ErrorType = "step_failed"    // a shell step's exit status, an expression
	CheckFailed     ErrorType = "check_failed"
	LimitTurns      ErrorType = "limit_turns"
	LimitTokens     ErrorType = "limit_tokens"
	LimitCost       ErrorType = "limit_cost"
	LimitTimeout    ErrorType = "limit_timeout"
	LimitDepth      ErrorType = "limit_depth"
	ProviderFailed  ErrorType = "provider" // the model could not be reached or would not answer
	ProviderNoKey   ErrorType = "provider_no_key"
	SandboxFailed   ErrorType = "sandbox"
	ContextOverflow ErrorType = "context_overflow"
	Aborted         ErrorType = "aborted" // by flue abort
	Internal        ErrorType = "internal"
)

// Error is why a step or a run failed.
type Error struct {
	Type    ErrorType `json:"type"`
	Message string    `json:"message"`
	Step    string    `json:"step,omitempty"`
	Err     error     `json:"-"`
}

func (e *Error) Error() string {
	if e.Step != "" {
		return fmt.Sprintf("step %s: %s [%s]", e.Step, e.Message, e.Type)
	}
	return fmt.Sprintf("%s [%s]", e.Message, e.Type)
}

func (e *Error) Unwrap() error { return e.Err }

// Class groups the types as exit statuses and HTTP codes do.
func (e *Error) Class() ErrorClass {
	switch e.Type {
	case LimitTurns, LimitTokens, LimitCost, LimitTimeout, LimitDepth:
		return ClassLimit
	case ProviderFailed, ProviderNoKey, SandboxFailed, ContextOverflow, Internal:
		return ClassInfrastructure
	}
	return ClassFailed
}

// ErrorClass is a group of error types.
type ErrorClass int

// The classes.
const (
	ClassFailed         ErrorClass = iota // the work itself failed
	ClassLimit                            // a limit or deadline struck
	ClassInfrastructure                   // something around the run failed
)

// PayloadError says that a payload does not fit its agent's schema. Nothing ran.
type PayloadError struct {
	Agent      string
	Violations []schema.Violation
}

func (e *PayloadError) Error() string {
	s := fmt.Sprintf("the payload does not fit the schema of agent %q", e.Agent)
	for _, v := range e.Violations {
		s += "\n  " + v.String()
	}
	return s
}

// RequestError says that a request cannot be carried out as it stands. Nothing ran.
type RequestError struct {
	Reason  RequestReason // "" where no caller decides by it
	Message string
}

// RequestReason is what is wrong with a request.
type RequestReason string

// The reasons.
const (
	UnknownAgent RequestReason = "unknown_agent"
	BadSession   RequestReason = "bad_session" // not a session id
	BadJSON      RequestReason = "bad_json"    // the payload is not JSON
)

func (e *RequestError) Error() string { return e.Message }

// QueueFullError says that a session has as many waiting runs as it may.
type QueueFullError struct {
	Session    store.Key
	Limit      int           // of waiting runs
	RetryAfter time.Duration // when another try may succeed
}

func (e *QueueFullError) Error() string {
	return fmt.Sprintf("session %s has %d runs waiting, and may not have more: try again in %s", e.Session, e.Limit, e.RetryAfter)
}

// ErrDraining says that a node is ending and takes no more runs; what it leaves unfinished goes on elsewhere.
var ErrDraining = errors.New("the server is shutting down")

// failure makes an *Error of whatever ended a step. A deadline comes first: it is why everything else failed. That the
// context was cancelled is no failure: the run goes on another time.
func failure(ctx context.Context, err error) *Error {
	var e *Error
	if errors.As(context.Cause(ctx), &e) || errors.As(err, &e) {
		return e
	}
	var m *model.Error
	if errors.As(err, &m) {
		t := ProviderFailed
		switch m.Kind {
		case model.ErrNoKey:
			t = ProviderNoKey
		case model.ErrOverflow:
			t = ContextOverflow
		}
		return &Error{Type: t, Message: m.Error(), Err: err}
	}
	return &Error{Type: Internal, Message: err.Error(), Err: err}
}

package main

import (
	"context"
	"errors"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
)

// The exit statuses of flue, as protocol.md fixes them.
const (
	exitOK             = 0
	exitFailed         = 1 // the model gave up, a result stayed invalid, a step or check failed; findings of lint
	exitUsage          = 2 // usage or project error: nothing ran
	exitLimit          = 3 // a limit or deadline
	exitInfrastructure = 4 // provider, store or sandbox
)

// statusError ends a command with a status. A nil Err has been told already.
type statusError struct {
	status int
	err    error
	final  bool // whatever signals came before
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// usage is an error in what the user asked for or wrote.
func usage(err error) error { return &statusError{status: exitUsage, err: err} }

// told ends a command whose story has been told.
func told(status int) error {
	if status == exitOK {
		return nil
	}
	return &statusError{status: status}
}

// exitStatus is the one place that maps errors to exit statuses; silent errors have been told.
func exitStatus(ctx context.Context, err error) (status int, silent bool) {
	var (
		signal  interrupted
		fixed   *statusError
		run     *engine.Error
		payload *engine.PayloadError
		request *engine.RequestError
		ask     *model.Error
	)
	switch {
	case err == nil:
		return exitOK, true
	case errors.As(err, &fixed) && fixed.final:
		return fixed.status, true
	case errors.As(context.Cause(ctx), &signal):
		return 128 + int(signal.signal), false
	case errors.As(err, &fixed):
		return fixed.status, fixed.err == nil
	case errors.As(err, &run):
		return runStatus(run), false
	case errors.As(err, &payload), errors.As(err, &request):
		return exitUsage, false
	case errors.As(err, &ask):
		return exitInfrastructure, false
	}
	return exitInfrastructure, false
}

// runStatus is the exit status of a run that failed.
func runStatus(err *engine.Error) int {
	switch err.Class() {
	case engine.ClassLimit:
		return exitLimit
	case engine.ClassInfrastructure:
		return exitInfrastructure
	}
	return exitFailed
}

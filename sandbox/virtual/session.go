package virtual

import (
	"context"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// Session is a shell on a sandbox's files that keeps its variables, functions and directory from script to script, for a
// person who talks to it. Its methods must not be called side by side.
type Session struct {
	shell.Session
	box *Sandbox
}

// NewSession begins a session.
func (s *Sandbox) NewSession() *Session { return &Session{box: s} }

// Exec runs a script as Sandbox.Exec does; Args, Dir and Env count for the first one only.
func (x *Session) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	return x.box.exec(ctx, e, func(ctx context.Context, cfg shell.Config) int { return x.Run(ctx, cfg, e.Script) })
}

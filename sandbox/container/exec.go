package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// Exec runs a script. Files stay; everything else of it ends with it, what it left in the background too.
func (s *Sandbox) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	return s.scripts.Exec(ctx, e, func(ctx context.Context, _ time.Duration, stdout, stderr io.Writer) (int, error) {
		dir := s.path(e.Dir)
		i, err := s.files.Stat(ctx, dir)
		missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR)
		if err != nil && !missing {
			return 0, err // the container has gone
		}
		if missing || !i.IsDir() {
			fmt.Fprintf(stderr, "flue: the working directory %s does not exist, or is not a directory\n", dir)
			return 1, nil
		}
		return s.engine.run(ctx, script{text: e.Script, args: e.Args, dir: dir, env: e.Env, stdin: e.Stdin, stdout: stdout, stderr: stderr, grants: e.Grants})
	})
}

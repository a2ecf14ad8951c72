package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/flue-run/flue/store"
)

type abortCmd struct {
	keptFlags
	RunID string `arg:"" name:"run" help:"The run's id; flue runs lists them."`
}

func (c *abortCmd) Help() string {
	return `The process that carries the run out stops it within a second, and its flue run ends with exit status 1. Where there is
none, the run is settled here: at once on Linux, elsewhere up to half a minute after a crash.

Exit status: 0 aborted; 1 the run was over first; 2 there is no such run, or it was over before; 4 the store failed;
130, 143 interrupted: the run is still to be aborted.`
}

func (c *abortCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		run, err := k.RunByID(ctx, c.RunID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return usage(fmt.Errorf("there is no run %q %s; flue runs lists them", c.RunID, k.Place()))
		case err != nil:
			return err
		case run.Settlement != nil:
			return usage(fmt.Errorf("run %s is over: %s", run.ID, run.Settlement.Outcome))
		}
		if session, err := k.Session(ctx, run.Session); err == nil && session.Leased {
			fmt.Fprintf(s.err, "flue: a process holds session %s; waiting for it to stop\n", run.Session)
		}
		run, err = k.Abort(ctx, run.ID)
		if err != nil {
			return err
		}
		if run.Settlement.Outcome != store.Aborted {
			fmt.Fprintf(s.err, "flue: run %s was over first: %s\n", run.ID, run.Settlement.Outcome)
			return told(exitFailed)
		}
		_, err = fmt.Fprintf(s.out, "run %s: aborted\n", run.ID)
		return err
	})
}

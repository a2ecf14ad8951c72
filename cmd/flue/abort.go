package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

type abortCmd struct {
	storeFlags
	RunID string `arg:"" name:"run" help:"The run's id; flue runs lists them."`
}

func (c *abortCmd) Help() string {
	return `The process that carries the run out stops it within a second, and its flue run ends with exit status 1. Where there is
none, the run is settled here: at once on Linux, elsewhere up to half a minute after a crash.

Exit status: 0 aborted; 1 the run was over first; 2 there is no such run, or it was over before; 4 the store failed;
130, 143 interrupted: the run is still to be aborted.`
}

func (c *abortCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, func(_ *project, st store.Store) error {
		run, err := st.RunByID(ctx, c.RunID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return usage(fmt.Errorf("there is no run %q in this store; flue runs lists them", c.RunID))
		case err != nil:
			return err
		case run.Settlement != nil:
			return usage(fmt.Errorf("run %s is over: %s", run.ID, run.Settlement.Outcome))
		}
		if session, err := st.Session(ctx, run.Session); err == nil && session.Leased {
			fmt.Fprintf(s.err, "flue: a process holds session %s; waiting for it to stop\n", run.Session)
		}
		run, err = engine.Abort(ctx, st, run.ID, time.Now)
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

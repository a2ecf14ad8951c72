package main

import (
	"context"
	"fmt"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

type sessionRewindCmd struct {
	storeFlags
	Session sessionKey `arg:"" placeholder:"AGENT/SESSION" help:"The session."`
	To      int64      `required:"" placeholder:"ENTRY" help:"The last entry that still counts, 0 for none; flue session show numbers them."`
}

func (c *sessionRewindCmd) Help() string {
	return `The next run sees the messages and files as they were then. The log keeps what was taken back: a rewind to an entry that
is later than that brings it back. Files of a local sandbox are the host's own and stay as they are.`
}

func (c *sessionRewindCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, func(p *project, st store.Store) error {
		before, err := c.Session.find(ctx, st)
		if err != nil {
			return err
		}
		if err := engine.RewindSession(ctx, st, c.Session.Key, c.To, time.Now()); err != nil {
			return err
		}
		if p.filesOutside(c.Session.Agent) {
			fmt.Fprintf(s.err, "flue: the files of agent %s are the host's: they stay as they are\n", c.Session.Agent)
		}
		_, err = fmt.Fprintf(s.out, "session %s is at entry %d; to undo this: flue session rewind %s --to %d\n", c.Session, c.To, c.Session, before.Last)
		return err
	})
}

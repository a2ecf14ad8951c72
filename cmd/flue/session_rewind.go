package main

import (
	"context"
	"fmt"
)

type sessionRewindCmd struct {
	keptFlags
	Session sessionKey `arg:"" placeholder:"AGENT/SESSION" help:"The session."`
	To      int64      `required:"" placeholder:"ENTRY" help:"The last entry that still counts, 0 for none; flue session show numbers them."`
}

func (c *sessionRewindCmd) Help() string {
	return `The next run sees the messages and files as they were then. The log keeps what was taken back: a rewind to an entry that
is later than that brings it back. Files of a local sandbox are the host's own and stay as they are.`
}

func (c *sessionRewindCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		before, err := find(ctx, k, c.Session.Key)
		if err != nil {
			return err
		}
		if err := k.Rewind(ctx, c.Session.Key, c.To); err != nil {
			return err
		}
		outside, err := k.FilesOutside(ctx, c.Session.Key)
		if err != nil {
			return err
		}
		if outside {
			fmt.Fprintf(s.err, "flue: the files of agent %s are the host's: they stay as they are\n", c.Session.Agent)
		}
		_, err = fmt.Fprintf(s.out, "session %s is at entry %d; to undo this: flue session rewind %s --to %d\n", c.Session, c.To, c.Session, before.Last)
		return err
	})
}

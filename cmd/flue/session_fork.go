package main

import (
	"context"
	"fmt"
)

type sessionForkCmd struct {
	keptFlags
	Session sessionKey `arg:"" placeholder:"AGENT/SESSION" help:"The session to copy."`
	New     string     `arg:"" help:"The id of the new one, of the same agent."`
	At      *int64     `placeholder:"ENTRY" help:"The last entry that the new one has (default: all); flue session show numbers them."`
}

func (c *sessionForkCmd) Help() string {
	return `The two sessions have nothing to do with each other from then on. A call whose result is cut off counts as interrupted.
Files of a local sandbox are the host's own: both sessions see the same.`
}

func (c *sessionForkCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		if _, err := find(ctx, k, c.Session.Key); err != nil {
			return err
		}
		at := int64(-1)
		if c.At != nil {
			at = max(*c.At, 0) // no entry, either
		}
		if err := k.Fork(ctx, c.Session.Key, c.New, at); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "%s/%s\n", c.Session.Agent, c.New)
		return err
	})
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flue-run/flue/store"
)

type sessionListCmd struct {
	keptFlags
	Agent  string `placeholder:"NAME" help:"Only those of this agent."`
	Limit  int    `default:"100" placeholder:"N" help:"At most so many (default: 100); 0 is all."`
	Format string `enum:"text,json" default:"text" help:"text or json."`
}

// listedSession is a line of the list.
type listedSession struct {
	Agent   string    `json:"agent"`
	Session string    `json:"session"`
	Runs    int       `json:"runs"`
	Last    string    `json:"last"` // how the last run ended, or its state; "": there was none
	Entries int64     `json:"entries"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

func (c *sessionListCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		q := store.SessionQuery{Limit: c.Limit}
		if c.Agent != "" {
			q.Agents = []string{c.Agent}
		}
		sessions, err := k.Sessions(ctx, q)
		if err != nil {
			return err
		}
		if c.Agent != "" && len(sessions) == 0 {
			if err := known(ctx, k, c.Agent); err != nil {
				return err
			}
		}
		list := make([]listedSession, len(sessions))
		for i, one := range sessions {
			list[i] = listedSession{one.Key.Agent, one.Key.Session, one.Runs, lastRun(one), one.Last, one.Created, one.Updated}
		}
		tellCut(s, len(list), c.Limit)
		if c.Format == "json" {
			return writeJSON(s.out, list, "  ")
		}
		if len(list) == 0 {
			fmt.Fprintln(s.err, "flue: there are no sessions")
			return nil
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "AGENT\tSESSION\tRUNS\tLAST\tENTRIES\tUPDATED")
		for _, l := range list {
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\n", l.Agent, l.Session, l.Runs, cmp.Or(l.Last, "-"), l.Entries, when(l.Updated))
		}
		return w.Flush()
	})
}

// known says which agents there are, if a name is none of theirs.
func known(ctx context.Context, k kept, agent string) error {
	names, err := k.Agents(ctx)
	if err != nil || slices.Contains(names, agent) {
		return err
	}
	return usage(fmt.Errorf("there is no agent %q; there are: %s", agent, strings.Join(names, ", ")))
}

// lastRun says how the latest run of a session ended, else whether somebody carries it out; "": there was none.
func lastRun(s store.Session) string {
	switch {
	case s.Runs == 0 || s.Outcome != "":
		return string(s.Outcome)
	case !s.Leased:
		return "unfinished"
	case s.Waiting > 1:
		return "waiting"
	}
	return "running"
}

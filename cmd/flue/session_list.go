package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flue-run/flue/store"
)

type sessionListCmd struct {
	storeFlags
	Agent  string `placeholder:"NAME" help:"Only those of this agent."`
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
	return c.use(ctx, func(p *project, st store.Store) error {
		sessions, err := st.Sessions(ctx, c.Agent)
		if err != nil {
			return err
		}
		if c.Agent != "" && len(sessions) == 0 && p.Agents[c.Agent] == nil {
			known := slices.Sorted(maps.Keys(p.Agents))
			return usage(fmt.Errorf("there is no agent %q; there are: %s", c.Agent, strings.Join(known, ", ")))
		}
		runs, err := st.Runs(ctx, store.Key{})
		if err != nil {
			return err
		}
		states, last := runStates(sessions, runs), map[store.Key]string{}
		for _, r := range runs {
			last[r.Session] = cmp.Or(last[r.Session], states[r.ID])
		}
		list := make([]listedSession, len(sessions))
		for i, one := range sessions {
			list[i] = listedSession{one.Key.Agent, one.Key.Session, one.Runs, last[one.Key], one.Last, one.Created, one.Updated}
		}
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

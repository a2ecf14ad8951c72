package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

type runsCmd struct {
	keptFlags
	Session *sessionKey `placeholder:"AGENT/SESSION" help:"Only those of this session."`
	Limit   int         `default:"100" placeholder:"N" help:"At most so many (default: 100); 0 is all."`
	Format  string      `enum:"text,json" default:"text" help:"text or json."`
}

func (c *runsCmd) Help() string {
	return `The latest run comes first. A run that has no outcome is running, waiting for the one before it in its session, or
unfinished: then no process carries it out, and flue run --resume goes on with it or flue abort ends it.`
}

// listedRun is a line of the list.
type listedRun struct {
	Run      string        `json:"run"`
	Agent    string        `json:"agent"`
	Session  string        `json:"session"`
	Admitted time.Time     `json:"admitted"`
	State    string        `json:"state"`
	Ended    *time.Time    `json:"ended,omitempty"`
	Usage    *model.Usage  `json:"usage,omitempty"`
	Error    *engine.Error `json:"error,omitempty"`
}

func (c *runsCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, s, func(k kept) error {
		list, err := c.list(ctx, k)
		if err != nil {
			return err
		}
		tellCut(s, len(list), c.Limit)
		if c.Format == "json" {
			return writeJSON(s.out, list, "  ")
		}
		if len(list) == 0 {
			fmt.Fprintln(s.err, "flue: there are no runs")
			return nil
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "RUN\tAGENT\tSESSION\tADMITTED\tSTATE\tUSAGE")
		for _, r := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Run, r.Agent, r.Session, when(r.Admitted), r.State, used(r.Usage))
		}
		return w.Flush()
	})
}

func (c *runsCmd) list(ctx context.Context, k kept) ([]listedRun, error) {
	q := store.RunQuery{Limit: c.Limit}
	if c.Session != nil {
		if _, err := find(ctx, k, c.Session.Key); err != nil {
			return nil, err
		}
		q.Session = c.Session.Key
	}
	runs, err := k.Runs(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make([]listedRun, len(runs))
	for i, r := range runs {
		if list[i], err = listRun(ctx, k, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func listRun(ctx context.Context, k kept, r store.Run) (listedRun, error) {
	l := listedRun{Run: r.ID, Agent: r.Session.Agent, Session: r.Session.Session, Admitted: r.Admitted}
	end := r.Settlement
	if end == nil {
		var err error
		l.State, err = unsettled(ctx, k, r)
		return l, err
	}
	l.State, l.Ended = string(end.Outcome), &end.Time
	for _, part := range []struct {
		raw  json.RawMessage
		into any
	}{{end.Usage, &l.Usage}, {end.Error, &l.Error}} {
		if len(part.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(part.raw, part.into); err != nil {
			return l, fmt.Errorf("read the outcome of run %s: %w", r.ID, err)
		}
	}
	return l, nil
}

// unsettled says whether somebody carries out a run that has no outcome.
func unsettled(ctx context.Context, k kept, r store.Run) (string, error) {
	session, err := k.Session(ctx, r.Session)
	if err != nil {
		return "", err
	}
	if !session.Leased {
		return "unfinished", nil
	}
	before, err := k.Runs(ctx, store.RunQuery{Session: r.Session, Unfinished: true, Before: r.ID, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(before) > 0 {
		return "waiting", nil
	}
	return "running", nil
}

// used is what a run has used, in few words.
func used(u *model.Usage) string {
	if u == nil {
		return "-"
	}
	if u.CostUSD == nil {
		return tokens(*u)
	}
	return fmt.Sprintf("%s · $%.4f", tokens(*u), *u.CostUSD)
}

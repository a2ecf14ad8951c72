package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/flue-run/flue/model"
	"github.com/flue-run/flue/store"
)

type runsCmd struct {
	storeFlags
	Session *sessionKey `placeholder:"AGENT/SESSION" help:"Only those of this session."`
	Format  string      `enum:"text,json" default:"text" help:"text or json."`
}

func (c *runsCmd) Help() string {
	return `The latest run comes first. A run that has no outcome is running, waiting for the one before it in its session, or
unfinished: then no process carries it out, and flue run --resume goes on with it or flue abort ends it.`
}

// listedRun is a line of the list.
type listedRun struct {
	Run      string          `json:"run"`
	Agent    string          `json:"agent"`
	Session  string          `json:"session"`
	Admitted time.Time       `json:"admitted"`
	State    string          `json:"state"`
	Ended    *time.Time      `json:"ended,omitempty"`
	Usage    *model.Usage    `json:"usage,omitempty"`
	Error    json.RawMessage `json:"error,omitempty"`
}

func (c *runsCmd) Run(ctx context.Context, s streams) error {
	return c.use(ctx, func(_ *project, st store.Store) error {
		list, err := c.list(ctx, st)
		if err != nil {
			return err
		}
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

func (c *runsCmd) list(ctx context.Context, st store.Store) ([]listedRun, error) {
	var runs []store.Run
	var sessions []store.Session
	var err error
	if c.Session != nil {
		one, err := c.Session.find(ctx, st)
		if err != nil {
			return nil, err
		}
		if runs, err = st.Runs(ctx, one.Key); err != nil {
			return nil, err
		}
		slices.Reverse(runs)
		sessions = []store.Session{one}
	} else if runs, err = st.Runs(ctx, store.Key{}); err != nil {
		return nil, err
	} else if sessions, err = st.Sessions(ctx, ""); err != nil {
		return nil, err
	}
	states := runStates(sessions, runs)
	list := make([]listedRun, len(runs))
	for i, r := range runs {
		list[i] = listedRun{Run: r.ID, Agent: r.Session.Agent, Session: r.Session.Session, Admitted: r.Admitted, State: states[r.ID]}
		if end := r.Settlement; end != nil {
			list[i].Ended, list[i].Error = &end.Time, end.Error
			if len(end.Usage) > 0 {
				if err := json.Unmarshal(end.Usage, &list[i].Usage); err != nil {
					return nil, fmt.Errorf("decode the usage of run %s: %w", r.ID, err)
				}
			}
		}
	}
	return list, nil
}

// runStates are the states of runs, the latest first: their outcome, else whether somebody carries them out.
func runStates(sessions []store.Session, runs []store.Run) map[string]string {
	first := map[store.Key]string{} // the state of the session's next run without an outcome
	for _, s := range sessions {
		first[s.Key] = "unfinished"
		if s.Leased {
			first[s.Key] = "running"
		}
	}
	states := map[string]string{}
	for _, r := range slices.Backward(runs) {
		if r.Settlement != nil {
			states[r.ID] = string(r.Settlement.Outcome)
			continue
		}
		states[r.ID] = first[r.Session]
		if first[r.Session] == "running" {
			first[r.Session] = "waiting"
		}
	}
	return states
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

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/flue-run/flue/spec"
	"github.com/flue-run/flue/store"
)

type sessionCmd struct {
	List   sessionListCmd   `cmd:"" help:"List the sessions, the latest first."`
	Show   sessionShowCmd   `cmd:"" help:"Show what was said and done in a session."`
	Export sessionExportCmd `cmd:"" help:"Write out a session's log, and its files."`
	Fork   sessionForkCmd   `cmd:"" help:"Begin a session with the messages and files of another."`
	Rewind sessionRewindCmd `cmd:"" help:"Take back what happened in a session after an entry."`
	Rm     sessionRmCmd     `cmd:"" help:"Forget a session, its runs and its log."`
}

// storeFlags name the store that a command works on.
type storeFlags struct {
	Dir   string `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
	Store string `placeholder:"PATH" help:"The store: a SQLite file (default: .flue/state/flue.db, or NAME.db here for a built project)."`
}

// use opens the project and its store for as long as do works with them. What is wrong with the project does not matter.
func (f storeFlags) use(ctx context.Context, do func(p *project, st store.Store) error) error {
	p, err := openProject(f.Dir)
	if err != nil {
		return err
	}
	defer p.Close()
	st, err := (&wiring{project: p}).kept(ctx, f.Store)
	if err != nil {
		return err
	}
	return errors.Join(do(p, st), st.Close())
}

// sessionKey is a session as a person writes it: AGENT/SESSION.
type sessionKey struct{ store.Key }

// UnmarshalText reads AGENT/SESSION.
func (k *sessionKey) UnmarshalText(text []byte) error {
	cut := strings.LastIndexByte(string(text), '/')
	if cut <= 0 || !store.ValidSession(string(text[cut+1:])) {
		return fmt.Errorf("%q is not a session: write AGENT/SESSION; flue session list shows them", text)
	}
	k.Agent, k.Session = string(text[:cut]), string(text[cut+1:])
	return nil
}

// mostNear is how many of the latest sessions a name that is not there is compared with.
const mostNear = 1000

// find looks a session up; where there is none, it says which there are.
func (k sessionKey) find(ctx context.Context, st store.Store) (store.Session, error) {
	found, err := st.Session(ctx, k.Key)
	if !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	all, err := st.Sessions(ctx, store.SessionQuery{Limit: mostNear})
	if err != nil {
		return found, err
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Key.String()
	}
	hint := "it has no sessions"
	if near := spec.DidYouMean(k.String(), names); near != "" {
		hint = near
	} else if len(names) > 0 {
		const most = 5
		hint = "the latest are: " + strings.Join(names[:min(len(names), most)], ", ")
	}
	return found, usage(fmt.Errorf("there is no session %s in this store; %s", k, hint))
}

// filesOutside says whether an agent's files are the host's, so that nothing of them is kept with a session.
func (p *project) filesOutside(agent string) bool {
	a := p.Agents[agent]
	if a == nil || a.Sandbox == nil {
		return false
	}
	if a.Sandbox.Inline != nil {
		return a.Sandbox.Inline.Type == "local"
	}
	if named := p.Sandboxes[a.Sandbox.Name]; named != nil {
		return named.Type == "local"
	}
	return a.Sandbox.Name == "local"
}

// tellCut says that a list may go on behind the most that were asked for.
func tellCut(s streams, listed, most int) {
	if most > 0 && listed == most {
		fmt.Fprintf(s.err, "flue: the latest %d; --limit 0 shows all\n", most)
	}
}

// when is a time as the tables show it, here and to the second.
func when(t time.Time) string { return t.Local().Format(time.DateTime) }

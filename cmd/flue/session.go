package main

import (
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

// nearest says which session may have been meant, or which there are.
func nearest(key store.Key, all []store.Session) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Key.String()
	}
	if near := spec.DidYouMean(key.String(), names); near != "" {
		return near
	}
	if len(names) == 0 {
		return "it has no sessions"
	}
	const most = 5
	return "the latest are: " + strings.Join(names[:min(len(names), most)], ", ")
}

// tellCut says that a list may go on behind the most that were asked for.
func tellCut(s streams, listed, most int) {
	if most > 0 && listed == most {
		fmt.Fprintf(s.err, "flue: the latest %d; --limit 0 shows all\n", most)
	}
}

// when is a time as the tables show it, here and to the second.
func when(t time.Time) string { return t.Local().Format(time.DateTime) }

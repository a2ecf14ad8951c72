package store

import (
	"fmt"
	"strings"
	"time"
)

// SessionQuery says which sessions a list has: with its zero value, all.
type SessionQuery struct {
	Agents []string // those of these agents; nil: of any
	Before Mark     // those behind it in the list; zero: from the beginning
	Limit  int      // at most so many; 0: all
}

// Mark is a place in the list of sessions: where the session stood, or stands, that was used then.
type Mark struct {
	Updated time.Time
	Key     Key
}

// Mark is the session's place in the list.
func (s Session) Mark() Mark { return Mark{s.Updated, s.Key} }

// String is the mark as ParseMark reads it.
func (m Mark) String() string { return m.Updated.Format(time.RFC3339Nano) + "/" + m.Key.String() }

// ParseMark reads what String wrote.
func ParseMark(text string) (m Mark, err error) {
	at, key, _ := strings.Cut(text, "/")
	m.Key.Agent, m.Key.Session, _ = strings.Cut(key, "/")
	if m.Updated, err = time.Parse(time.RFC3339Nano, at); err != nil || m.Updated.IsZero() {
		return m, fmt.Errorf("%.80q is no place in a list of sessions", text)
	}
	return m, nil
}

// RunQuery says which runs a list has: with its zero value, all.
type RunQuery struct {
	Agents     []string // those of these agents; nil: of any
	Session    Key      // those of this session, which need not be there; zero: of any
	Unfinished bool     // those without an outcome
	Before     string   // those admitted before the run of this id; "": from the latest
	Limit      int      // at most so many; 0: all
}

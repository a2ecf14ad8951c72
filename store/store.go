// Package store keeps sessions, runs, the log and blobs: one contract, several engines. Start at Store;
// the promises are in the methods' comments, and storetest checks them.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"
)

// Store is where everything that happened is kept. All methods may be called from any goroutine.
type Store interface {
	// Admit accepts a run, and makes its session if there is none, in one transaction that is synced before Admit
	// returns. With an Owner it also claims the session for the run, if nobody has it and no other run waits in it: as
	// Claim does, at no cost. With an idempotency key that was used before for the agent it returns the first run, not
	// fresh, or ErrConflict if that one's Fingerprint was another.
	Admit(ctx context.Context, a Admission) (Admitted, error)
	// Claim leases the session for the oldest run in its queue, which has started with it. ErrBusy: another owner's lease has
	// not run out, and the engine does not know for certain that its process is gone. ErrNotFound: no such session. The
	// lease's epoch is higher than every earlier one.
	Claim(ctx context.Context, session Key, owner string, ttl time.Duration) (Lease, error)
	// Renew makes the lease last ttl from now. ErrFenced: it is another's.
	Renew(ctx context.Context, l Lease, ttl time.Duration) error
	// Release gives the lease back. It is no error if it is lost already.
	Release(ctx context.Context, l Lease) error
	// Append adds entries to the session's log in one transaction and returns the position of the first: the
	// others follow without a gap. Run, Type, Time and Data of the entries count. ErrFenced: a newer epoch exists.
	Append(ctx context.Context, l Lease, entries ...Entry) (first int64, err error)
	// Settle appends entries and gives the run its outcome, once, in one transaction, which also does with the lease what
	// then says. ErrSettled: it has one.
	Settle(ctx context.Context, l Lease, run string, s Settlement, then Then, entries ...Entry) (Settled, error)
	// Abort asks for a run to be stopped: durable, and seen by RunByID. ErrSettled: it has its outcome.
	Abort(ctx context.Context, run string) error

	// Entries yields a session's log after a position, in order, as it stands now.
	Entries(ctx context.Context, session Key, after int64) iter.Seq2[Entry, error]
	// Listen returns a channel that holds a signal once something may have happened to the session since it was emptied:
	// entries, a run, an outcome, its deletion, the store's end. This process's writes are heard of at once, those of
	// others within a quarter second. It costs no reads: listen first, then read, then wait. leave ends it.
	Listen(session Key) (news <-chan struct{}, leave func())
	// Unfinished lists the runs without an outcome that need somebody: those of sessions that nobody has leased, and those
	// that are to be aborted. In order of admission.
	Unfinished(ctx context.Context) ([]Run, error)

	// CreateSession makes a session that has a log and no runs, in one transaction. Of the entries the same counts as of
	// Append's. It has the blobs of the session from, too, which the entries may name; the zero Key is none. ErrExists:
	// there is one of that name.
	CreateSession(ctx context.Context, session, from Key, entries ...Entry) error
	Session(ctx context.Context, session Key) (Session, error)
	// Sessions lists sessions, the one that was used last first; of the same instant, the greatest key.
	Sessions(ctx context.Context, q SessionQuery) ([]Session, error)
	// DeleteSession forgets a session, its runs, its log and the blobs that no other session has. ErrBusy: it is leased.
	DeleteSession(ctx context.Context, session Key) error
	// DeleteIdle does so with all sessions in which nothing has happened since before, and nothing waits, and gives what
	// they took up back to the file system. It returns how many there were.
	DeleteIdle(ctx context.Context, before time.Time) (int, error)
	RunByID(ctx context.Context, run string) (Run, error)
	// Runs lists runs, the one that was admitted last first. ErrNotFound: there is no run q.Before.
	Runs(ctx context.Context, q RunQuery) ([]Run, error)

	// PutBlob keeps data under its SHA-256 in lower-case hex, as long as there is a session that has put it or was made
	// from one that had; the same data again is no work. It can be read at once and is on disk at the latest when the next
	// Admit, Claim, Append, Settle or Close has returned, so that the files of a turn and the entry that names them cost
	// one sync.
	PutBlob(ctx context.Context, session Key, data []byte) (hash string, err error)
	// Blob returns what PutBlob kept. ErrNotFound.
	Blob(ctx context.Context, hash string) ([]byte, error)

	// Value returns what SetValue kept under a key. ErrNotFound.
	Value(ctx context.Context, key string) ([]byte, error)
	// SetValue keeps a small value under a key: it is on disk when SetValue returns. It takes the place of an earlier one.
	SetValue(ctx context.Context, key string, value []byte) error

	// Close ends the use of the store; who listens is signalled, and finds it with ErrClosed.
	Close() error
}

// FormatVersion is the version of the log's format that this flue writes. A store of a newer version is refused.
const FormatVersion = 1

// Key names a session.
type Key struct {
	Agent   string `json:"agent"`
	Session string `json:"session"`
}

func (k Key) String() string { return k.Agent + "/" + k.Session }

// Admission is a run to be accepted.
type Admission struct {
	Run            string // its id, new
	Session        Key
	Payload        json.RawMessage
	Trigger        json.RawMessage // how it was started: kind, headers
	Parent         string          // the run that has begun it, and takes it up again; "": none
	IdempotencyKey string          // "": none
	Fingerprint    string          // hash of what was asked, compared when the key comes again
	Time           time.Time
	Owner          string // claims the session; "": nobody does
	TTL            time.Duration
}

// Admitted is a run that was accepted.
type Admitted struct {
	Run   Run
	Fresh bool   // false: it was accepted before
	Lease *Lease // nil: the session was not claimed
}

// Then is what becomes of a lease when a run is settled.
type Then int

// What becomes of it.
const (
	Release Then = iota // it is given back
	Next                // it goes on for the session's next run, which has started with it; without one it is given back
	Keep                // it stays as it is
)

// Settled tells of a run's end.
type Settled struct {
	First int64  // position of the first entry; 0: there was none
	Next  string // with Next: the run that the lease goes on for; "": it was given back
}

// Run is one invocation of an agent in a session.
type Run struct {
	ID             string          `json:"run"`
	Session        Key             `json:"session"`
	Payload        json.RawMessage `json:"payload"`
	Trigger        json.RawMessage `json:"trigger,omitempty"`
	Parent         string          `json:"parent,omitempty"` // the run that has begun it
	IdempotencyKey string          `json:"idempotency_key,omitempty"`
	Admitted       time.Time       `json:"admitted"`
	Started        time.Time       `json:"started,omitzero"` // when its session was first claimed for it; zero: not yet
	AbortRequested bool            `json:"abort_requested,omitempty"`
	Settlement     *Settlement     `json:"settlement,omitempty"` // nil while it has no outcome
}

// Outcome is how a run ended.
type Outcome string

// The outcomes.
const (
	Completed Outcome = "completed"
	Failed    Outcome = "failed"
	Aborted   Outcome = "aborted"
)

// Settlement is a run's end.
type Settlement struct {
	Outcome Outcome         `json:"outcome"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
	Usage   json.RawMessage `json:"usage,omitempty"`
	Time    time.Time       `json:"time"`
}

// Session is a durable conversation and its workspace.
type Session struct {
	Key     Key       `json:"key"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Runs    int       `json:"runs"`
	Waiting int       `json:"waiting"`           // runs without an outcome
	Outcome Outcome   `json:"outcome,omitempty"` // of the latest run; "": it has none yet, or there is no run
	Last    int64     `json:"last"`              // position of the last entry; 0: none
	Epoch   int64     `json:"epoch"`             // of the latest lease
	Leased  bool      `json:"leased"`            // a process holds it now
}

// Lease is the right to write to a session. Every write carries its epoch.
type Lease struct {
	Session Key
	Owner   string
	Epoch   int64
	Expires time.Time
	Run     string // the oldest run without an outcome, or ""
	Last    int64  // position of the last entry when it began; 0: there was none
}

// Entry is one thing that happened. Data over 8 KiB is kept as a blob; readers do not notice.
type Entry struct {
	Seq   int64           `json:"id"` // position in the session's log, from 1
	Epoch int64           `json:"epoch"`
	Run   string          `json:"run"`
	Type  string          `json:"type"` // an event's type, in protocol.md's words
	Time  time.Time       `json:"time"`
	Data  json.RawMessage `json:"data"`
}

// Errors that callers decide by.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("there is one of that name")
	ErrConflict = errors.New("the idempotency key was used for another request")
	ErrBusy     = errors.New("the session is in use by another process")
	ErrFenced   = errors.New("the session was taken over by another process")
	ErrSettled  = errors.New("the run has its outcome already")
	ErrNewer    = errors.New("the store was written by a newer flue")
	ErrClosed   = errors.New("the store is closed")
)

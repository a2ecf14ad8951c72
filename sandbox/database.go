package sandbox

import "context"

// Databases makes SQL databases in memory, for the sqlite3 command of a sandbox. They reach no file and no network.
type Databases interface {
	// Open makes the database whose file has the given content; empty is a new one. What it does spends from meter and
	// ends with ctx.
	Open(ctx context.Context, content []byte, readOnly bool, meter Meter) (Database, error)
}

// Meter bounds what a database may use; an error ends what spends.
type Meter interface {
	Work(n int) error // units, about one per byte or element touched
	Hold(n int) error // bytes of memory, until Release
	Release(n int)
}

// Database is one open database, for one goroutine. Errors are *SQLError, or what ended its context or meter.
type Database interface {
	// Prepare compiles the first statement of sql and returns what follows it. The statement is nil where there are only
	// blanks and comments.
	Prepare(sql string) (stmt Statement, rest string, err error)
	// Complete says whether sql ends with a whole statement.
	Complete(sql string) bool
	// Content is what the database's file has in it.
	Content() ([]byte, error)
	// Changes is how many rows the last statement, and all of them, changed.
	Changes() (last, total int64)
	// Version is that of the library.
	Version() string
	Close() error
}

// Statement is one that is compiled.
type Statement interface {
	Columns() []string
	// Explains says that the statement is EXPLAIN (1) or EXPLAIN QUERY PLAN (2).
	Explains() int
	// Step goes to the next row; false is the end.
	Step() (bool, error)
	// Value is one of the current row, until the next Step.
	Value(column int) SQLValue
	Close()
}

// SQLValue is a value of a row.
type SQLValue struct {
	Kind SQLKind
	Text []byte // as SQLite converts it to text; the bytes of a blob
	Real float64
}

// SQLKind is the type of a value.
type SQLKind int

// The types, as SQLite numbers them.
const (
	SQLInteger SQLKind = iota + 1
	SQLReal
	SQLText
	SQLBlob
	SQLNull
)

// SQLError is what the library says of a statement.
type SQLError struct {
	Code    int // the primary one
	Message string
	Offset  int // in bytes from the statement's begin, -1 if there is no place
}

func (e *SQLError) Error() string { return e.Message }

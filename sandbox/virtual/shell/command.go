package shell

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Command is a program of the sandbox. It returns its exit status, stops when ctx ends, and spends
// from inv.Budget in every loop that its input can make long. A write to Stdout that fails means that
// nobody reads any more: return at once, the shell makes it status 141.
type Command func(ctx context.Context, inv *Invocation) int

// Invocation is one call of a Command, with all of the world that the command may touch.
type Invocation struct {
	Args   []string // Args[0] is the name it was called by
	Env    Environ  // exported variables
	Dir    string   // working directory, absolute
	Umask  fs.FileMode
	FS     *vfs.FS
	Stdin  io.Reader
	Stdout io.Writer // unbuffered: use Buffered where you write often, and flush before returning
	Stderr io.Writer
	PID    int // of the process that it is, or is part of
	Budget *limits.Budget
	Now    func() time.Time
	Fetch  sandbox.Fetch // nil: there is no network
	// Databases is SQL, for sqlite3; nil: there is none.
	Databases sandbox.Databases

	// OpenFile opens an absolute path, /dev/stdin and /dev/fd/N of this process included. Use Open and Create.
	OpenFile func(name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error)
	// Exec runs another program or script of the same world and returns its status: find -exec, xargs, awk's system.
	Exec func(ctx context.Context, n Nested) int
	// Lookup finds a program as PATH does and returns its path; "" where there is none: which, env, xargs.
	Lookup func(name string) string

	lent *buffers // nil: those that it asks for are new, and its own
}

// Nested is a program that a Command starts. Streams and Dir that are nil or empty are the caller's own.
type Nested struct {
	Args     []string // a program and its arguments, found in PATH, or
	Script   string   // a script for the shell, when Args is nil
	Env      []string // "NAME=value": set besides, or instead of, the caller's variables
	ClearEnv bool     // begin with no variables: env -i
	Unset    []string // variables left out: env -u
	Dir      string
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
}

// Environ is a read-only view of exported variables.
type Environ interface {
	Get(name string) (value string, ok bool)
	All() iter.Seq2[string, string] // sorted by name
}

// Path makes name absolute against the working directory; "" names nothing and stays so. It does not clean it: the
// kernel's rules for ".." and symbolic links are the file system's.
func (inv *Invocation) Path(name string) string {
	if name == "" || strings.HasPrefix(name, "/") {
		return name
	}
	if inv.Dir == "/" {
		return "/" + name
	}
	return inv.Dir + "/" + name
}

// Open opens a file for reading, relative to the working directory.
func (inv *Invocation) Open(name string) (vfs.File, error) {
	return inv.OpenFile(inv.Path(name), vfs.Read, 0)
}

// Create makes or empties a file, relative to the working directory.
func (inv *Invocation) Create(name string) (vfs.File, error) {
	return inv.OpenFile(inv.Path(name), vfs.Write|vfs.Create|vfs.Truncate, 0o666&^inv.Umask)
}

// Errorf writes "NAME: message" and a newline to Stderr, as GNU tools do.
func (inv *Invocation) Errorf(format string, args ...any) {
	fmt.Fprintf(inv.Stderr, "%s: %s\n", path.Base(inv.Args[0]), fmt.Sprintf(format, args...))
}

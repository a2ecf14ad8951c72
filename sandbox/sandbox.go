// Package sandbox is the only world an agent can touch: a file tree and a shell. Start at Sandbox;
// the adapters are in the folders below, and sandboxtest is the contract they all pass.
package sandbox

import (
	"context"
	"io"
	"io/fs"
	"time"
)

// Sandbox is one workspace. Its methods may be called from several goroutines.
type Sandbox interface {
	FS() FS
	// Exec runs a script. A non-zero exit is a result, not an error; an error means that the sandbox
	// itself could not do it.
	Exec(ctx context.Context, e Exec) (ExecResult, error)
	io.Closer
}

// Snapshotter is a Sandbox whose files can be kept as content-addressed blobs.
type Snapshotter interface {
	// Snapshot stores what has changed and returns the hash of the tree's root.
	Snapshot(ctx context.Context, blobs Blobs) (root string, err error)
	// Restore makes the files those of root. Content may be read later, when it is needed.
	Restore(ctx context.Context, blobs Blobs, root string) error
}

// Blobs keeps byte strings by their SHA-256, in lower-case hex.
type Blobs interface {
	PutBlob(ctx context.Context, data []byte) (hash string, err error)
	Blob(ctx context.Context, hash string) ([]byte, error)
}

// FS is the file tree of a sandbox. Paths are absolute, or relative to the sandbox's working
// directory. Errors match those of io/fs (fs.ErrNotExist, …).
type FS interface {
	// Dir is the working directory, absolute.
	Dir() string
	Stat(ctx context.Context, name string) (fs.FileInfo, error)      // follows symbolic links
	ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) // sorted by name, links not followed
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Write replaces or makes a file whole, with the directories above it.
	Write(ctx context.Context, name string, data []byte) error
}

// Exec is one script to run.
type Exec struct {
	Script  string
	Args    []string          // $0, $1, … of the script; $0 is bash when empty
	Dir     string            // "" is the sandbox's working directory
	Env     map[string]string // besides the sandbox's own
	Stdin   io.Reader         // nil is empty
	Grants  Grants            // privileged commands that exist for this call alone
	Timeout time.Duration     // 0 is the sandbox's own limit, which a longer one does not exceed
	// Output, if set, receives output as it appears, in order; ExecResult has it all the same.
	Output func(stream Stream, data []byte)
}

// Stream is one of a script's two outputs.
type Stream int

// The streams of a script.
const (
	Stdout Stream = 1
	Stderr Stream = 2
)

// ExecResult is how a script ended.
type ExecResult struct {
	Stdout, Stderr string
	ExitCode       int
	Limit          string // the name of the limit that ended it, or ""
}

// Grants are privileged commands by name: what a script's call of that name reaches, outside the sandbox.
type Grants map[string]GrantedCommand

// GrantedCommand runs one call and returns its exit status.
type GrantedCommand func(ctx context.Context, c Call) int

// Unreader is a Call's Stdin that takes back what a program was given and did not read.
type Unreader interface{ Unread(data []byte) }

// Call is one call of a granted command.
type Call struct {
	Args           []string // without the name
	Dir            string   // working directory inside the sandbox
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

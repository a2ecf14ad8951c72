// Package clitest runs one command on a tree of files in memory, for tests. Start at Run.
package clitest

import (
	"bytes"
	"context"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Case is a command line with its world and what is expected.
type Case struct {
	Args   []string // Args[0] is the name
	Stdin  string
	Files  map[string]string // by path, relative to the working directory /w
	Env    map[string]string
	Out    string
	Err    string // expected on stderr; not compared when empty
	Status int
}

// Result is what a command left.
type Result struct {
	Out, Err string
	Status   int
	FS       *vfs.FS
}

type environ map[string]string

func (e environ) Get(name string) (string, bool) { v, ok := e[name]; return v, ok }

func (e environ) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, k := range slices.Sorted(maps.Keys(e)) {
			if !yield(k, e[k]) {
				return
			}
		}
	}
}

// Run runs the command of c in /w. The clock stands at 2024-01-02 03:04:05 UTC. Nested scripts are not run: their
// text is written to standard output, with "ran: " before it, and their status is 3.
func Run(t testing.TB, command shell.Command, c Case) Result {
	t.Helper()
	now := func() time.Time { return time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC) }
	budget := limits.New(t.Context(), limits.Limits{})
	defer budget.End()
	tree := vfs.New(vfs.Quota{}, now)
	if err := tree.MkdirAll("/w", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range c.Files {
		path := "/w/" + name
		if err := tree.MkdirAll(path[:strings.LastIndexByte(path, '/')], 0o755); err != nil {
			t.Fatal(err)
		}
		if err := tree.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	inv := &shell.Invocation{
		Args: c.Args, Env: environ(c.Env), Dir: "/w", Umask: 0o022, FS: tree, Budget: budget, Now: now,
		Stdin: strings.NewReader(c.Stdin), Stdout: &out, Stderr: &errs,
		OpenFile: func(name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error) {
			return tree.Open(name, flag, perm)
		},
		Exec: func(_ context.Context, n shell.Nested) int {
			w := n.Stdout
			if w == nil {
				w = &out
			}
			w.Write([]byte("ran: " + n.Script + strings.Join(n.Args, " ") + "\n"))
			return 3
		},
		Lookup: func(name string) string { return map[string]string{"c": "/usr/bin/c"}[name] },
	}
	status := command(budget.Context(), inv)
	return Result{out.String(), errs.String(), status, tree}
}

// Check runs c and compares.
func Check(t *testing.T, command shell.Command, c Case) {
	t.Helper()
	r := Run(t, command, c)
	if r.Out != c.Out || r.Status != c.Status || c.Err != "" && r.Err != c.Err {
		t.Errorf("%q\n got %q, status %d, stderr %q\nwant %q, status %d, stderr %q", c.Args, r.Out, r.Status, r.Err, c.Out, c.Status, c.Err)
	}
}

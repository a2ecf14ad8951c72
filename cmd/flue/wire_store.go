package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/flue-run/flue/store"
	"github.com/flue-run/flue/store/memory"
	"github.com/flue-run/flue/store/sqlite"
)

// store opens the store by name: "memory", or the path of a SQLite file; "" is what flue.yaml says, else the default.
func (w *wiring) store(ctx context.Context, name string) (store.Store, error) {
	file, err := w.storeFile(name)
	switch {
	case err != nil:
		return nil, err
	case file == "memory":
		return memory.New(), nil
	}
	return w.sqlite(ctx, file)
}

// sqlite opens a store whose sessions may have workspaces.
func (w *wiring) sqlite(ctx context.Context, file string) (store.Store, error) {
	st, err := sqlite.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	if w.stored, err = filepath.Abs(file); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return daytonaStore{workspaceStore{st, w.workspaces(), w.stored, w.env}, w}, nil
}

// kept opens the store by name for commands that need something in it. One that is not there is empty, and is not made.
func (w *wiring) kept(ctx context.Context, name string) (store.Store, error) {
	file, err := w.storeFile(name)
	if err != nil {
		return nil, err
	}
	if file == "memory" {
		return nil, usage(errors.New("a store in memory keeps nothing: name the SQLite file with --store"))
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return memory.New(), nil
	}
	return w.sqlite(ctx, file)
}

// storeFile is the path of the store of that name, or "memory".
func (w *wiring) storeFile(name string) (string, error) {
	own := w.project.Settings.Store
	name = cmp.Or(name, own.Path, own.URL, "sqlite")
	switch {
	case name == "sqlite" && w.project.built != "":
		return filepath.Join(w.project.dir, w.project.built+".db"), nil
	case name == "sqlite":
		return filepath.Join(w.project.dir, ".flue", "state", "flue.db"), nil
	case strings.Contains(name, "://"):
		return "", usage(fmt.Errorf("the store %q is not one that this flue has: sqlite, memory, or the path of a SQLite file", strings.SplitN(name, "://", 2)[0]))
	}
	return name, nil
}

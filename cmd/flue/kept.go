package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/store"
)

// kept is what was kept of sessions and runs, here in a store or on a server.
type kept interface {
	Session(ctx context.Context, key store.Key) (store.Session, error)
	Sessions(ctx context.Context, q store.SessionQuery) ([]store.Session, error)
	RunByID(ctx context.Context, run string) (store.Run, error)
	Runs(ctx context.Context, q store.RunQuery) ([]store.Run, error)
	Entries(ctx context.Context, key store.Key, after int64) iter.Seq2[store.Entry, error]
	DeleteSession(ctx context.Context, key store.Key) error

	Fork(ctx context.Context, from store.Key, session string, at int64) error
	Rewind(ctx context.Context, key store.Key, to int64) error
	Abort(ctx context.Context, run string) (store.Run, error)
	// Agents are the names of those whose sessions may be here.
	Agents(ctx context.Context) ([]string, error)
	// Files are a session's. A *engine.RequestError says why nothing of them is kept with it.
	Files(ctx context.Context, key store.Key) (folder, error)
	// FilesOutside says that Files has nothing, because the files are those of a host.
	FilesOutside(ctx context.Context, key store.Key) (bool, error)

	Place() string // in words: "in this store"
	Close() error
}

// folder is a session's files, by paths from its working directory.
type folder interface {
	ReadDir(ctx context.Context, name string) ([]fs.FileInfo, error) // links are not followed
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	Close() error
}

// keptFlags say where a command looks.
type keptFlags struct {
	Dir       string `placeholder:"DIR" help:"A folder of the project (default: the project here)."`
	Store     string `placeholder:"PATH" help:"The store: a SQLite file (default: .flue/state/flue.db, or NAME.db here for a built project)."`
	Server    string `placeholder:"URL" help:"Ask this flue serve instead, with the token in FLUE_TOKEN, if it wants one."`
	TokenFile string `placeholder:"FILE" help:"The token for --server is in this file, not in FLUE_TOKEN."`
}

// use opens what the flags name for as long as do works with it. What is wrong with the project does not matter.
func (f keptFlags) use(ctx context.Context, s streams, do func(k kept) error) error {
	k, err := f.open(ctx, s)
	if err != nil {
		return err
	}
	return errors.Join(do(k), k.Close())
}

func (f keptFlags) open(ctx context.Context, s streams) (kept, error) {
	if f.Server != "" {
		if f.Dir != "" || f.Store != "" {
			return nil, usage(errors.New("--server takes the place of --dir and --store"))
		}
		return newRemote(s, f.Server, f.TokenFile)
	}
	if f.TokenFile != "" {
		return nil, usage(errors.New("--token-file is for --server"))
	}
	p, err := openProject(f.Dir)
	if err != nil {
		return nil, err
	}
	env, err := variables("")
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	st, err := (&wiring{project: p, env: env}).kept(ctx, f.Store)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return &keptHere{Store: st, project: p}, nil
}

// keptHere is a store of this machine, and the project that it belongs to.
type keptHere struct {
	store.Store
	project *project
}

func (k *keptHere) Place() string { return "in this store" }

func (k *keptHere) Close() error { return errors.Join(k.Store.Close(), k.project.Close()) }

func (k *keptHere) Fork(ctx context.Context, from store.Key, session string, at int64) error {
	return engine.ForkSession(ctx, k.Store, from, session, at, time.Now())
}

func (k *keptHere) Rewind(ctx context.Context, key store.Key, to int64) error {
	return engine.RewindSession(ctx, k.Store, key, to, time.Now())
}

func (k *keptHere) Abort(ctx context.Context, run string) (store.Run, error) {
	return engine.Abort(ctx, k.Store, run, time.Now)
}

func (k *keptHere) Agents(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(k.project.Agents)), nil
}

func (k *keptHere) Files(ctx context.Context, key store.Key) (folder, error) {
	env, err := variables("")
	if err != nil {
		return nil, err
	}
	e, err := (&wiring{project: k.project, env: env}).engine(k.Store, "")
	if err != nil {
		return nil, err
	}
	box, err := e.Workspace(ctx, key)
	if err != nil {
		return nil, err
	}
	return struct {
		sandbox.FS
		io.Closer
	}{box.FS(), box}, nil
}

func (k *keptHere) FilesOutside(_ context.Context, key store.Key) (bool, error) {
	a := k.project.Agents[key.Agent]
	if a == nil || a.Sandbox == nil {
		return false, nil
	}
	if a.Sandbox.Inline != nil {
		return !a.Sandbox.Inline.Capabilities().Kept, nil
	}
	if named := k.project.Sandboxes[a.Sandbox.Name]; named != nil {
		return !named.Capabilities().Kept, nil
	}
	return a.Sandbox.Name == "local", nil
}

// find looks a session up; where there is none, it says which there are.
func find(ctx context.Context, k kept, key store.Key) (store.Session, error) {
	found, err := k.Session(ctx, key)
	if !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	all, err := k.Sessions(ctx, store.SessionQuery{Limit: mostNear})
	if err != nil {
		return found, err
	}
	return found, usage(fmt.Errorf("there is no session %s %s; %s", key, k.Place(), nearest(key, all)))
}

// mostNear is how many of the latest sessions a name that is not there is compared with.
const mostNear = 500

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/server"
	"github.com/flue-run/flue/spec/lint"
	"github.com/flue-run/flue/store"
)

// watchEvery is how often flue serve --watch looks at the project's files.
const watchEvery = 500 * time.Millisecond

// watcher gives a node the project anew when its files change.
type watcher struct {
	wiring *wiring
	store  store.Store
	model  string
	node   *engine.Node
	server *server.Server
	stderr io.Writer
	log    *slog.Logger // nil: people read stderr
	opened []*project   // runs that began with them may still read their files
}

// start watches in a goroutine; stop waits for it, and closes what it opened.
func (w *watcher) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		was := w.state()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if is := w.state(); is != was {
				was = is
				w.reload()
			}
		}
	})
	return func() {
		cancel()
		watching.Wait()
		for _, p := range w.opened {
			p.Close() // only files that were read
		}
	}
}

// state sums up the names, sizes and times of the project's files.
func (w *watcher) state() [sha256.Size]byte {
	sum := sha256.New()
	fs.WalkDir(w.wiring.project.FS, ".flue", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it is being changed: the next look sees it
		}
		if name == ".flue/state" {
			return fs.SkipDir
		}
		if info, err := entry.Info(); err == nil && !entry.IsDir() {
			fmt.Fprintf(sum, "%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return [sha256.Size]byte(sum.Sum(nil))
}

// reload reads the project again. One with errors is told of, and the old one stays.
func (w *watcher) reload() {
	e, err := w.read()
	switch {
	case err != nil:
		w.say("%v; the project is served as it was", err)
	default:
		w.node.Reload(e)
		w.server.Reloaded()
		w.say("the project has changed; new runs use it as it is now")
	}
}

// read makes an engine of the project as it is now.
func (w *watcher) read() (*engine.Engine, error) {
	p, err := openProject(w.wiring.project.dir)
	if err != nil {
		return nil, err
	}
	w.opened = append(w.opened, p)
	p.problems = append(p.problems, server.MissingSecrets(p.Project, w.wiring.env)...)
	if failing := p.errors(); len(failing) > 0 {
		sources := p.shownFrom("", failing)
		if w.log == nil {
			err = lint.Text(w.stderr, failing, sources)
		} else {
			for _, problem := range failing {
				w.log.Warn(problem.String())
			}
		}
		return nil, errors.Join(err, fmt.Errorf("the project has %s", count(len(failing), "error")))
	}
	fresh := *w.wiring
	fresh.project = p
	return fresh.engine(w.store, w.model)
}

// say tells those who watch the server.
func (w *watcher) say(format string, args ...any) {
	if w.log != nil {
		w.log.Info(fmt.Sprintf(format, args...))
		return
	}
	fmt.Fprintf(w.stderr, "flue: "+format+"\n", args...)
}

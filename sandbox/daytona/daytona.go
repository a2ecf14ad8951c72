// Package daytona is the sandbox that is a machine of Daytona's: made, used and removed over its public REST API. Start
// at Open; client.go sends requests, machine.go has those about whole sandboxes, exec.go runs scripts, with run.sh at
// the other end, and files.go is the file tree.
//
// What it knows of the API is its published description. It is tested against daytonatest, and was never run against
// the service itself.
package daytona

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/runner"
)

// URL is the public service's API.
const URL = "https://app.daytona.io/api"

// Workspace is where an agent works unless its file says otherwise.
const Workspace = "/workspace"

// NoteGone is what Config.Note is told where the sandbox that a session had is no longer there.
const NoteGone = "the sandbox of this session is no longer there: it has been removed, or this session is a copy. It goes on with a new one, which is empty"

// Cleanup is what becomes of a sandbox when it is closed.
type Cleanup int

// What becomes of it.
const (
	Delete Cleanup = iota
	Stop           // its files stay, and it can be started again
	Leave          // it runs on, until it has been idle for AutoStop
)

// Config is what a sandbox is made of. The zero value but for Key is one of Daytona's default snapshot.
type Config struct {
	URL    string // of the API; "" is URL
	Key    string
	Target string // the region, such as us or eu; "" is the organisation's

	Snapshot   string   // what it starts from; or
	Image      string   // an image, or
	Dockerfile string   // the text of one, which takes no files of the host
	Setup      []string // scripts that the image is built with; not with Snapshot

	CPUs   int   // 0, as of the next two: Daytona's default
	Memory int64 // bytes, in whole GiB at the service: rounded up
	Disk   int64 // likewise
	User   string
	// Network lets it reach the network; without, it reaches nothing.
	Network bool
	Env     map[string]string // of every script
	Dir     string            // the working directory, absolute; "" is /workspace
	Folders map[string]fs.FS  // files that are copied into it, by the absolute path of the folder that they are in

	// ID is the sandbox to go on with; "", or one that is gone, makes a new one.
	ID string
	// Known says that there has been one before. If there is none, Note says so.
	Known   bool
	Cleanup Cleanup
	// AutoStop is how long it may be idle until Daytona stops it, in whole minutes; 0 is 1h.
	AutoStop time.Duration
	// AutoDelete is how long it may be stopped until Daytona deletes it, in whole minutes; 0 is 720h. One with Cleanup
	// Delete is deleted as soon as it stops, so that nothing is left where flue could not clean up.
	AutoDelete time.Duration
	// Note is told what a user should know: what is being built, a sandbox that is gone. nil: nobody is.
	Note func(text string)

	Timeout time.Duration // of a script; 0 is 2m
	Output  int64         // of a script, in bytes; 0 is 1 MiB
	// Struck is told the name of each limit that ends a script, from several goroutines; nil: nobody is.
	Struck func(limit string)

	HTTP    *http.Client  // nil: one of its own. It has no time limit, which the next two set
	Request time.Duration // how long one request may take, and how long a transfer may stand still; 0 is 1m
	Start   time.Duration // how long a sandbox may take until it has started; 0 is 15m
	Pause   time.Duration // before the first retry, and between looks at a state; it grows. 0 is 500ms
}

// Sandbox is one of Daytona's.
type Sandbox struct {
	cfg     Config
	client  *client
	id      string
	toolbox string // the address of what runs inside: files and processes
	scripts runner.Runner
	cleanup sync.WaitGroup // what ends processes of scripts that are over
}

var _ sandbox.Sandbox = (*Sandbox)(nil)

// Open makes a sandbox, or finds the one that Config.ID names, and waits until it has started.
func Open(ctx context.Context, cfg Config) (*Sandbox, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{cfg: cfg, client: newClient(cfg), scripts: runner.Runner{Timeout: cfg.Timeout, Output: cfg.Output, Struck: cfg.Struck}}
	fresh, err := s.find(ctx)
	if err == nil && fresh {
		if cfg.Known {
			cfg.Note(NoteGone)
		}
		err = s.create(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err = s.connect(ctx); err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		if fresh {
			err = errors.Join(err, s.end())
		}
		return nil, err
	}
	return s, nil
}

// checked is cfg with its defaults. Its error is a mistake in a project's file.
func (c Config) checked() (Config, error) {
	if c.Key == "" {
		return c, errors.New("api_key is missing: the key of Daytona's API, such as ${{ env.DAYTONA_API_KEY }}")
	}
	if c.URL == "" {
		c.URL = URL
	}
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return c, errors.New("api_url is no address of an API: write https://host/api, without a name or password")
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	if c.Dir == "" {
		c.Dir = Workspace
	}
	if !path.IsAbs(c.Dir) {
		return c, fmt.Errorf("the working directory %s is not absolute", c.Dir)
	}
	if c.Snapshot != "" && (c.Image != "" || c.Dockerfile != "" || len(c.Setup) > 0) {
		return c, errors.New("snapshot stands alone: image, dockerfile and setup are for a sandbox that is built")
	}
	if _, err := c.build(); err != nil {
		return c, err
	}
	for field, value := range map[*time.Duration]time.Duration{&c.AutoStop: time.Hour, &c.AutoDelete: 720 * time.Hour, &c.Request: time.Minute,
		&c.Start: 15 * time.Minute, &c.Pause: 500 * time.Millisecond} {
		if *field == 0 {
			*field = value
		}
	}
	if c.Note == nil {
		c.Note = func(string) {}
	}
	return c, nil
}

// ID is the sandbox's at Daytona, for a later Config.
func (s *Sandbox) ID() string { return s.id }

// FS is the file tree for the tools of an agent.
func (s *Sandbox) FS() sandbox.FS { return files{s} }

// Close ends what runs, and does with the sandbox what Config.Cleanup says.
func (s *Sandbox) Close() error {
	if !s.scripts.Close() {
		return nil
	}
	s.cleanup.Wait()
	return s.end()
}

func (s *Sandbox) path(name string) string {
	switch {
	case name == "":
		return s.cfg.Dir
	case path.IsAbs(name):
		return path.Clean(name)
	}
	return path.Join(s.cfg.Dir, name)
}

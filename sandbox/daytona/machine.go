package daytona

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// machine is a sandbox as the API tells of it.
type machine struct {
	ID           string `json:"id"`
	State        string `json:"state"`
	ErrorReason  string `json:"errorReason"`
	ToolboxProxy string `json:"toolboxProxyUrl"`
}

// newMachine is what the API makes a sandbox of.
type newMachine struct {
	Name       string            `json:"name"`
	Snapshot   string            `json:"snapshot,omitempty"`
	Build      *buildInfo        `json:"buildInfo,omitempty"`
	User       string            `json:"user,omitempty"`
	Target     string            `json:"target,omitempty"`
	Labels     map[string]string `json:"labels"`
	CPU        int               `json:"cpu,omitempty"`
	Memory     int64             `json:"memory,omitempty"` // GiB
	Disk       int64             `json:"disk,omitempty"`   // GiB
	BlockAll   bool              `json:"networkBlockAll"`
	AutoStop   int64             `json:"autoStopInterval"`   // minutes
	AutoDelete int64             `json:"autoDeleteInterval"` // minutes after it has stopped; 0: at once, -1: never
}

type buildInfo struct {
	Dockerfile string `json:"dockerfileContent"`
}

// build is the Dockerfile that Daytona builds the sandbox from; nil: none is needed.
func (c Config) build() (*buildInfo, error) {
	text := c.Dockerfile
	switch {
	case text != "" && c.Image != "":
		return nil, errors.New("write image or dockerfile, not both")
	case c.Image != "":
		text = "FROM " + c.Image
	case text == "" && len(c.Setup) > 0:
		return nil, errors.New("setup needs an image or a dockerfile to build upon")
	case text == "":
		return nil, nil
	}
	if strings.ContainsAny(c.Image, "\r\n") {
		return nil, errors.New("an image's name is one line")
	}
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || !strings.EqualFold(words[0], "COPY") && !strings.EqualFold(words[0], "ADD") {
			continue
		}
		if !strings.HasPrefix(words[1], "--from=") && !strings.Contains(words[1], "://") {
			return nil, fmt.Errorf("line %d of the dockerfile: %s takes files of the project, which are not sent to Daytona: fetch them in a RUN, or begin with a snapshot", i+1, words[0])
		}
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(text, "\n"))
	for _, script := range c.Setup {
		run, err := json.Marshal([]string{"/bin/sh", "-c", script}) // the form that takes a script of any words and lines
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\nRUN %s", run)
	}
	b.WriteByte('\n')
	return &buildInfo{b.String()}, nil
}

// gib is a number of bytes in the API's unit.
func gib(bytes int64) int64 { return (bytes + 1<<30 - 1) >> 30 }

// find looks for the sandbox of Config.ID, and starts it if it does not run. fresh: there is none.
func (s *Sandbox) find(ctx context.Context) (fresh bool, err error) {
	if s.id = s.cfg.ID; s.id == "" {
		return true, nil
	}
	m, err := s.get(ctx, s.id)
	switch {
	case isStatus(err, http.StatusNotFound):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("look for the sandbox %s: %w", s.id, err)
	}
	started := false
	m, err = s.await(ctx, m, func(m machine) (bool, error) {
		switch m.State {
		case "started", "destroyed", "destroying":
			return true, nil
		case "stopped", "archived":
			if started {
				return false, nil
			}
			started = true
			return false, s.client.json(ctx, request{method: http.MethodPost, url: s.api("sandbox", s.id, "start")}, nil, nil)
		}
		return false, nil
	})
	return m.State != "started" && err == nil, err
}

// create makes a sandbox and waits until it has started. One that does not start is deleted.
func (s *Sandbox) create(ctx context.Context) error {
	c := s.cfg
	build, err := c.build()
	if err != nil {
		return err
	}
	// The name is new, so that a request whose answer was lost can be told from one that was not received.
	name := "flue-" + strings.ToLower(rand.Text())
	req := newMachine{Name: name, Snapshot: c.Snapshot, Build: build, User: c.User, Target: c.Target, Labels: map[string]string{"created-by": "flue"},
		CPU: c.CPUs, Memory: gib(c.Memory), Disk: gib(c.Disk), BlockAll: !c.Network, AutoStop: minutes(c.AutoStop), AutoDelete: minutes(c.AutoDelete)}
	if c.Cleanup == Delete {
		req.AutoDelete = 0
	}
	var m machine
	err = s.client.again(ctx, false, func(ctx context.Context) error {
		err := s.client.json(ctx, request{method: http.MethodPost, url: s.api("sandbox"), once: true}, req, &m)
		if _, passing := retryable(err, false); err == nil || !passing {
			return err
		}
		if s.client.try(ctx, request{method: http.MethodGet, url: s.api("sandbox", name)}, &m) == nil {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("make a sandbox: %w", err)
	}
	if m.ID == "" {
		return errors.New("make a sandbox: Daytona's answer has no id")
	}
	s.id = m.ID
	if _, err = s.await(ctx, m, func(m machine) (bool, error) { return m.State == "started", nil }); err != nil {
		return errors.Join(err, s.end())
	}
	return nil
}

func minutes(d time.Duration) int64 { return int64((d + time.Minute - 1) / time.Minute) }

func (s *Sandbox) get(ctx context.Context, id string) (m machine, err error) {
	err = s.client.json(ctx, request{method: http.MethodGet, url: s.api("sandbox", id)}, nil, &m)
	return m, err
}

// working says what a sandbox is doing that takes its time.
var working = map[string]string{
	"pending_build": "its image waits to be built", "building_snapshot": "its image is being built", "pulling_snapshot": "its image is being pulled",
	"restoring": "it is being restored from the archive",
}

// await looks at a sandbox until done says so, or an error ends it.
func (s *Sandbox) await(ctx context.Context, m machine, done func(machine) (bool, error)) (machine, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.Start, fmt.Errorf("it has not started within %s", s.cfg.Start))
	defer cancel()
	pause, told := s.cfg.Pause, ""
	for {
		switch m.State {
		case "error", "build_failed":
			return m, fmt.Errorf("the sandbox %s is in the state %s: %s", s.id, m.State, s.reason(m))
		}
		ok, err := done(m)
		if ok || err != nil {
			return m, s.wrap(m, err)
		}
		if text := working[m.State]; text != told && text != "" {
			told = text
			s.cfg.Note(fmt.Sprintf("Daytona's sandbox %s: %s", s.id, text))
		}
		if err := sleep(ctx, pause); err != nil {
			return m, s.wrap(m, err)
		}
		pause = min(pause*3/2, 10*s.cfg.Pause)
		next, err := s.get(ctx, s.id)
		if err != nil {
			return m, s.wrap(m, err)
		}
		m = next
	}
}

func (s *Sandbox) wrap(m machine, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("wait for the sandbox %s, which is in the state %q: %w", s.id, m.State, err)
}

func (s *Sandbox) reason(m machine) string {
	if m.ErrorReason == "" {
		return "no reason is given. Look at it in Daytona's dashboard, or go on in another session"
	}
	return strings.ReplaceAll(m.ErrorReason, s.cfg.Key, "***")
}

// connect finds out where files and processes of the sandbox are reached.
func (s *Sandbox) connect(ctx context.Context) error {
	var proxy struct {
		URL string `json:"url"`
	}
	if err := s.client.json(ctx, request{method: http.MethodGet, url: s.api("sandbox", s.id, "toolbox-proxy-url")}, nil, &proxy); err != nil {
		return fmt.Errorf("ask where the sandbox %s is reached: %w", s.id, err)
	}
	own, err := url.Parse(s.cfg.URL)
	there, thereErr := url.Parse(proxy.URL)
	if err != nil || thereErr != nil || there.Host == "" || there.Scheme != "https" && there.Scheme != own.Scheme {
		return fmt.Errorf("Daytona names an address for the sandbox %s to which the key is not sent: it is none, or not encrypted as the API's is", s.id)
	}
	s.toolbox = strings.TrimSuffix(proxy.URL, "/") + "/" + url.PathEscape(s.id)
	return nil
}

// end does with the sandbox what Config.Cleanup says. Its context is its own: it has to happen when others are over.
func (s *Sandbox) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Request)
	defer cancel()
	var err error
	switch s.cfg.Cleanup {
	case Delete:
		err = s.client.json(ctx, request{method: http.MethodDelete, url: s.api("sandbox", s.id) + "?force=true"}, nil, nil)
	case Stop:
		err = s.client.json(ctx, request{method: http.MethodPost, url: s.api("sandbox", s.id, "stop")}, nil, nil)
		if isStatus(err, http.StatusBadRequest) || isStatus(err, http.StatusConflict) {
			err = nil // it is not running, or stops by itself just now
		}
	}
	if err != nil && !isStatus(err, http.StatusNotFound) {
		return fmt.Errorf("clean up the sandbox %s at Daytona, which deletes it later by itself: %w", s.id, err)
	}
	return nil
}

// Remove deletes a sandbox that an earlier one had as its ID. It is no error if there is none.
func Remove(ctx context.Context, cfg Config, id string) error {
	cfg, err := cfg.checked()
	if err != nil {
		return err
	}
	s := &Sandbox{cfg: cfg, client: newClient(cfg), id: id}
	err = s.client.json(ctx, request{method: http.MethodDelete, url: s.api("sandbox", id) + "?force=true"}, nil, nil)
	if err != nil && !isStatus(err, http.StatusNotFound) {
		return fmt.Errorf("delete the sandbox %s at Daytona: %w", id, err)
	}
	return nil
}

func (s *Sandbox) api(segments ...string) string { return join(s.cfg.URL, segments) }

func join(base string, segments []string) string {
	for _, segment := range segments {
		base += "/" + url.PathEscape(segment)
	}
	return base
}

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/flue-run/flue/command/redact"
	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/spec/lint"
	"github.com/flue-run/flue/store"
)

// github is the GitHub Actions job that a run is a step of; a nil one is none, and does nothing.
//
// The runner obeys lines of a step's output that look like workflow commands, and takes stdout and stderr in no certain
// order. So stderr, where the story is told, stands between ::stop-commands:: and its end, except for the commands that
// flue itself gives; and stdout, which is the result and nothing else, has no line that could be a command.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
type github struct {
	mu      sync.Mutex
	stderr  io.Writer
	token   string // ends what ::stop-commands:: began; new each time, so that no text can know it
	midLine bool
	masked  map[string]bool

	summary summary
}

// inGitHub carries out a run as a step of a GitHub Actions job. What the run returns as its error is told here, where no
// text of it can be a command.
func inGitHub(ctx context.Context, s streams, run func(streams, *github) error) error {
	g := &github{stderr: s.err, masked: map[string]bool{}}
	if err := g.stop(); err != nil {
		return fmt.Errorf("write to stderr: %w", err)
	}
	status := report(ctx, g, run(streams{s.in, inert{s.out}, g}, g))
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.resume(); err != nil {
		return fmt.Errorf("write to stderr: %w", err)
	}
	return told(status)
}

// Write writes the story.
func (g *github) Write(text []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(text) > 0 {
		g.midLine = text[len(text)-1] != '\n'
	}
	return g.stderr.Write(text)
}

// stop begins a stretch without commands.
func (g *github) stop() error {
	g.token = "flue-" + rand.Text()
	_, err := fmt.Fprintf(g.stderr, "::stop-commands::%s\n", g.token)
	return err
}

// resume ends it.
func (g *github) resume() error {
	if g.midLine {
		g.midLine = false
		if _, err := io.WriteString(g.stderr, "\n"); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(g.stderr, "::%s::\n", g.token)
	return err
}

// command lets w write workflow commands in the midst of the story.
func (g *github) command(write func(w io.Writer) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.resume(); err != nil {
		return err
	}
	if err := write(g.stderr); err != nil {
		return err
	}
	return g.stop()
}

// mask keeps a secret out of the job's log. A secret that is too short to be redacted is too short for this, too. Where
// stderr is a file, no runner reads it and the secret would stay in it: there nothing is written.
func (g *github) mask(secret string) error {
	if g == nil || len(secret) < redact.MinLength {
		return nil
	}
	if file, ok := g.stderr.(*os.File); ok {
		if info, err := file.Stat(); err != nil || info.Mode().IsRegular() {
			return nil
		}
	}
	g.mu.Lock()
	known := g.masked[secret]
	g.masked[secret] = true
	g.mu.Unlock()
	if known {
		return nil
	}
	return g.command(func(w io.Writer) error {
		// A log is masked line by line.
		for line := range strings.Lines(strings.ReplaceAll(secret, "\r", "\n")) {
			if line = strings.TrimSuffix(line, "\n"); len(line) < redact.MinLength {
				continue
			}
			if _, err := fmt.Fprintf(w, "::add-mask::%s\n", escapeData(line)); err != nil {
				return err
			}
		}
		return nil
	})
}

// escapeData is text as the value of a workflow command.
func escapeData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// annotate makes annotations of a project's errors, for which nothing is run.
func (g *github) annotate(p *project) error {
	failing := p.errors()
	if g == nil || len(failing) == 0 {
		return nil
	}
	files := p.shownFrom(os.Getenv("GITHUB_WORKSPACE"), failing)
	return g.command(func(w io.Writer) error { return lint.GitHub(w, failing, files) })
}

// event counts what the summary tells. The last event fills $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY, and a run that
// failed becomes an annotation.
func (g *github) event(e engine.Event) error {
	if g == nil {
		return nil
	}
	g.summary.note(e)
	if e.Type != engine.Done {
		return nil
	}
	if err := appendTo("GITHUB_OUTPUT", outputs(e)); err != nil {
		return err
	}
	if err := appendTo("GITHUB_STEP_SUMMARY", g.summary.markdown(e)); err != nil {
		return err
	}
	if e.Outcome == store.Completed || e.Error == nil {
		return nil
	}
	return g.command(func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "::error title=flue run %s::%s\n", e.Agent, escapeData(e.Error.Error()))
		return err
	})
}

// appendTo adds text to the file that a variable of the job names; without the variable there is no such file.
func appendTo(variable, text string) error {
	name := os.Getenv(variable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open $%s: %w", variable, err)
	}
	_, err = file.WriteString(text)
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("write $%s: %w", variable, err)
	}
	return nil
}

// inert writes text in which the runner finds no workflow command. One that would be there gets a JSON escape in it, so
// that JSON stays the same value. Each Write is of whole lines.
type inert struct{ w io.Writer }

// The runner takes `::` for a command behind any white space at the begin of a line, which \r ends as well as \n, and the
// older `##[` anywhere.
var commandStart = regexp.MustCompile(`((?:^|[\n\r])[^\pL\pN\pP\pS]*):(:)`)

func (i inert) Write(text []byte) (int, error) {
	shown := commandStart.ReplaceAll(text, []byte(`${1}\u003a${2}`))
	shown = bytes.ReplaceAll(shown, []byte("##["), []byte(`#\u0023[`))
	if _, err := i.w.Write(shown); err != nil {
		return 0, err
	}
	return len(text), nil
}

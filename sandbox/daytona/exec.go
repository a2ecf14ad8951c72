package daytona

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox"
)

//go:embed run.sh
var runScript string

// Exec runs a script. Files stay; everything else of it ends with it. Granted commands cannot be reached from there.
func (s *Sandbox) Exec(ctx context.Context, e sandbox.Exec) (sandbox.ExecResult, error) {
	if len(e.Grants) > 0 {
		names := strings.Join(slices.Sorted(maps.Keys(e.Grants)), ", ")
		return sandbox.ExecResult{}, fmt.Errorf("a sandbox at Daytona cannot call commands of this host (%s): there is no way from there to here", names)
	}
	return s.scripts.Exec(ctx, e, func(ctx context.Context, timeout time.Duration, stdout, stderr io.Writer) (int, error) {
		p := &process{s: s, session: "flue-" + strings.ToLower(rand.Text())}
		defer p.end(ctx)
		if err := p.start(ctx, s.command(e, timeout)); err != nil {
			return 0, s.explain(ctx, err)
		}
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		if e.Stdin != nil {
			// Nobody waits for it: a read of what is not ours may take for ever. What it sends ends with ctx.
			go func() {
				if err := p.feed(ctx, e.Stdin); err != nil {
					stop(fmt.Errorf("send the script's input: %w", err))
				}
			}()
		}
		log := &output{stdout: stdout, stderr: stderr}
		err := p.follow(ctx, log)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return log.status, s.explain(ctx, err)
	})
}

// command is the line for a session of Daytona's that runs a script. Whatever shell it has there reads it: it is words in
// single quotes.
func (s *Sandbox) command(e sandbox.Exec, timeout time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, `t=$(mktemp -d) && printf %%s %s >"$t/run" && printf %%s %s >"$t/script" && env`, quote(runScript), quote(e.Script))
	env := maps.Clone(s.cfg.Env)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, e.Env)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		b.WriteString(" " + quote(name+"="+env[name]))
	}
	input := "-"
	if e.Stdin != nil {
		input = "input"
	}
	seconds := int(timeout/time.Second) + 5 // flue's own clock is first
	fmt.Fprintf(&b, ` sh "$t/run" "$t" %s %d %s`, quote(s.path(e.Dir)), seconds, input)
	for _, arg := range e.Args {
		b.WriteString(" " + quote(arg))
	}
	return b.String()
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// process is a script that runs in a session of its own.
type process struct {
	s       *Sandbox
	session string
	command string
	begun   bool
}

func (p *process) url(segments ...string) string {
	return p.s.inside(append([]string{"process", "session", p.session}, segments...)...)
}

func (s *Sandbox) inside(segments ...string) string { return join(s.toolbox, segments) }

// start begins the script, once, whatever becomes of the requests on their way.
func (p *process) start(ctx context.Context, command string) error {
	err := p.s.client.json(ctx, request{method: http.MethodPost, url: p.s.inside("process", "session")}, map[string]string{"sessionId": p.session}, nil)
	if err != nil && !isStatus(err, http.StatusConflict) { // an earlier try was received
		return err
	}
	p.begun = true
	var made struct {
		ID string `json:"cmdId"`
	}
	body := map[string]any{"command": command, "runAsync": true, "suppressInputEcho": true}
	err = p.s.client.again(ctx, false, func(ctx context.Context) error {
		err := p.s.client.json(ctx, request{method: http.MethodPost, url: p.url("exec"), once: true}, body, &made)
		if _, passing := retryable(err, false); err == nil || !passing {
			return err
		}
		var session struct {
			Commands []struct {
				ID string `json:"id"`
			} `json:"commands"`
		}
		if p.s.client.try(ctx, request{method: http.MethodGet, url: p.url()}, &session) == nil && len(session.Commands) > 0 {
			made.ID = session.Commands[0].ID
			return nil
		}
		return err
	})
	if err == nil && made.ID == "" {
		err = errors.New("Daytona's answer names no command")
	}
	p.command = made.ID
	return err
}

// feed sends what a script reads, until it ends or ctx does.
func (p *process) feed(ctx context.Context, in io.Reader) error {
	buffer := make([]byte, 24<<10)
	for ctx.Err() == nil {
		n, err := in.Read(buffer)
		if n > 0 {
			if err := p.send(ctx, base64.StdEncoding.EncodeToString(buffer[:n])); err != nil {
				return err
			}
		}
		if err != nil { // what cannot be read any more is the end
			return p.send(ctx, ".")
		}
	}
	return nil
}

func (p *process) send(ctx context.Context, line string) error {
	err := p.s.client.json(ctx, request{method: http.MethodPost, url: p.url("command", p.command, "input"), once: true}, map[string]string{"data": line + "\n"}, nil)
	if ctx.Err() != nil || isStatus(err, http.StatusNotFound) || isStatus(err, http.StatusGone) {
		return nil // the script is over
	}
	return err
}

// end ends what is left of the script. If it was over that is nothing, and nobody waits.
func (p *process) end(ctx context.Context) {
	if !p.begun {
		return
	}
	remove := func() {
		ctx, cancel := context.WithTimeout(context.Background(), p.s.cfg.Request)
		defer cancel()
		_ = p.s.client.json(ctx, request{method: http.MethodDelete, url: p.url()}, nil, nil) // run.sh's own limit ends it then
	}
	if ctx.Err() != nil {
		remove()
		return
	}
	p.s.cleanup.Go(remove)
}

// explain says what has become of the sandbox where an error of a request does not.
func (s *Sandbox) explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || isStatus(err, http.StatusUnauthorized) {
		return err
	}
	m, lookErr := s.get(ctx, s.id)
	switch {
	case isStatus(lookErr, http.StatusNotFound), lookErr == nil && strings.HasPrefix(m.State, "destroy"):
		return fmt.Errorf("the sandbox %s has been deleted: %w", s.id, err)
	case lookErr == nil && (m.State == "error" || m.State == "build_failed"):
		return fmt.Errorf("the sandbox %s is in the state %s: %s: %w", s.id, m.State, s.reason(m), err)
	case lookErr == nil && m.State != "started":
		return fmt.Errorf("the sandbox %s is %s, and was running (auto_stop says after how long without use it is stopped): %w", s.id, m.State, err)
	}
	return err
}

// output takes the lines of run.sh apart, as Daytona's log has them: each begins with a mark of its stream.
type output struct {
	stdout, stderr io.Writer
	line           [2][]byte // what has come of one, by stream
	current        int
	over           [2]bool
	status         int
}

// The bytes that, three times, begin a line of the log: which stream it is of.
const (
	ofStdout = 1
	ofStderr = 2
)

// Write takes a part of the log. It fails where the script's output may not go on.
func (o *output) Write(data []byte) (int, error) {
	for _, b := range data {
		switch b {
		case ofStdout, ofStderr:
			o.current = int(b) - ofStdout
		case '\n':
			line := string(o.line[o.current])
			o.line[o.current] = o.line[o.current][:0]
			if err := o.take(line); err != nil {
				return 0, err
			}
		default:
			o.line[o.current] = append(o.line[o.current], b)
		}
	}
	return len(data), nil
}

func (o *output) take(line string) error {
	kind, text, _ := strings.Cut(line, " ")
	switch kind {
	case "o", "e":
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil // it is none of run.sh's
		}
		to := o.stdout
		if kind == "e" {
			to = o.stderr
		}
		_, err = to.Write(data)
		return err
	case "x":
		if o.over[o.current] = true; text != "" {
			o.status, _ = strconv.Atoi(text)
		}
	}
	return nil
}

// ended says whether the script and all of its output have been seen.
func (o *output) ended() bool { return o.over[0] && o.over[1] }

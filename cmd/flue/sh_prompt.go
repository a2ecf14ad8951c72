package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/term"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/virtual"
	virtualshell "github.com/flue-run/flue/sandbox/virtual/shell"
)

// tty is the terminal that a person sits at.
type tty struct{ in, out *os.File }

// terminal is where the prompt is; nil where there is a script, or no terminal to read from.
func (c *shCmd) terminal(s streams) *tty {
	in, ok := s.in.(*os.File)
	if c.Command != nil || len(c.Args) > 0 || c.JSON || !ok || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	if out, ok := s.out.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		return &tty{in, out}
	}
	out, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0) // what scripts print goes elsewhere
	if err != nil {
		return nil
	}
	return &tty{in, out}
}

// prompt reads lines from a terminal and runs them until the person leaves. The exit status is the last script's.
func prompt(ctx context.Context, s streams, sh *shell, t *tty) error {
	box, ok := sh.box.(interface{ NewSession() *virtual.Session })
	if !ok {
		return usage(errors.New("sh: this kind of sandbox has no prompt: pass a script with -c"))
	}
	ctx = context.WithoutCancel(ctx) // Ctrl-C ends a line, and not flue
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)

	sh.exec.Grants = withoutKeys(sh.exec.Grants)
	p := &prompter{streams: s, sh: sh, session: box.NewSession(), tty: t, keys: newKeys(t.in), signals: signals}
	p.line = term.NewTerminal(p, "")
	p.line.History = openHistory(os.Getenv, func() bool { return p.stopped.Load() })
	p.line.AutoCompleteCallback = p.complete
	p.line.SetBracketedPasteMode(true)
	defer p.line.SetBracketedPasteMode(false)
	if _, err := p.run(ctx, ":"); err != nil { // the session's variables are there from the first prompt on
		return err
	}
	return p.loop(ctx)
}

// prompter is the prompt of flue sh.
type prompter struct {
	streams
	sh      *shell
	session *virtual.Session
	tty     *tty
	line    *term.Terminal
	keys    *keys
	signals chan os.Signal
	stopped atomic.Bool // Ctrl-C ended the line
	status  int
	listed  string // for what Tab has shown all there is
}

// The keys that are not letters, as the terminal sends them.
const (
	ctrlC = 3
	ctrlD = 4
)

// Read hands keys to the line editor. It would take Ctrl-C for the end of the input: it gets the end of the line.
func (p *prompter) Read(b []byte) (int, error) {
	n, err := p.keys.read(context.Background(), b[:1])
	if n == 1 && b[0] == ctrlC {
		p.stopped.Store(true)
		n = copy(b, "\x05^C\r")
	}
	return n, err
}

// Write shows what the line editor draws.
func (p *prompter) Write(b []byte) (int, error) { return p.tty.out.Write(b) }

func (p *prompter) loop(ctx context.Context) error {
	text := ""
	for !p.session.Ended() {
		first, more := p.session.Prompt()
		if text != "" {
			first = more
		}
		line, err := p.edit(first)
		switch {
		case p.stopped.Swap(false):
			text, p.status = "", 130
			p.session.SetStatus(p.status)
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(p.tty.out)
			if text == "" {
				return p.left()
			}
			fmt.Fprintln(p.tty.out, "bash: syntax error: unexpected end of file")
			text, p.status = "", 2
			continue
		case err != nil && !errors.Is(err, term.ErrPasteIndicator):
			return fmt.Errorf("read a line: %w", err)
		}
		if text += line; virtualshell.Incomplete(text) {
			text += "\n"
			continue
		}
		if strings.TrimSpace(text) != "" {
			if ended, err := p.run(ctx, text); ended || err != nil {
				return err
			}
		}
		text = ""
	}
	return p.left()
}

// withoutKeys gives privileged commands what the script pipes to them, and nothing of what is typed: they would wait for it.
func withoutKeys(grants sandbox.Grants) sandbox.Grants {
	own := sandbox.Grants{}
	for name, run := range grants {
		own[name] = func(ctx context.Context, c sandbox.Call) int {
			if in, ok := c.Stdin.(interface{ OfExec() bool }); ok && in.OfExec() {
				c.Stdin = strings.NewReader("")
			}
			return run(ctx, c)
		}
	}
	return own
}

// left ends flue with the status of the last script. Ctrl-C was for the scripts alone.
func (p *prompter) left() error { return &statusError{status: p.status, final: true} }

// edit reads a line. Only meanwhile does the terminal hand over each key.
func (p *prompter) edit(prompt string) (string, error) {
	fd := int(p.tty.in.Fd())
	cooked, err := term.MakeRaw(fd)
	if err != nil {
		return "", err
	}
	defer term.Restore(fd, cooked)
	if width, height, err := term.GetSize(int(p.tty.out.Fd())); err == nil && width > 0 {
		_ = p.line.SetSize(width, height) // it fails where the screen cannot be redrawn, which the next line is
	}
	p.line.SetPrompt(prompt)
	return p.line.ReadLine()
}

// run runs a script. Ctrl-C ends it, SIGTERM ends the prompt, too.
func (p *prompter) run(ctx context.Context, script string) (ended bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	watched := make(chan syscall.Signal, 1)
	go func() {
		defer close(watched)
		select {
		case s := <-p.signals:
			watched <- s.(syscall.Signal)
			cancel(interrupted{s.(syscall.Signal)})
		case <-done:
		}
	}()
	e := p.sh.exec
	e.Script, e.Stdin, e.Output = script, keysDuring{p.keys, ctx}, passOn(p.streams)
	result, err := p.session.Exec(ctx, e)
	close(done)
	p.status = result.ExitCode
	if s, ok := <-watched; ok {
		fmt.Fprintln(p.tty.out)
		if p.status = 128 + int(s); s == syscall.SIGTERM {
			return true, p.left()
		}
		p.session.SetStatus(p.status)
		return false, nil
	}
	return false, err
}

// keysDuring is what is typed while a script runs.
type keysDuring struct {
	*keys
	ctx context.Context
}

// Read waits for what is typed, until the script ends. As of a terminal, it is no more than a line, for what was typed
// ahead is for whoever reads next.
func (k keysDuring) Read(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	n, err := k.next(k.ctx, b)
	i := bytes.IndexAny(b[:n], "\r\n\x04")
	if i < 0 {
		return n, err
	}
	end := i + 1
	k.rest = append(bytes.Clone(b[end:n]), k.rest...)
	switch {
	case b[i] != ctrlD:
		b[i] = '\n'
	case i == 0:
		return 0, io.EOF
	default:
		end = i
	}
	return end, nil
}

// Unread takes back what a script has not used.
func (k keysDuring) Unread(data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rest = append(bytes.Clone(data), k.rest...)
}

// keys is what comes from a terminal, for one reader after another: one that gives up waiting takes nothing.
type keys struct {
	chunks chan []byte
	mu     sync.Mutex // of the reader that waits
	rest   []byte
	err    error // once chunks is closed
}

// newKeys reads until the file ends. A read of a terminal cannot be stopped: it ends with the process.
func newKeys(in io.Reader) *keys {
	k := &keys{chunks: make(chan []byte)}
	go func() {
		defer close(k.chunks)
		for {
			b := make([]byte, 4096)
			n, err := in.Read(b)
			if n > 0 {
				k.chunks <- b[:n]
			} else if err == nil {
				err = io.EOF // Ctrl-D, at the terminal's own line
			}
			if err == io.EOF {
				k.chunks <- nil
				continue
			}
			if err != nil {
				k.err = err
				return
			}
		}
	}()
	return k
}

func (k *keys) read(ctx context.Context, b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.next(ctx, b)
}

func (k *keys) next(ctx context.Context, b []byte) (int, error) {
	if len(k.rest) == 0 {
		select {
		case chunk, ok := <-k.chunks:
			if !ok {
				return 0, k.err
			}
			if len(chunk) == 0 {
				return 0, io.EOF
			}
			k.rest = chunk
			if ctx.Err() != nil { // both came: it is for the next reader
				return 0, context.Cause(ctx)
			}
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	n := copy(b, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

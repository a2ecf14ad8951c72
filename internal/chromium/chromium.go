// Package chromium drives a headless Chromium over its DevTools pipe, for the tests of pages and for the pictures of the
// documentation. Start at Start.
package chromium

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Browser is a Chromium with one page. Its methods are for one goroutine at a time.
type Browser struct {
	cmd     *exec.Cmd
	out     *os.File
	page    string // the DevTools session of the page
	last    int
	ended   chan struct{} // the browser has closed its pipe
	profile string
	stderr  bytes.Buffer

	mu      sync.Mutex
	waiting map[int]chan answer
}

// answer is what the browser says to a command.
type answer struct {
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Find is the Chromium of this machine; "": there is none.
func Find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Start starts the browser at a path, until ctx ends or Close, with an empty page of width × height.
func Start(ctx context.Context, path string, width, height int) (b *Browser, err error) {
	b = &Browser{ended: make(chan struct{}), waiting: map[int]chan answer{}}
	if b.profile, err = os.MkdirTemp("", "chromium"); err != nil {
		return nil, err
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	answers, said, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b.out = ours
	b.cmd = exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--remote-debugging-pipe", "--user-data-dir="+b.profile, "about:blank")
	b.cmd.ExtraFiles = []*os.File{theirs, said} // 3 and 4, where it looks for them
	b.cmd.Stderr = &b.stderr                    // a pipe that all its processes hold: with it, Wait waits for each of them
	b.cmd.WaitDelay = 10 * time.Second
	err = b.cmd.Start()
	theirs.Close()
	said.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start chromium: %w", err), os.RemoveAll(b.profile))
	}
	go b.listen(answers)
	if err := b.open(ctx, width, height); err != nil {
		closed := b.Close()
		return nil, errors.Join(err, closed, errors.New(b.stderr.String()))
	}
	return b, nil
}

// open makes the page.
func (b *Browser) open(ctx context.Context, width, height int) error {
	var target struct{ TargetID string }
	if err := b.do(ctx, "Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return err
	}
	var session struct{ SessionID string }
	if err := b.do(ctx, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session); err != nil {
		return err
	}
	b.page = session.SessionID
	return b.Size(ctx, width, height)
}

// listen hands answers to those who wait for them.
func (b *Browser) listen(pipe *os.File) {
	defer close(b.ended)
	defer pipe.Close()
	for in := bufio.NewReader(pipe); ; {
		message, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var said struct {
			ID int `json:"id"`
			answer
		}
		if json.Unmarshal(message[:len(message)-1], &said) != nil || said.ID == 0 {
			continue // an event
		}
		b.mu.Lock()
		waits := b.waiting[said.ID]
		delete(b.waiting, said.ID)
		b.mu.Unlock()
		if waits != nil {
			waits <- said.answer
		}
	}
}

// do has the browser, or its page once there is one, carry out a DevTools command.
func (b *Browser) do(ctx context.Context, method string, params, result any) error {
	waits := make(chan answer, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.waiting[id] = waits
	b.mu.Unlock()
	command := map[string]any{"id": id, "method": method, "params": params}
	if b.page != "" {
		command["sessionId"] = b.page
	}
	data, err := json.Marshal(command)
	if err != nil {
		return err
	}
	if _, err := b.out.Write(append(data, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	case <-b.ended:
		return fmt.Errorf("%s: the browser has ended", method)
	case a := <-waits:
		switch {
		case a.Error != nil:
			return fmt.Errorf("%s: %s", method, a.Error.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(a.Result, result)
	}
}

// Size makes the page as large as a window of width × height pixels; twice as many are in its pictures.
func (b *Browser) Size(ctx context.Context, width, height int) error {
	return b.do(ctx, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 2, "mobile": false}, nil)
}

// Dark has pages see a person who likes it dark, or light.
func (b *Browser) Dark(ctx context.Context, dark bool) error {
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	return b.do(ctx, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Scripts lets the pages' own scripts run, or not. Eval works all the same.
func (b *Browser) Scripts(ctx context.Context, run bool) error {
	return b.do(ctx, "Emulation.setScriptExecutionDisabled", map[string]any{"value": !run}, nil)
}

// Go opens an address.
func (b *Browser) Go(ctx context.Context, url string) error {
	var opened struct{ ErrorText string }
	if err := b.do(ctx, "Page.navigate", map[string]any{"url": url}, &opened); err != nil {
		return err
	}
	if opened.ErrorText != "" {
		return fmt.Errorf("open %s: %s", url, opened.ErrorText)
	}
	return b.Wait(ctx, "document.readyState === 'complete' && location.href !== 'about:blank'")
}

// Eval is the value of a JavaScript expression in the page; a promise is waited for.
func (b *Browser) Eval(ctx context.Context, expression string, value any) error {
	var evaluated struct {
		Result struct {
			Value json.RawMessage
		}
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err := b.do(ctx, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &evaluated)
	if err != nil {
		return err
	}
	if e := evaluated.ExceptionDetails; e != nil {
		return fmt.Errorf("%s: %s", e.Text, e.Exception.Description)
	}
	if value == nil || len(evaluated.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(evaluated.Result.Value, value)
}

// Wait waits until a JavaScript condition holds, whatever pages are opened meanwhile.
func (b *Browser) Wait(ctx context.Context, condition string) error {
	for {
		var holds bool
		err := b.Eval(ctx, "!!("+condition+")", &holds)
		if holds && err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for %s: %w", condition, errors.Join(ctx.Err(), err))
		}
	}
}

// Picture is what the window shows, as PNG.
func (b *Browser) Picture(ctx context.Context) ([]byte, error) {
	var shot struct{ Data string }
	if err := b.do(ctx, "Page.captureScreenshot", map[string]any{"format": "png"}, &shot); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(shot.Data)
}

// Close ends the browser and forgets what it kept.
func (b *Browser) Close() error {
	b.page = ""
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := b.do(ctx, "Browser.close", map[string]any{}, nil); err != nil {
		b.cmd.Process.Kill()
	}
	b.out.Close()
	<-b.ended
	if err := b.cmd.Wait(); errors.Is(err, exec.ErrWaitDelay) { // killed is well
		return fmt.Errorf("a process of chromium goes on: %w", err)
	}
	return os.RemoveAll(b.profile)
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/flue-run/flue/engine"
	"github.com/flue-run/flue/store"
)

// remote asks a flue serve. remote_kept.go says what it knows of sessions and runs.
type remote struct {
	url    string // without a slash at its end
	token  string // "": none
	client *http.Client
	pause  time.Duration // before a stream that broke off is taken up again
}

// newRemote is the server at a URL. The token is read from a file, or from FLUE_TOKEN if that is "": a command line is
// seen by every process of the machine.
func newRemote(s streams, server, tokenFile string) (*remote, error) {
	at, err := url.Parse(server)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "" {
		return nil, usage(errors.New("--server: write the URL of a flue serve, such as http://127.0.0.1:3000"))
	}
	r := &remote{url: strings.TrimSuffix(at.String(), "/"), token: os.Getenv("FLUE_TOKEN"), pause: time.Second}
	if tokenFile != "" {
		data, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, usage(fmt.Errorf("read --token-file: %w", err))
		}
		r.token = string(data)
	}
	r.token = strings.TrimSpace(r.token)
	if strings.ContainsFunc(r.token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil, usage(errors.New("the token for --server has characters that no token has"))
	}
	if host := net.ParseIP(at.Hostname()); r.token != "" && at.Scheme == "http" && at.Hostname() != "localhost" && !host.IsLoopback() {
		fmt.Fprintf(s.err, "flue: the token goes to %s without TLS: whoever is between can read it\n", at.Host)
	}
	r.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return r, nil
}

func (r *remote) Place() string { return "on " + r.url }

func (r *remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

// call is a request of the server.
type call struct {
	method, path string
	query        url.Values
	header       map[string]string
	body         any // as JSON; nil: none
}

// do sends a request. An answer that is no success is an error.
func (r *remote) do(ctx context.Context, c call) (*http.Response, error) {
	var body io.Reader
	if c.body != nil {
		data, err := json.Marshal(c.body)
		if err != nil {
			return nil, fmt.Errorf("encode a request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	at := r.url + c.path
	if len(c.query) > 0 {
		at += "?" + c.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, c.method, at, body)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", r.url, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	res, err := r.client.Do(req)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // it tells the URL again
		}
		return nil, fmt.Errorf("ask the server at %s: %w", r.url, err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		defer res.Body.Close()
		return nil, r.refused(c, res)
	}
	return res, nil
}

// ask sends a request and decodes its answer; nil: there is nothing to decode.
func (r *remote) ask(ctx context.Context, c call, answer any) error {
	res, err := r.do(ctx, c)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if answer == nil {
		return nil
	}
	if mediaType(res) != "application/json" {
		return r.stranger(c, res)
	}
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return fmt.Errorf("read the answer of %s to %s %s: %w", r.url, c.method, c.path, err)
	}
	return nil
}

func mediaType(res *http.Response) string {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return kind
}

// stranger tells of an answer that no flue gives.
func (r *remote) stranger(c call, res *http.Response) error {
	return usage(fmt.Errorf("%s is no flue serve: it answers %s %s with %s, %s", r.url, c.method, c.path, res.Status, res.Header.Get("Content-Type")))
}

// refused is the error that an answer tells of.
func (r *remote) refused(c call, res *http.Response) error {
	var answer struct {
		Error struct {
			Type    string `json:"type"`
			Message string `json:"message"`
			Ref     string `json:"ref"`
		} `json:"error"`
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil || json.Unmarshal(data, &answer) != nil || answer.Error.Type == "" {
		return r.stranger(c, res)
	}
	e := answer.Error
	e.Message = printable(e.Message) // whoever answers does not steer the terminal
	switch {
	case res.StatusCode == http.StatusUnauthorized && r.token == "":
		return usage(fmt.Errorf("the server at %s wants a token: set FLUE_TOKEN, or name a file that has it with --token-file", r.url))
	case res.StatusCode == http.StatusUnauthorized:
		return usage(fmt.Errorf("the server at %s does not know this token: its server.tokens lists those it does", r.url))
	case res.StatusCode == http.StatusForbidden, e.Type == "not_found":
		return usage(fmt.Errorf("the server at %s: %s", r.url, e.Message))
	case e.Type == "agent_not_found", e.Type == "session_not_found", e.Type == "run_not_found":
		return &remoteError{e.Message, store.ErrNotFound}
	case e.Type == "run_over":
		return &remoteError{e.Message, store.ErrSettled}
	case e.Type == "session_busy":
		return &remoteError{e.Message, store.ErrBusy}
	case e.Type == "session_exists", e.Type == "no_files", res.StatusCode == http.StatusBadRequest, res.StatusCode == http.StatusRequestEntityTooLarge:
		return &engine.RequestError{Message: e.Message}
	case e.Ref != "":
		return fmt.Errorf("the server at %s: %s %s", r.url, e.Message, e.Ref)
	}
	return fmt.Errorf("the server at %s: %s", r.url, e.Message)
}

// remoteError is a server's word for an error that callers decide by.
type remoteError struct {
	message string
	is      error
}

func (e *remoteError) Error() string { return e.message }
func (e *remoteError) Unwrap() error { return e.is }

package daytona

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// client sends requests, again where that may help.
type client struct {
	key   string
	http  *http.Client
	limit time.Duration // of one request
	pause time.Duration // before the first retry
}

func newClient(cfg Config) *client {
	c := &client{key: cfg.Key, http: cfg.HTTP, limit: cfg.Request, pause: cfg.Pause}
	if c.http == nil {
		c.http = &http.Client{}
	}
	return c
}

// request is one to be sent.
type request struct {
	method, url string
	body        []byte
	contentType string // "" is JSON
	// once says that it may do harm to send it twice: only where it was refused unread is it sent again.
	once bool
}

// apiError is an answer that is no success.
type apiError struct {
	status  int
	message string // as the service worded it, without the key
}

func (e *apiError) Error() string {
	switch {
	case e.status == http.StatusUnauthorized:
		return "Daytona does not accept the key (status 401): look at api_key of the sandbox's file"
	case e.message == "":
		return fmt.Sprintf("Daytona answers %d %s", e.status, http.StatusText(e.status))
	}
	return fmt.Sprintf("Daytona answers %d: %s", e.status, e.message)
}

// isStatus says whether err is an answer with that status.
func isStatus(err error, status int) bool {
	var e *apiError
	return errors.As(err, &e) && e.status == status
}

const tries = 5

// json sends a request, with in as its body unless that is nil, and reads the answer into out unless that is nil.
func (c *client) json(ctx context.Context, r request, in, out any) error {
	if in != nil {
		var err error
		if r.body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	return c.again(ctx, r.once, func(ctx context.Context) error { return c.try(ctx, r, out) })
}

// try sends a request once, and reads the answer into out unless that is nil.
func (c *client) try(ctx context.Context, r request, out any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.limit, fmt.Errorf("Daytona did not answer within %s", c.limit))
	defer cancel()
	response, err := c.send(ctx, r)
	if err != nil {
		return c.cause(ctx, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return c.cause(ctx, fmt.Errorf("read Daytona's answer: %w", err))
	}
	if out == nil {
		return nil
	}
	if text, ok := out.(*[]byte); ok {
		*text = data
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("what Daytona answers is not what its API describes: %w", err)
	}
	return nil
}

// cause is what ended ctx in place of an error that only says that it has ended.
func (c *client) cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// again does what may fail for a passing reason, up to tries times.
func (c *client) again(ctx context.Context, once bool, do func(context.Context) error) error {
	pause := c.pause
	for try := 1; ; try++ {
		err := do(ctx)
		if err == nil || ctx.Err() != nil {
			return c.cause(ctx, err)
		}
		after, passing := retryable(err, once)
		if !passing || try == tries {
			return err
		}
		if err := sleep(ctx, max(after, pause/2+rand.N(pause))); err != nil {
			return err
		}
		pause *= 2
	}
}

// refused is an apiError that says when to come back.
type refused struct {
	apiError
	after time.Duration
}

func (e *refused) Unwrap() error { return &e.apiError }

// retryable says whether the same request may succeed later, and how long the service asks to wait.
func retryable(err error, once bool) (after time.Duration, ok bool) {
	var answer *apiError
	var told *refused
	if errors.As(err, &told) {
		after = told.after
	}
	if errors.As(err, &answer) {
		return after, answer.status == http.StatusTooManyRequests || !once && answer.status >= 500 && answer.status != http.StatusNotImplemented
	}
	return 0, !once // the connection failed, or the answer broke off
}

const longestPause = time.Minute

// send sends a request once. An answer that is no success is an *apiError.
func (c *client) send(ctx context.Context, r request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	req.Header = c.header()
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
		if r.contentType != "" {
			req.Header.Set("Content-Type", r.contentType)
		}
	}
	response, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask Daytona: %w", err)
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	defer response.Body.Close()
	return nil, c.refusal(response)
}

func (c *client) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + c.key}, "X-Daytona-Source": {"flue"}}
}

// refusal is the error of an answer that is no success.
func (c *client) refusal(response *http.Response) error {
	e := &refused{apiError: apiError{status: response.StatusCode}}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.after = min(time.Duration(seconds)*time.Second, longestPause)
	}
	var body struct {
		Message any `json:"message"` // a text or a list of them
		Error   any `json:"error"`
	}
	data, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // without a body the status says enough
	if json.Unmarshal(data, &body) == nil {
		for _, said := range []any{body.Message, body.Error} {
			if said != nil && e.message == "" {
				e.message = strings.Trim(fmt.Sprint(said), "[]")
			}
		}
	}
	e.message = strings.ReplaceAll(e.message, c.key, "***")
	if len(e.message) > 500 {
		e.message = strings.ToValidUTF8(e.message[:500], "") + "…"
	}
	return e
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

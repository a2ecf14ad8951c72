package s3

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	attempts  = 4                      // of one request
	firstWait = 100 * time.Millisecond // before the second; doubled before each one after it
	maxAnswer = 8 << 20                // bytes of an answer that is no object: a page of a listing
)

// request is one exchange.
type request struct {
	method string
	key    string // "" is the bucket itself
	query  url.Values
	header http.Header
	body   []byte
	max    int64 // bytes of the answer; 0 is maxAnswer
}

type answer struct {
	header http.Header
	body   []byte
	length int64 // as the header says
}

// do sends a request, and again after an answer or a break that may pass.
func (c *Client) do(ctx context.Context, r request) (a answer, err error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		var again bool
		if a, again, err = c.once(ctx, r); err == nil || !again || attempt == attempts || ctx.Err() != nil {
			return a, err
		}
		timer := time.NewTimer(wait/2 + rand.N(wait/2))
		select {
		case <-ctx.Done():
			timer.Stop()
			return a, err
		case <-timer.C:
		}
		wait *= 2
	}
}

// once sends a request once; again says that the error may pass.
func (c *Client) once(ctx context.Context, r request) (a answer, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.address(r), bytes.NewReader(r.body))
	if err != nil {
		return a, false, fmt.Errorf("make a request: %w", err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if c.AccessKey != "" {
		c.sign(req, r.body)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return a, true, err
	}
	defer resp.Body.Close()
	max := cmp.Or(r.max, maxAnswer)
	body, err := io.ReadAll(io.LimitReader(resp.Body, max))
	if err != nil {
		return a, true, err
	}
	if resp.StatusCode/100 == 2 {
		return answer{resp.Header, body, resp.ContentLength}, false, nil
	}
	e := failure(resp, body)
	switch e.Code {
	case "SlowDown", "RequestTimeout", "InternalError":
		return a, true, e
	}
	return a, e.Status >= 500 && e.Status != http.StatusNotImplemented || e.Status == http.StatusTooManyRequests, e
}

// failure is the error that an answer tells of, in its body or, where it has none, with its status.
func failure(resp *http.Response, body []byte) *Error {
	var said struct{ Code, Region string }
	_ = xml.Unmarshal(body, &said) // what does not speak S3 is known by its status
	e := &Error{Code: said.Code, Status: resp.StatusCode, Region: cmp.Or(said.Region, resp.Header.Get("X-Amz-Bucket-Region"))}
	if e.Code == "" {
		switch {
		case e.Status == http.StatusNotFound:
			e.Code = "NoSuchKey"
		case e.Status == http.StatusForbidden:
			e.Code = "AccessDenied"
		default:
			e.Code = strings.ReplaceAll(http.StatusText(e.Status), " ", "")
		}
	}
	return e
}

// address is the URL of a request. Its path is escaped as it is signed.
func (c *Client) address(r request) string {
	host, path := c.Endpoint.Host, "/"+r.key
	if c.PathStyle {
		path = "/" + c.Bucket + path
	} else {
		host = c.Bucket + "." + host
	}
	address := c.Endpoint.Scheme + "://" + host + escape(path, true)
	if len(r.query) > 0 {
		address += "?" + query(r.query)
	}
	return address
}

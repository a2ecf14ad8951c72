// Package s3 speaks as much of Amazon's S3 protocol as a mounted bucket needs: it lists, reads, writes, copies and deletes
// objects. Start at Client; request.go sends, sign.go signs.
//
// It is written here, and not a library's, because those for Go bring megabytes of what no mount uses.
package s3

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client asks one bucket. Its methods may be called from several goroutines.
type Client struct {
	Endpoint             *url.URL // scheme and host
	Bucket               string
	PathStyle            bool // the bucket is in the path of addresses, else in the host
	Region               string
	AccessKey, SecretKey string // both "" sign nothing
	HTTP                 *http.Client
	Now                  func() time.Time
}

// Object is what a listing tells of an object.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
	ETag     string // without quotes
}

// Page is a part of a listing.
type Page struct {
	Objects  []Object
	Prefixes []string // what keys have in common up to the next slash
	Next     string   // the token of the next page, or ""
}

// Condition is what must be so for a write to happen.
type Condition struct {
	ETag   string // the object is in this state; "" does not matter
	Absent bool   // there is none
}

// Error is an answer that is no success. It has none of the text that the store wrote, which may repeat what was sent.
type Error struct {
	Code   string // such as NoSuchKey
	Status int    // of HTTP
	Region string // where the bucket is, if the store says so
}

func (e *Error) Error() string { return fmt.Sprintf("%s (status %d)", e.Code, e.Status) }

// List lists the keys that begin with prefix, at most max of them and of Prefixes; folders says whether what has a slash
// after prefix is only told of as one of Prefixes. token is Next of the page before, or "".
func (c *Client) List(ctx context.Context, prefix string, folders bool, token string, max int) (Page, error) {
	q := url.Values{"list-type": {"2"}, "prefix": {prefix}, "max-keys": {strconv.Itoa(max)}, "encoding-type": {"url"}}
	if folders {
		q.Set("delimiter", "/")
	}
	if token != "" {
		q.Set("continuation-token", token)
	}
	answer, err := c.do(ctx, request{method: http.MethodGet, query: q})
	if err != nil {
		return Page{}, err
	}
	var list struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		EncodingType          string
		IsTruncated           bool
		NextContinuationToken string
		Contents              []struct {
			Key, ETag    string
			Size         int64
			LastModified time.Time
		}
		CommonPrefixes []struct{ Prefix string }
	}
	if err := xml.Unmarshal(answer.body, &list); err != nil {
		return Page{}, fmt.Errorf("read a listing: %w", err)
	}
	decode := func(s string) string {
		if plain, err := url.QueryUnescape(s); err == nil && list.EncodingType == "url" {
			return plain
		}
		return s
	}
	var page Page
	for _, o := range list.Contents {
		page.Objects = append(page.Objects, Object{decode(o.Key), o.Size, o.LastModified, strings.Trim(o.ETag, `"`)})
	}
	for _, p := range list.CommonPrefixes {
		page.Prefixes = append(page.Prefixes, decode(p.Prefix))
	}
	if list.IsTruncated {
		page.Next = list.NextContinuationToken
	}
	return page, nil
}

// Head tells about an object.
func (c *Client) Head(ctx context.Context, key string) (Object, error) {
	answer, err := c.do(ctx, request{method: http.MethodHead, key: key})
	if err != nil {
		return Object{}, err
	}
	modified, _ := http.ParseTime(answer.header.Get("Last-Modified")) // one without is as old as can be
	return Object{key, answer.length, modified, etag(answer.header)}, nil
}

// Get reads size bytes of an object from offset on, if it still has the ETag given; "" is any.
func (c *Client) Get(ctx context.Context, key, tag string, offset, size int64) ([]byte, error) {
	header := http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", offset, offset+size-1)}}
	if tag != "" {
		header.Set("If-Match", `"`+tag+`"`)
	}
	answer, err := c.do(ctx, request{method: http.MethodGet, key: key, header: header, max: size})
	if err != nil {
		return nil, err
	}
	if now := etag(answer.header); tag != "" && now != "" && now != tag { // a store that does not look at If-Match
		return nil, &Error{Code: "PreconditionFailed", Status: http.StatusPreconditionFailed}
	}
	if int64(len(answer.body)) != size {
		return nil, io.ErrUnexpectedEOF
	}
	return answer.body, nil
}

// Put writes an object whole, a large one in parts, and returns its ETag.
func (c *Client) Put(ctx context.Context, key string, data []byte, when Condition) (string, error) {
	if len(data) > partSize {
		return c.putParts(ctx, key, data, when)
	}
	answer, err := c.do(ctx, request{method: http.MethodPut, key: key, header: when.header(), body: data})
	return etag(answer.header), err
}

func (c Condition) header() http.Header {
	h := http.Header{}
	if c.ETag != "" {
		h.Set("If-Match", `"`+c.ETag+`"`)
	}
	if c.Absent {
		h.Set("If-None-Match", "*")
	}
	return h
}

// Copy copies an object within the bucket, if it still has the ETag given ("" is any), and returns the copy's.
func (c *Client) Copy(ctx context.Context, from, to, tag string) (string, error) {
	header := http.Header{"X-Amz-Copy-Source": {escape("/"+c.Bucket+"/"+from, true)}}
	if tag != "" {
		header.Set("X-Amz-Copy-Source-If-Match", `"`+tag+`"`)
	}
	answer, err := c.do(ctx, request{method: http.MethodPut, key: to, header: header})
	if err != nil {
		return "", err
	}
	return answer.etag()
}

// Delete removes an object; one that is not there is no error.
func (c *Client) Delete(ctx context.Context, key string) error {
	_, err := c.do(ctx, request{method: http.MethodDelete, key: key})
	return err
}

func etag(h http.Header) string { return strings.Trim(h.Get("ETag"), `"`) }

package sandbox

import (
	"context"
	"io"
	"net/netip"
	"time"
)

// Fetch sends one HTTP request of a sandbox and returns the answer's head, with its body to be read. It judges the
// request itself, and follows no redirect: who follows one asks again. What fails is a *FetchError. The caller closes
// the body.
type Fetch func(ctx context.Context, r Request) (*Response, error)

// Request is one HTTP request. Nothing is sent that is not in it, but for the lines that frame Body.
type Request struct {
	Method string
	URL    string
	Header []Field       // in the order in which they are sent; Host too, if it is not the URL's
	Body   io.Reader     // nil: none
	Size   int64         // of Body in bytes; -1: not known, it is sent in chunks
	Dial   time.Duration // how long connecting may take; 0: as long as ctx lets it
	// Trace, if set, is told in order: where a connection is tried, and the bytes of both heads.
	Trace func(TraceKind, string)
}

// Field is one line of a request's head.
type Field struct{ Name, Value string }

// TraceKind says what a line of a Request's Trace is.
type TraceKind byte

// What a Trace is told.
const (
	TraceNote     TraceKind = '*'
	TraceSent     TraceKind = '>'
	TraceReceived TraceKind = '<'
)

// Response is the answer to a Request.
type Response struct {
	Head   string // status line and fields as they came, with the empty line at the end
	Proto  string // "1.1"
	Code   int
	Header map[string][]string // by the canonical form of the name
	Body   io.ReadCloser       // its errors are *FetchErrors
	Size   int64               // of Body; -1: not known
	Sent   int                 // bytes of the request's head
	// Local and Remote are the two ends of the connection.
	Local, Remote netip.AddrPort
	// Resolved, Connected, Secured and Answered are how long after the start each was done.
	Resolved, Connected, Secured, Answered time.Duration
}

// FetchStage is where a request failed.
type FetchStage int

// The stages of a request, in their order.
const (
	FetchURL         FetchStage = iota + 1 // the URL is none that can be fetched
	FetchRefused                           // the sandbox's network does not have it, or its address
	FetchResolve                           // the host has no address
	FetchConnect                           // no address of the host answers
	FetchTLS                               // no secure connection comes about
	FetchCertificate                       // the server is not who it should be
	FetchSend
	FetchEmpty   // the connection ended before an answer
	FetchReceive // the connection ended within the answer
	FetchFormat  // the answer is not HTTP
	FetchTimeout // Request.Dial is over
)

// FetchError is what a Fetch fails with.
type FetchError struct {
	Stage FetchStage
	Err   error
}

// Error is the reason, in words for who wrote the request.
func (e *FetchError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *FetchError) Unwrap() error { return e.Err }

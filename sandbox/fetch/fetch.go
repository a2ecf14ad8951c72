// Package fetch is the network of a sandbox: HTTP to the URLs that its file allows, and to nothing else. Start at New;
// allow.go judges URLs, address.go the addresses that their hosts turn out to have.
package fetch

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// Config is what a sandbox may reach.
type Config struct {
	// Allow has URL prefixes: scheme, host and port must be the same, and a path ends where a segment does.
	// "https://*.example.com/" is every host below example.com, "https://*/" every host. A private address, one of this
	// machine's among them, is reached only where Allow has it literally, or "localhost".
	Allow []string
	// OwnPort is a port on which flue itself listens, which no sandbox reaches; 0: none.
	OwnPort uint16
	// Roots are the authorities that servers' certificates must come from; nil: the system's.
	Roots *x509.CertPool
}

const (
	maxHead     = 256 << 10 // bytes of an answer's head, those of 1xx before it included
	dialTimeout = 5 * time.Minute
)

type client struct {
	allow []prefix
	texts []string
	own   uint16
	roots *x509.CertPool
}

// New makes a sandbox's network. It fails where an entry of Allow is no URL prefix. Variables such as HTTPS_PROXY mean
// nothing to it, and each request has a connection of its own.
func New(c Config) (sandbox.Fetch, error) {
	f := &client{own: c.OwnPort, roots: c.Roots, texts: c.Allow}
	for _, text := range c.Allow {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, err
		}
		f.allow = append(f.allow, p)
	}
	return f.fetch, nil
}

func fail(stage sandbox.FetchStage, format string, args ...any) error {
	return &sandbox.FetchError{Stage: stage, Err: fmt.Errorf(format, args...)}
}

// judge says whether a URL is allowed. A host that an entry names may then have a private address, if it is one.
func (f *client) judge(text string) (target, error) {
	t, err := parseTarget(text)
	if err != nil {
		return t, fail(sandbox.FetchURL, "the URL cannot be fetched: %w", err)
	}
	for _, p := range f.allow {
		if p.matches(t) {
			t.allowed = true
			t.named = t.named || !p.below
		}
	}
	if t.allowed {
		return t, nil
	}
	return t, fail(sandbox.FetchRefused, "the sandbox's network does not allow %s://%s%s; it allows: %s", t.scheme, t.authority, t.path, strings.Join(f.texts, ", "))
}

func (f *client) fetch(ctx context.Context, r sandbox.Request) (*sandbox.Response, error) {
	t, err := f.judge(r.URL)
	if err != nil {
		return nil, err
	}
	head, err := requestHead(r, t)
	if err != nil {
		return nil, err
	}
	if r.Trace == nil {
		r.Trace = func(sandbox.TraceKind, string) {}
	}
	answer := &sandbox.Response{Sent: len(head)}
	began := time.Now()
	conn, err := f.connect(ctx, r, t, answer, began)
	if err != nil {
		return nil, err
	}
	e := &exchange{conn: conn, ctx: ctx, sent: make(chan error, 1)}
	e.stop = context.AfterFunc(ctx, func() { conn.Close() })
	if err := e.do(r, head, answer); err != nil {
		e.Close()
		return nil, err
	}
	answer.Answered = time.Since(began)
	return answer, nil
}

// connect dials the host, and checks each address where it is dialed: no name server can put another one in between.
func (f *client) connect(ctx context.Context, r sandbox.Request, t target, answer *sandbox.Response, began time.Time) (net.Conn, error) {
	limit := dialTimeout
	if r.Dial > 0 {
		limit = r.Dial
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var refused error
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		answer.Resolved = time.Since(began)
		r.Trace(sandbox.TraceNote, "  Trying "+address+"...\n")
		refused = f.mayConnect(t, address)
		return refused
	}}
	conn, err := dialer.DialContext(limited, "tcp", net.JoinHostPort(t.host, t.port))
	var noName *net.DNSError
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, fail(sandbox.FetchTimeout, "connecting to %s: %w", t.authority, context.Cause(ctx))
	case limited.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fail(sandbox.FetchTimeout, "Failed to connect to %s port %s after %d ms: Timeout was reached", t.host, t.port, time.Since(began).Milliseconds())
	case refused != nil:
		return nil, fail(sandbox.FetchRefused, "%w", refused)
	case errors.As(err, &noName):
		return nil, fail(sandbox.FetchResolve, "Could not resolve host: %s", t.host)
	default:
		return nil, fail(sandbox.FetchConnect, "Failed to connect to %s port %s after %d ms: Couldn't connect to server", t.host, t.port, time.Since(began).Milliseconds())
	}
	answer.Connected = time.Since(began)
	answer.Local, answer.Remote = addrPort(conn.LocalAddr()), addrPort(conn.RemoteAddr())
	r.Trace(sandbox.TraceNote, fmt.Sprintf("Connected to %s (%s) port %s (#0)\n", t.host, answer.Remote.Addr(), t.port))
	if t.scheme == "http" {
		return conn, nil
	}
	secure := tls.Client(conn, &tls.Config{ServerName: t.host, RootCAs: f.roots, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(limited); err != nil {
		conn.Close()
		if limited.Err() != nil {
			return nil, fail(sandbox.FetchTimeout, "SSL connection timeout")
		}
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			return nil, fail(sandbox.FetchCertificate, "SSL certificate problem: %w", untrusted.Err)
		}
		return nil, fail(sandbox.FetchTLS, "%w", err)
	}
	answer.Secured = time.Since(began)
	return secure, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	p, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

func (f *client) mayConnect(t target, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err == nil && f.own != 0 && at.Port() == f.own && isHere(at.Addr().WithZone("").Unmap()) {
		return errors.New("flue itself listens there, and no sandbox reaches it")
	}
	if !t.named {
		return MayConnect("*", address)
	}
	return MayConnect(t.host, address)
}

// requestHead is the first lines of a request. A field that could begin another one is refused.
func requestHead(r sandbox.Request, t target) (string, error) {
	var b strings.Builder
	if !isToken(r.Method) {
		return "", fail(sandbox.FetchURL, "%q is no method", r.Method)
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.Method, t.request)
	var host strings.Builder
	for _, f := range r.Header {
		if !isToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return "", fail(sandbox.FetchURL, "the header %q is malformed", f.Name)
		}
		switch strings.ToLower(f.Name) {
		case "content-length", "transfer-encoding", "connection", "upgrade":
			continue // what frames the request is written here
		case "host":
			if !strings.EqualFold(f.Value, t.authority) { // it would choose another site of the same server
				return "", fail(sandbox.FetchRefused, "the header Host must be that of the URL, %s", t.authority)
			}
			continue
		}
		fmt.Fprintf(&host, "%s: %s\r\n", f.Name, f.Value)
	}
	fmt.Fprintf(&b, "Host: %s\r\n%s", t.authority, host.String())
	switch {
	case r.Body == nil:
	case r.Size < 0:
		b.WriteString("Transfer-Encoding: chunked\r\n")
	default:
		fmt.Fprintf(&b, "Content-Length: %d\r\n", r.Size)
	}
	b.WriteString("\r\n")
	return b.String(), nil
}

func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// exchange is one request and its answer on a connection, and the body that is read from it.
type exchange struct {
	conn net.Conn
	ctx  context.Context
	stop func() bool
	sent chan error
	body io.ReadCloser
	busy bool // a goroutine sends the body
}

func (e *exchange) do(r sandbox.Request, head string, answer *sandbox.Response) error {
	r.Trace(sandbox.TraceSent, head)
	if _, err := io.WriteString(e.conn, head); err != nil {
		return e.fail(sandbox.FetchSend, "Send failure: %w", err)
	}
	if r.Body != nil {
		e.busy = true
		go func() { e.sent <- e.send(r) }()
	}
	in := bufio.NewReaderSize(e.conn, 16<<10)
	var raw bytes.Buffer
	for {
		raw.Reset()
		if err := e.readHead(in, &raw); err != nil {
			return err
		}
		parsed, err := http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(raw.Bytes()), in)), &http.Request{Method: r.Method})
		if err != nil {
			return e.fail(sandbox.FetchFormat, "the answer is not HTTP: %w", err)
		}
		r.Trace(sandbox.TraceReceived, raw.String())
		answer.Head += raw.String()
		if len(answer.Head) > maxHead {
			return e.fail(sandbox.FetchReceive, "the answer's head is larger than %d KiB", maxHead>>10)
		}
		if parsed.StatusCode/100 == 1 && parsed.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		answer.Proto = fmt.Sprintf("%d.%d", parsed.ProtoMajor, parsed.ProtoMinor)
		answer.Code, answer.Header, answer.Size = parsed.StatusCode, parsed.Header, parsed.ContentLength
		e.body, answer.Body = parsed.Body, e
		return nil
	}
}

// send sends the body, framed.
func (e *exchange) send(r sandbox.Request) error {
	if r.Size >= 0 {
		n, err := io.Copy(e.conn, io.LimitReader(r.Body, r.Size))
		if err == nil && n < r.Size {
			err = io.ErrUnexpectedEOF
			e.conn.Close()
		}
		return err
	}
	buf := make([]byte, 16<<10)
	for {
		n, err := r.Body.Read(buf)
		if n > 0 {
			if _, err := fmt.Fprintf(e.conn, "%x\r\n%s\r\n", n, buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			_, err := io.WriteString(e.conn, "0\r\n\r\n")
			return err
		}
		if err != nil {
			e.conn.Close()
			return err
		}
	}
}

// readHead reads to the first empty line.
func (e *exchange) readHead(in *bufio.Reader, raw *bytes.Buffer) error {
	for {
		line, err := in.ReadSlice('\n')
		raw.Write(line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull) && raw.Len() <= maxHead:
			continue
		case raw.Len() > maxHead:
			return e.fail(sandbox.FetchReceive, "the answer's head is larger than %d KiB", maxHead>>10)
		case err == io.EOF && raw.Len() == 0:
			return e.fail(sandbox.FetchEmpty, "Empty reply from server")
		case err != nil:
			return e.fail(sandbox.FetchReceive, "Recv failure: %w", err)
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			return nil
		case raw.Len() == len(line) && !bytes.HasPrefix(line, []byte("HTTP/")):
			return e.fail(sandbox.FetchFormat, "Received HTTP/0.9 when not allowed")
		}
	}
}

// fail makes an error of the stage, or of the context that ended it.
func (e *exchange) fail(stage sandbox.FetchStage, format string, args ...any) error {
	if e.ctx.Err() != nil {
		return fail(sandbox.FetchTimeout, "%w", context.Cause(e.ctx))
	}
	err := fmt.Errorf(format, args...)
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return fail(stage, "Recv failure: Connection reset by peer")
	case errors.Is(err, syscall.EPIPE):
		return fail(stage, "Send failure: Broken pipe")
	}
	return &sandbox.FetchError{Stage: stage, Err: err}
}

// Read reads the answer's body.
func (e *exchange) Read(p []byte) (int, error) {
	n, err := e.body.Read(p)
	if err != nil && err != io.EOF {
		err = e.fail(sandbox.FetchReceive, "%w", err)
	}
	return n, err
}

// Close ends the connection, and waits for the body's sender.
func (e *exchange) Close() error {
	e.stop()
	err := e.conn.Close()
	if e.busy {
		<-e.sent
		e.busy = false
	}
	return err
}

package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/flue-run/flue/sandbox"
)

// dialTimeout bounds connecting, where the request does not say for how long.
const dialTimeout = 5 * time.Minute

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

package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Listen opens the address host:port; port 0 is any that is free. Only with tokens may it be open to other machines.
func Listen(ctx context.Context, address string, tokens bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("the address %q is not host:port, such as 127.0.0.1:3000: %w", address, err)
	}
	if !tokens && !loopbackName(host) {
		return nil, fmt.Errorf("without tokens flue serves this machine only, and %s is open to others: list who may call it in server.tokens of .flue/flue.yaml, or take 127.0.0.1", address)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if at, err := netip.ParseAddrPort(ln.Addr().String()); err != nil || !tokens && !at.Addr().Unmap().IsLoopback() {
		return nil, errors.Join(fmt.Errorf("%s is not a loopback address here (%s), and there are no tokens", host, ln.Addr()), ln.Close())
	}
	return ln, nil
}

// lastWords is how long requests may take to end once every run has.
const lastWords = 2 * time.Second

// Serve answers requests and fires schedules until ctx ends. Then it takes no more and lets the runs at work end, for as long as drain. Those
// that are left have no outcome yet and go on when their store is served again.
func (s *Server) Serve(ctx context.Context, ln net.Listener, drain time.Duration) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	requests, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug), // what clients do wrong
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if e := srv.Serve(ln); !errors.Is(e, http.ErrServerClosed) {
			err = fmt.Errorf("serve: %w", e)
		}
		stop()
	})
	serving.Go(func() { s.clock.run(ctx) })
	<-ctx.Done()
	s.closing.Store(true)
	serving.Go(func() {
		if srv.Shutdown(requests) != nil { // no new requests; waits for those there are
			srv.Close() // those that do not even read or write
		}
	})
	patience, cancel := context.WithTimeout(requests, drain)
	defer cancel()
	closed := s.cfg.Runner.Close(patience)
	s.endStreams()
	timer := time.AfterFunc(lastWords, giveUp)
	defer timer.Stop()
	serving.Wait()
	return errors.Join(err, closed)
}

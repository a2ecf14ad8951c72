package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// recorder remembers how a request was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(data)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logged writes a line for every request, and keeps a panic from ending more than its own.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			p := recover()
			switch {
			case p == nil, p == http.ErrAbortHandler:
			case rec.status == 0:
				s.fail(rec, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
				p = nil
			default:
				s.cfg.Log.Error("panic", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			}
			took := time.Since(start)
			s.log(r, rec, took)
			s.metrics.answered(r, rec.status, took)
			if p != nil {
				panic(http.ErrAbortHandler) // the client sees that the answer is no whole one
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

func (s *Server) log(r *http.Request, rec *recorder, took time.Duration) {
	level := slog.LevelInfo
	if r.URL.Path == "/health" || r.URL.Path == "/ready" {
		level = slog.LevelDebug // whoever probes does so every few seconds
	}
	attrs := []slog.Attr{slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", rec.status),
		slog.Int64("bytes", rec.bytes), slog.String("took", took.Round(time.Microsecond).String()), slog.String("remote", r.RemoteAddr)}
	if name, ok := s.client(r); ok {
		attrs = append(attrs, slog.String("token", name))
	}
	s.cfg.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

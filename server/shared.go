package server

import (
	"net/http"
	"slices"
)

// shared puts what every answer has around the routes: headers against misuse in a browser, and CORS.
func (s *Server) shared(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	for _, origin := range s.cfg.CORS {
		if err := crossOrigin.AddTrustedOrigin(origin); err != nil {
			s.cfg.Log.Error("server.cors", "origin", origin, "error", err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if origin := r.Header.Get("Origin"); origin != "" && slices.Contains(s.cfg.CORS, origin) {
			h.Add("Vary", "Origin")
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "Location, Preference-Applied, Retry-After")
			if r.Method == http.MethodOptions {
				h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
				h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, X-Webhook")
				h.Set("Access-Control-Max-Age", "600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		if err := crossOrigin.Check(r); err != nil {
			s.fail(w, r, &apiError{status: http.StatusForbidden, kind: "cross_origin", message: "a page of another origin may not do this; server.cors lists those that may"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

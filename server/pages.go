package server

import (
	"net/http"

	"github.com/flue-run/flue/server/console"
)

// console is the handler of the pages for people.
func (s *Server) console() http.Handler {
	cfg := console.Config{Runner: s.cfg.Runner, Store: s.cfg.Store, Fail: s.fail, Now: s.cfg.Now, Show: publicEvent, Closing: s.endless,
		Stream: func(w http.ResponseWriter, gone func()) console.Stream { return s.openSSE(w, gone) }}
	if len(s.tokens) > 0 {
		cfg.Token = s.named
	}
	return console.New(cfg)
}

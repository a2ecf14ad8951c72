// Command answers is a model behind Chat Completions on loopback that answers at once: a few words, or, to requests for the
// model "long", 2,000 chunks. GET /last is the body of the latest request.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
)

const (
	chunk = `data: {"choices": [{"index": 0, "delta": {"content": "word "}}]}` + "\n\n"
	end   = `data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1000, "completion_tokens": 2}}` +
		"\n\ndata: [DONE]\n\n"
)

var last atomic.Pointer[[]byte]

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	last.Store(&[]byte{})
	http.HandleFunc("GET /last", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(*last.Load()) })
	http.HandleFunc("POST /", answer)
	fmt.Printf("listening on http://%s\n", ln.Addr())
	log.Fatal(http.Serve(ln, nil))
}

func answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	last.Store(&body)
	w.Header().Set("Content-Type", "text/event-stream")
	if bytes.Contains(body, []byte(`"model":"long"`)) {
		for range 2000 {
			_, _ = io.WriteString(w, chunk)
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, end)
		return
	}
	_, _ = io.WriteString(w, chunk+chunk+end)
}

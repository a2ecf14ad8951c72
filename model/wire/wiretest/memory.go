package wiretest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flue-run/flue/model"
)

// Memory is a client of an endpoint without a network, which answers each request with the same stream.
func Memory(stream string) *http.Client { return &http.Client{Transport: memory(stream)} }

type memory string

func (m memory) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body: io.NopCloser(strings.NewReader(string(m)))}, nil
}

// Fuzz asks the provider that connect makes for streams that begin with those of testdata: each ends once, with a message
// or an error; no text is lost, and calls have ids of their own and arguments, good or bad.
func Fuzz(f *testing.F, connect func(*http.Client) model.Provider) {
	files, err := filepath.Glob("testdata/*.sse")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, body string) {
		text, ends := "", 0
		for d, err := range connect(Memory(body)).Stream(t.Context(), &model.Request{Model: "m"}) {
			if text += d.Text; err != nil || d.Message != nil {
				ends++
			}
			if d.Message == nil {
				continue
			}
			if len(d.Message.Text()) != len(text) { // pieces of two parts may come in turn
				t.Errorf("streamed %q, message %q", text, d.Message.Text())
			}
			ids := map[string]bool{"": true}
			for _, c := range d.Message.Calls() {
				if ids[c.ID] || c.Args == nil == (c.BadArgs == "") {
					t.Errorf("call %+v among %v", c, ids)
				}
				ids[c.ID] = true
			}
		}
		if ends != 1 {
			t.Errorf("the stream ended %d times", ends)
		}
	})
}

// LeaveEarly checks that leaving the loop behind the first delta ends the request. The stream begins with event, whose text
// is "one".
func LeaveEarly(t *testing.T, connect func(baseURL string) model.Provider, event string) {
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: "+event+"\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(gone)
	}))
	defer server.Close()
	for d, err := range connect(server.URL).Stream(t.Context(), &model.Request{Model: "m"}) {
		if err != nil || d.Text != "one" {
			t.Errorf("got %v, %v", d, err)
		}
		break
	}
	<-gone
}

// Chunks is how often Allocs repeats a piece of an answer.
const Chunks = 2000

// Allocs checks that a piece of a long answer takes at most three allocations: each is read, parsed and handed on. The piece
// is an event of the stream whose text is word; end is what follows the last.
func Allocs(t *testing.T, connect func(*http.Client) model.Provider, piece, word, end string) {
	p := connect(Memory(strings.Repeat(piece, Chunks) + end))
	perChunk := testing.AllocsPerRun(5, func() { Read(t, p, Chunks*len(word)) }) / Chunks
	t.Logf("%.2f allocations a chunk", perChunk)
	if perChunk > 3 {
		t.Errorf("%.2f allocations a chunk, at most 3 are meant", perChunk)
	}
}

// Read asks p once and reads the answer to its end, which has length bytes of text.
func Read(tb testing.TB, p model.Provider, length int) {
	for d, err := range p.Stream(tb.Context(), &model.Request{Model: "m"}) {
		if err != nil {
			tb.Fatal(err)
		}
		if d.Message != nil && len(d.Message.Text()) != length {
			tb.Fatalf("got %d bytes", len(d.Message.Text()))
		}
	}
}

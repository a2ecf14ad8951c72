// Package wiretest checks an adapter of a wire format against answers kept in files. Start at Fixtures.
package wiretest

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flue-run/flue/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var contentTypes = map[string]string{
	".sse": "text/event-stream; charset=utf-8", ".json": "application/json", ".html": "text/html",
}

// Fixtures serves each file of testdata as the answer to one request of the provider that connect makes, and compares
// the message, or the error, with the file's .golden. The text of the deltas must be the text of the message.
func Fixtures(t *testing.T, connect func(baseURL string) model.Provider) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		kind, ok := contentTypes[filepath.Ext(file)]
		if !ok {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			answer, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", kind)
				_, _ = w.Write(answer)
			}))
			defer server.Close()
			compare(t, strings.TrimSuffix(file, filepath.Ext(file))+".golden", collect(t, connect(server.URL)))
		})
	}
}

// collect streams one request and renders how it ended.
func collect(t *testing.T, p model.Provider) string {
	var text, thinking string
	var msg *model.Message
	for d, err := range p.Stream(t.Context(), &model.Request{Model: "m", Messages: []model.Message{model.UserText("hi")}}) {
		if err != nil {
			return "streamed: " + text + "\nerror: " + err.Error() + "\n"
		}
		text, thinking, msg = text+d.Text, thinking+d.Thinking, d.Message
	}
	if msg == nil {
		t.Fatal("the stream ended with neither a message nor an error")
	}
	for _, b := range msg.Blocks {
		if b.Type == model.ThinkingBlock {
			thinking = strings.TrimPrefix(thinking, b.Text)
		}
	}
	if text != msg.Text() || thinking != "" {
		t.Errorf("streamed text %q, in the message %q; thinking that is not in the message: %q", text, msg.Text(), thinking)
	}
	b, err := json.MarshalIndent(msg, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func compare(t *testing.T, golden, got string) {
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n got %s\nwant %s", golden, got, want)
	}
}

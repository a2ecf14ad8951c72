// Command floor is what a server of agents costs at least: it asks the model and answers, or streams, what the model says,
// and keeps nothing. Its request to the model is the file named first, with the model's name for MODEL in it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
)

var (
	body   []byte
	client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
)

func main() {
	var err error
	if body, err = os.ReadFile(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /ready", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("POST /agents/{agent}", answer)
	fmt.Printf("listening on http://%s\n", ln.Addr())
	log.Fatal(http.Serve(ln, nil))
}

func answer(w http.ResponseWriter, r *http.Request) {
	if _, err := io.ReadAll(r.Body); err != nil {
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), "POST", os.Getenv("MODEL_URL")+"/chat/completions",
		bytes.NewReader(bytes.Replace(body, []byte("MODEL"), []byte(r.PathValue("agent")), 1)))
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	stream := r.Header.Get("Accept") == "text/event-stream"
	if stream {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	var text strings.Builder
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		data, found := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !found || string(data) == "[DONE]" {
			continue
		}
		var event struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if err := json.Unmarshal(data, &event); err != nil {
			log.Fatal(err)
		}
		word := event.Choices[0].Delta.Content
		text.WriteString(word)
		if stream && word != "" {
			send(w, "text_delta", map[string]any{"type": "text_delta", "run": run, "session": run, "agent": r.PathValue("agent"),
				"step": "1", "turn": 1, "time": "2026-01-02T03:04:05.123456789Z", "text": word})
			w.(http.Flusher).Flush()
		}
	}
	result := map[string]any{"result": text.String(), "run": run, "session": run, "usage": map[string]int{"input": 1000, "output": 2}}
	if stream {
		send(w, "done", result)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(result)
}

const run = "run_01k0000000000000000000000"

func send(w io.Writer, event string, data any) {
	encoded, err := json.Marshal(data)
	if err != nil {
		log.Fatal(err)
	}
	_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, encoded)
}

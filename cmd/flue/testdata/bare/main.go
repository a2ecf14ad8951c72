// Command bare makes the one request of hello-world and nothing else: what a program in Go costs at least.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	res, err := http.Post(os.Getenv("OPENAI_BASE_URL")+"/chat/completions", "application/json",
		strings.NewReader(`{"model": "gpt-5-mini", "stream": true, "messages": [{"role": "user", "content": "Translate this to French: Hello world"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(os.Stdout, res.Body); err != nil {
		log.Fatal(err)
	}
}

package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/container"
)

// engines says which engines containers can run on here, and what each keeps an agent from.
func (w *wiring) engines(ctx context.Context) []finding {
	var found []finding
	for _, e := range container.Engines(ctx, container.Config{HostEnv: w.env}) {
		f := finding{Check: e.Name, Status: healthy, Text: fmt.Sprintf("%s at %s", e.Version, e.At)}
		if e.Err != nil {
			said, _, _ := strings.Cut(e.Err.Error(), "\n")
			f.Status, f.Text = mind, "cannot be used: "+said
		} else {
			f.Details = []string{"a container there has " + strings.Join(e.Covers, "; "), "does not cover " + strings.Join(e.Leaves, "; ")}
		}
		found = append(found, f)
	}
	return found
}

// lives asks a server of flue whether it does.
func lives(ctx context.Context, url string) finding {
	f := finding{Check: "server", Status: healthy, Text: url}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/health", nil)
	if err == nil {
		var response *http.Response
		if response, err = http.DefaultClient.Do(req); err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				err = fmt.Errorf("GET %s answers %s", req.URL, response.Status)
			}
		}
	}
	if err != nil {
		f.Status, f.Text = broken, err.Error()
	}
	return f
}

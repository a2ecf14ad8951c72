package lint

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/flue-run/flue/spec"
)

var plainHTTP = &Rule{
	Name:     "plain-http",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `An address begins with http:// and is not on this machine. What is sent there, keys and prompts included, can be read and
changed on the way, and so can the answer that the model is given.`,
	Bad: `-- .flue/flue.yaml --
providers:
  house: {api: openai, base_url: "http://llm.example.com/v1"}
`,
	Good: `-- .flue/flue.yaml --
providers:
  house: {api: openai, base_url: "https://llm.example.com/v1"}
  ollama: {api: openai, base_url: "http://127.0.0.1:11434/v1"}
`,
	Check: func(p *Pass) {
		privilegedStrings(p.Project, func(d *spec.Document, pointer, text string) {
			if !strings.HasPrefix(strings.ToLower(text), "http://") {
				return
			}
			if address, err := url.Parse(text); err == nil && !isLoopback(address.Hostname()) {
				p.Report(d, pointer, fmt.Sprintf("what goes to %s is not encrypted", address.Host), "write https://")
			}
		})
	},
}

// isLoopback says whether a host is this machine, as far as its name tells.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "host.docker.internal" || ip != nil && ip.IsLoopback()
}

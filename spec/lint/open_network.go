package lint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

var openNetwork = &Rule{
	Name:     "open-network",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `A sandbox or a command may reach every host, or all hosts of a top-level domain. Whatever the agent reads can then leave, and
whatever it fetches can steer it.`,
	Bad: `prompt: Summarise the page.
sandbox:
  type: virtual
  network: {allow: ["https://*"]}
`,
	Good: `prompt: Summarise the page.
sandbox:
  type: virtual
  network: {allow: ["https://docs.example.com/"]}
`,
	Check: func(p *Pass) {
		report := func(d *spec.Document, pointer, text string) {
			if reachesAll(text) {
				p.Report(d, pointer, fmt.Sprintf("%q reaches every host", text), "name the hosts that are needed")
			}
		}
		eachSandbox(p.Project, func(d *spec.Document, pointer string, s *spec.Sandbox) {
			if s.Network != nil && s.Network.Bridge {
				p.Report(d, pointer+"/network", "a container with a bridge reaches every host", "leave it out where setup can fetch what is needed, or grant commands that fetch")
			}
			eachString(d, pointer+"/network/allow", func(pointer, text string) { report(d, pointer, text) })
		})
		sorted(p.Project.Commands, func(_ string, c *spec.Command) {
			for i, text := range c.Network {
				report(c.Doc, join("/network", strconv.Itoa(i)), text)
			}
		})
	},
}

var everyHost = regexp.MustCompile(`^(\*|\*\.[a-z]{2,}|0\.0\.0\.0(/0)?|\[?::\]?(/0)?|)$`)

// reachesAll says whether a URL prefix or host:port names no host in particular.
func reachesAll(text string) bool {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	host, _, _ := strings.Cut(text, "/")
	if name, port, ok := strings.Cut(host, ":"); ok && strings.Trim(port, "0123456789*") == "" {
		host = name
	}
	return everyHost.MatchString(strings.ToLower(strings.TrimSpace(host)))
}

package lint

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/spec"
)

var mcpUnpinned = &Rule{
	Name:     "mcp-unpinned",
	Severity: spec.Warning,
	Group:    Secrets,
	Doc: `An MCP server is fetched and run in whatever version is the newest then. Its tools, and what they tell the model, may be others
tomorrow; and whoever takes the package over runs programs here.`,
	Bad: `-- .flue/flue.yaml --
mcp:
  docs: {command: [npx, -y, docs-mcp], tools: [search]}
`,
	Good: `-- .flue/flue.yaml --
mcp:
  docs: {command: [npx, -y, docs-mcp@1.4.2], tools: [search]}
`,
	Check: func(p *Pass) {
		sorted(p.Project.Settings.MCP, func(name string, server spec.MCP) {
			if i := unpinned(server.Command); i >= 0 {
				p.Report(p.Project.Settings.Doc, join("/mcp", name, "command", strconv.Itoa(i)),
					fmt.Sprintf("%s is run in its newest version, whatever that is", server.Command[i]), "write its version, or its digest if it is an image")
			}
		})
	},
}

// fetchers are programs that fetch a package and run it, with the subcommand that does so.
var fetchers = map[string]string{
	"npx": "", "bunx": "", "pnpx": "", "uvx": "", "pnpm": "dlx", "yarn": "dlx", "npm": "exec", "pipx": "run", "go": "run",
	"docker": "run", "podman": "run",
}

// versioned matches a package or image with a version: name@1.2, name==1.2, image:1.2, image@sha256:…
var versioned = regexp.MustCompile(`.(@|==|:)v?[0-9a-f]*[0-9][^/]*$|@sha256:`)

// unpinned is the index of the package without a version that a command line fetches; -1 if there is none.
func unpinned(command []string) int {
	if len(command) == 0 {
		return -1
	}
	at := 1
	subcommand, ok := fetchers[path.Base(command[0])]
	if ok && subcommand != "" {
		at = slices.Index(command, subcommand) + 1
		ok = at > 0
	}
	if !ok {
		return -1
	}
	withValue := []string{"-e", "--env", "-v", "--volume", "--network", "--name", "-p", "--mount", "-w", "-u", "--user", "--entrypoint"}
	for ; at < len(command); at++ {
		word := command[at]
		switch {
		case slices.Contains(withValue, word):
			at++
		case strings.HasPrefix(word, "-"):
		case strings.HasPrefix(word, ".") || strings.HasPrefix(word, "/") || versioned.MatchString(word):
			return -1
		default:
			return at
		}
	}
	return -1
}

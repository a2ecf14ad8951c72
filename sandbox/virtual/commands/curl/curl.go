// Package curl is curl and wget on the network that a sandbox is granted, as curl 7.88 behaves. Start at Run:
// options.go reads the command line, transfer.go carries a URL through redirects and attempts, request.go makes each
// request, output.go writes what comes back. The network itself, and what of it is allowed, is sandbox.Fetch.
package curl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const version = "7.88.1"

const usage = `Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -F, --form <name=content>  Specify multipart MIME data
 -G, --get                  Put the post data in the URL and use GET
 -H, --header <header/@file> Pass custom header(s) to server
 -i, --include              Include protocol response headers in the output
 -I, --head                 Show document info only
     --json <data>          HTTP POST JSON
 -L, --location             Follow redirects
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -S, --show-error           Show error even when -s is used
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -w, --write-out <format>   Use output FORMAT after completion
 -X, --request <method>     Specify request method to use
The sandbox's network decides which URLs can be reached. There is no progress meter, and no proxy.
`

// Run is curl.
func Run(ctx context.Context, inv *shell.Invocation) int {
	held := inv.Budget.Held()
	defer func() { inv.Budget.Release(int(max(inv.Budget.Held()-held, 0))) }()
	if slices.Contains(inv.Args[1:], "--help") || slices.Contains(inv.Args[1:], "-h") {
		io.WriteString(inv.Stdout, usage)
		return 0
	}
	if slices.Contains(inv.Args[1:], "--version") || slices.Contains(inv.Args[1:], "-V") {
		fmt.Fprintf(inv.Stdout, "curl %s (flue)\nProtocols: http https\nFeatures: HTTPS-proxy IPv6 libz SSL\n", version)
		return 0
	}
	p := &parser{inv: inv, configs: []*config{newConfig()}}
	if err := p.args(inv.Args[1:]); err != nil {
		return complain(inv, err)
	}
	status := 0
	for _, c := range p.configs {
		s, err := runConfig(ctx, inv, c)
		if err != nil {
			return complain(inv, err)
		}
		if s != 0 {
			status = s
		}
		if inv.Budget.Err() != nil || ctx.Err() != nil || s != 0 && c.on["fail-early"] {
			break
		}
	}
	return status
}

// complain says what is wrong with the command line.
func complain(inv *shell.Invocation, err error) int {
	var u *usageError
	if !errors.As(err, &u) {
		return 2
	}
	if u.text != "" {
		inv.Errorf("%s", u.text)
	}
	inv.Errorf("try 'curl --help' or 'curl --manual' for more information")
	return u.code
}

// runConfig carries out all URLs of one config.
func runConfig(ctx context.Context, inv *shell.Invocation, c *config) (status int, err error) {
	if len(c.urls) == 0 {
		if len(inv.Args) == 1 {
			return 0, &usageError{"", 2}
		}
		return 0, misuse("no URL specified!")
	}
	if c.on["head"] && (len(c.data) > 0 && !c.on["get"] || len(c.forms) > 0) {
		if !c.on["silent"] {
			fmt.Fprintln(inv.Stderr, "Warning: You can only select one HTTP request method! You asked for both POST \nWarning: (-d, --data) and HEAD (-I, --head).")
		}
		return 2, nil
	}
	if c.on["insecure"] {
		fmt.Fprintln(inv.Stderr, "Warning: -k has no effect: the sandbox's network checks every certificate")
	}
	j := &jar{}
	j.load(inv, c)
	g := &group{ctx: ctx, inv: inv, config: c, jar: j}
	for i, url := range c.urls {
		output, named := "", false
		if i < len(c.outputs) {
			output, named = c.outputs[i], true
		} else if c.on["remote-name-all"] {
			named = true
		}
		upload := ""
		if i < len(c.uploads) {
			upload = c.uploads[i]
		}
		urls := glob{fixed: []string{url}}
		if !c.on["globoff"] {
			if urls, err = parseGlob(url); err != nil {
				if !c.on["silent"] || c.on["show-error"] {
					inv.Errorf("(3) %v", err)
				}
				return 3, nil
			}
		}
		urls.each(func(url string, parts []string) bool {
			if inv.Budget.Command() != nil || ctx.Err() != nil {
				status = 28
				return false
			}
			t := &transfer{group: g, url: url, parts: parts, output: output, named: named, upload: upload, number: g.count}
			g.count++
			if s := t.run(); s != 0 {
				status = s
			}
			return status == 0 || !c.on["fail-early"]
		})
		if inv.Budget.Err() != nil {
			return 28, nil
		}
	}
	if name := c.last["cookie-jar"]; name != "" {
		g.saveCookies(name)
	}
	return status, nil
}

func (g *group) saveCookies(name string) {
	if name == "-" {
		io.WriteString(g.inv.Stdout, g.jar.save())
		return
	}
	if err := g.inv.FS.WriteFile(g.inv.Path(name), []byte(g.jar.save()), 0o600); err != nil {
		fmt.Fprintf(g.inv.Stderr, "WARNING: failed to save cookies in %s: %v\n", name, err)
	}
}

// group is what the URLs of one config share.
type group struct {
	ctx    context.Context
	inv    *shell.Invocation
	config *config
	jar    *jar
	count  int
}

func hostOf(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	if end := strings.IndexAny(url, "/?#"); end >= 0 {
		url = url[:end]
	}
	url = url[strings.LastIndexByte(url, '@')+1:]
	if i := strings.LastIndexByte(url, ':'); i >= 0 && strings.Trim(url[i+1:], "0123456789") == "" {
		url = url[:i]
	}
	return url
}

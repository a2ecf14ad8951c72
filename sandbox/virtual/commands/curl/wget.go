package curl

import (
	"context"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var wgetSpec = cli.Spec{
	Usage: `[OPTION]... [URL]...
Fetch files from the URLs that the sandbox's network allows.

  -q, --quiet                  say nothing
  -O, --output-document=FILE   write everything to FILE; - is standard output
  -P, --directory-prefix=DIR   save files in DIR
  -c, --continue               go on with a file that is there in part
  -U, --user-agent=AGENT       call yourself AGENT
  -T, --timeout=SECONDS        wait for so long
  -t, --tries=NUMBER           try so often
  -S, --server-response        print the server's answer
      --header=STRING          send STRING as a header
      --post-data=STRING       send STRING with POST
      --post-file=FILE         send FILE with POST
      --method=METHOD          use METHOD
      --body-data=STRING       send STRING
      --max-redirect=NUMBER    follow so many redirects
      --spider                 fetch nothing, only ask
      --user=USER, --password=PASS
`,
	Short: "qO:P:cU:T:t:Sn:v",
	Long: "quiet=q output-document:=O directory-prefix:=P continue=c user-agent:=U timeout:=T tries:=t server-response=S header: post-data: post-file: method: " +
		"body-data: body-file: max-redirect: spider user: password: no-verbose=v verbose=v no-check-certificate content-disposition no-cache show-progress progress: no-clobber=n https-only",
	Fail: 2,
}

// Wget is wget, in the words of curl's options.
func Wget(ctx context.Context, inv *shell.Invocation) int {
	p, status := wgetSpec.Parse(inv)
	if p == nil {
		return status
	}
	if len(p.Operands) == 0 {
		fmt.Fprintln(inv.Stderr, "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.")
		return 1
	}
	args := []string{"-sgL", "-f", "--max-redirs", "20", "-A", "Wget/1.21.3", "--retry", "0"}
	quiet, output, dir, user, pass := false, "", "", "", ""
	for _, o := range p.Options {
		switch o.Key {
		case "q":
			quiet = true
		case "O":
			output = o.Value
		case "P":
			dir = o.Value
		case "c":
			args = append(args, "-C", "-")
		case "U":
			args = append(args, "-A", o.Value)
		case "T":
			args = append(args, "-m", o.Value, "--connect-timeout", o.Value)
		case "t":
			if n := strings.TrimLeft(o.Value, "0"); n != "" && n != "1" && n != "inf" {
				args = append(args, "--retry", o.Value)
			}
		case "header":
			args = append(args, "-H", o.Value)
		case "post-data", "body-data":
			args = append(args, "--data-raw", o.Value)
		case "post-file", "body-file":
			args = append(args, "--data-binary", "@"+o.Value)
		case "method":
			args = append(args, "-X", o.Value)
		case "max-redirect":
			args = append(args, "--max-redirs", o.Value)
		case "spider":
			args = append(args, "-I", "-o", "/dev/null")
		case "content-disposition":
			args = append(args, "-J")
		case "https-only":
			args = append(args, "--proto", "=https")
		case "S":
			args = append(args, "-D", "/dev/stderr")
		case "user":
			user = o.Value
		case "password":
			pass = o.Value
		case "no-check-certificate":
			fmt.Fprintln(inv.Stderr, "wget: --no-check-certificate has no effect: the sandbox's network checks every certificate")
		}
	}
	if user != "" {
		args = append(args, "-u", user+":"+pass)
	}
	if !quiet {
		args = append(args, "-S")
	}
	if dir != "" {
		args = append(args, "--create-dirs", "--output-dir", dir)
	}
	child := *inv
	if output != "" && output != "-" {
		file, err := inv.Create(output)
		if err != nil {
			inv.Errorf("%s: %v", output, err)
			return 3
		}
		defer file.Close()
		child.Stdout = file
	}
	for _, url := range p.Operands {
		call := append([]string{"wget"}, args...)
		if output == "" {
			call = append(call, "-o", wgetName(url))
		}
		child.Args = append(call, "--", url)
		if s := wgetStatus(Run(ctx, &child)); s != 0 {
			status = s
		}
	}
	return status
}

// wgetName is the file for what is at a URL.
func wgetName(url string) string {
	name := url
	if _, rest, ok := strings.Cut(name, "://"); ok {
		name = rest
	}
	name, _, _ = strings.Cut(name, "#")
	before, _, _ := strings.Cut(name, "?")
	if !strings.Contains(before, "/") || strings.HasSuffix(before, "/") {
		return "index.html"
	}
	return name[strings.LastIndexByte(before, '/')+1:]
}

// wgetStatus is wget's exit status for curl's.
func wgetStatus(curl int) int {
	switch curl {
	case 0:
		return 0
	case 22, 47:
		return 8
	case 35, 60:
		return 5
	case 23:
		return 3
	case 2, 3:
		return 2
	}
	return 4
}

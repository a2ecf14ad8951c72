package git

import (
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// grep has the sandbox's grep search the files that the index knows.
func grep(r *repo, args []string) error {
	if err := r.needWork(); err != nil {
		return err
	}
	var options, operands []string
	patterns, dashes := 0, false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case dashes || !strings.HasPrefix(arg, "-") || arg == "-":
			operands = append(operands, arg)
		case arg == "--":
			dashes = true
		case arg == "-e" || arg == "-A" || arg == "-B" || arg == "-C" || arg == "-m":
			if arg == "-e" {
				patterns++
			}
			options = append(options, arg)
			if i++; i < len(args) {
				options = append(options, args[i])
			}
		case strings.HasPrefix(arg, "-O") || strings.HasPrefix(arg, "--open-files-in-pager"):
			return fatal("there is no pager in this sandbox")
		case arg == "--no-color" || arg == "--color" || arg == "-I" || arg == "--no-index" || arg == "--untracked" || arg == "--full-name":
		case arg == "--name-only":
			options = append(options, "-l")
		case arg == "--heading" || arg == "--break" || arg == "-W" || arg == "-p" || arg == "--cached" || arg == "--and" || arg == "--or" || arg == "--not" || arg == "--all-match":
			return fatal("git grep %s is not supported in this sandbox", arg)
		default:
			options = append(options, arg)
		}
	}
	if patterns == 0 {
		if len(operands) == 0 {
			return fatal("no pattern given")
		}
		options, operands = append(options, "-e", operands[0]), operands[1:]
	}
	p, x, err := r.pathsAndIndex(operands)
	if err != nil {
		return err
	}
	call := append(append([]string{"grep", "-H", "-I"}, options...), "--")
	found := false
	for _, name := range x.names() {
		if (r.prefix == "" || strings.HasPrefix(name, r.prefix)) && p.match(name) && r.exists(name) && !r.throughLink(name) && x.files[name].mode != modeLink {
			call, found = append(call, r.shown(name)), true
		}
	}
	if !found {
		return exit(1)
	}
	if code := r.inv.Exec(r.ctx, shell.Nested{Args: call, Dir: r.at, Stdin: strings.NewReader(""), Stdout: io.Writer(r.out)}); code != 0 {
		return exit(code)
	}
	return nil
}

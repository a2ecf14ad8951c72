// Package sed is the stream editor. Run reads the options and parse.go the script; exec.go runs it, substitute.go its s
// commands; input.go reads the lines, and output.go writes them.
package sed

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var spec = cli.Spec{
	Usage: `[OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent      suppress automatic printing of pattern space
  -e, --expression=SCRIPT    add the script to the commands to be executed
  -f, --file=SCRIPT-FILE     add the contents of script-file to the commands
  -E, -r, --regexp-extended  use extended regular expressions in the script
  -i[SUFFIX], --in-place[=SUFFIX]  edit files in place (with a backup if SUFFIX is given)
  -l, --line-length=N        line-wrap length for the 'l' command
  -s, --separate             consider files as separate rather than as one stream
  -u, --unbuffered           write the output at each line
  -z, --null-data            separate lines by NUL characters
      --posix                disable GNU extensions
      --sandbox              reject the e, r and w commands

If no -e or -f option is given, the first argument is the script. All other arguments are input files; without any,
standard input is read.
`,
	Short: "bne:f:Eri::l:suz",
	Long: "quiet=n silent=n expression:=e file:=f regexp-extended=E in-place::=i line-length:=l separate=s unbuffered=u " +
		"null-data=z zero-terminated=z posix sandbox debug follow-symlinks binary=b",
}

// options are those of the command line.
type options struct {
	quiet, extended, separate, unbuffered, posix, sandbox bool
	inPlace                                               bool
	suffix                                                string
	lineLength                                            int
	delim                                                 byte
	utf8                                                  bool
}

// Run is sed.
func Run(ctx context.Context, inv *shell.Invocation) int {
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	opt := options{lineLength: 70, delim: '\n', utf8: cli.UTF8(inv)}
	_, opt.posix = inv.Env.Get("POSIXLY_CORRECT")
	var parts []part
	for _, o := range p.Options {
		switch o.Key {
		case "n":
			opt.quiet = true
		case "e":
			parts = append(parts, part{text: o.Value})
		case "f":
			text, err := readScript(ctx, inv, o.Value)
			if err != nil {
				inv.Errorf("couldn't open file %s: %v", o.Value, err)
				return 4
			}
			parts = append(parts, part{text: text, file: o.Value})
		case "E", "r":
			opt.extended = true
		case "i":
			opt.inPlace, opt.separate, opt.suffix = true, true, o.Value
		case "l":
			opt.lineLength, _ = strconv.Atoi(o.Value) // what is no number is 0
		case "s":
			opt.separate = true
		case "u":
			opt.unbuffered = true
		case "z":
			opt.delim = 0
		case "posix":
			opt.posix = true
		case "sandbox":
			opt.sandbox = true
		}
	}
	files := p.Operands
	if len(parts) == 0 {
		if len(files) == 0 {
			inv.Stderr.Write([]byte("Usage: " + path.Base(inv.Args[0]) + " " + spec.Usage))
			return 1
		}
		parts, files = []part{{text: files[0]}}, files[1:]
	}
	prog, err := parse(parts, &opt)
	if err != nil {
		inv.Errorf("%v", err)
		if errors.As(err, new(noLabel)) {
			return 4
		}
		return 1
	}
	m := newMachine(ctx, inv, &opt, prog, files)
	defer m.close()
	return m.run()
}

func readScript(ctx context.Context, inv *shell.Invocation, name string) (string, error) {
	r, err := cli.Open(inv, name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := cli.ReadAll(ctx, inv.Budget, r)
	return strings.TrimSuffix(string(text), "\n"), err
}

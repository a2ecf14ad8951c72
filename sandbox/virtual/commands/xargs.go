package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const xargsUsage = `[OPTION]... COMMAND [INITIAL-ARGS]...
Run COMMAND with arguments INITIAL-ARGS and more arguments read from input.

  -0, --null  -d, --delimiter=CHARACTER   how the input is cut, without quotes
  -a, --arg-file=FILE  -E END
  -I R, --replace[=R]      replace R in INITIAL-ARGS by each line
  -n, --max-args=MAX  -L, --max-lines[=MAX]  -s, --max-chars=MAX  -x, --exit
  -P, --max-procs=MAX  -r, --no-run-if-empty  -t, --verbose  -p, --interactive  -o, --open-tty
`

// xargsChars is the default of -s.
const xargsChars = 131072

// xargsRun is one call of xargs.
type xargsRun struct {
	ctx  context.Context
	inv  *shell.Invocation
	in   *bufio.Reader
	spec *cli.Spec

	delim     int // -1: blanks and quotes
	replace   string
	maxArgs   int
	maxLines  int
	maxChars  int
	procs     int
	end       string
	hasEnd    bool
	skipEmpty bool
	trace     bool
	exit      bool
	command   []string

	mu     sync.Mutex
	status int
	fatal  int // 124 to 127: run nothing more
	wait   sync.WaitGroup
	slots  chan struct{}
	last   chan struct{} // closed when the latest call that runs beside others is done
}

func xargs(ctx context.Context, inv *shell.Invocation) int {
	x := &xargsRun{ctx: ctx, inv: inv, delim: -1, maxChars: xargsChars, procs: 1, spec: &cli.Spec{Usage: xargsUsage,
		Short: "0a:d:E:e::i::I:l::L:n:P:prs:tox", Posix: true,
		Long: "null=0 arg-file:=a delimiter:=d eof::=e replace::=i max-lines::=l max-args:=n max-procs:=P interactive=p no-run-if-empty=r max-chars:=s verbose=t open-tty=o exit=x show-limits process-slot-var:"}}
	p, status := x.spec.Parse(inv)
	if p == nil {
		return status
	}
	input := inv.Stdin
	for _, o := range p.Options {
		if status := x.option(o, &input); status != 0 {
			return status
		}
	}
	if c, ok := input.(io.Closer); ok && input != inv.Stdin {
		defer c.Close()
	}
	if x.command = p.Operands; len(x.command) == 0 {
		x.command = []string{"echo"}
	}
	x.in = inv.ReadAhead(input)
	x.slots = make(chan struct{}, max(1, x.procs))
	x.run()
	x.wait.Wait()
	if x.fatal != 0 {
		return x.fatal
	}
	return x.status
}

func (x *xargsRun) option(o cli.Option, input *io.Reader) int {
	number := func(least int) (int, int) {
		n, err := strconv.Atoi(o.Value)
		if err != nil {
			x.inv.Errorf("invalid number \"%s\" for -%s option", o.Value, o.Key)
			fmt.Fprintf(x.inv.Stderr, "Try 'xargs --help' for more information.\n")
			return 0, 1
		}
		if n < least {
			x.inv.Errorf("value %s for -%s option should be >= %d", o.Value, o.Key, least)
			fmt.Fprintf(x.inv.Stderr, "Try 'xargs --help' for more information.\n")
			return 0, 1
		}
		return n, 0
	}
	var status int
	switch o.Key {
	case "0":
		x.delim = 0
	case "a":
		f, err := x.inv.Open(o.Value)
		if err != nil {
			x.inv.Errorf("Cannot open input file %s: %v", cli.Quote(o.Value), err)
			return 1
		}
		*input = f
	case "d":
		c, ok := xargsDelimiter(o.Value)
		if !ok {
			x.inv.Errorf("Invalid input delimiter specification %s: the delimiter must be either a single character or an escape sequence starting with \\.", o.Value)
			return 1
		}
		x.delim = c
	case "E", "e":
		x.end, x.hasEnd = o.Value, o.Value != ""
	case "I", "i":
		x.replace, x.maxLines, x.maxArgs = o.Value, 0, 0
		if x.replace == "" {
			x.replace = "{}"
		}
	case "l", "L":
		if x.maxLines = 1; o.Has {
			x.maxLines, status = number(1)
		}
		x.replace, x.maxArgs = "", 0
	case "n":
		if x.maxArgs, status = number(1); x.maxArgs == 1 && x.replace != "" {
			x.maxArgs = 0
		} else {
			x.replace, x.maxLines = "", 0
		}
	case "P":
		if x.procs, status = number(0); x.procs == 0 {
			x.procs = 64
		}
		x.procs = min(x.procs, 64)
	case "r":
		x.skipEmpty = true
	case "s":
		x.maxChars, status = number(1)
		x.maxChars = min(x.maxChars, xargsChars)
	case "t", "p":
		x.trace = true
	case "x":
		x.exit = true
	}
	return status
}

// run groups the words of the input into calls of the command.
func (x *xargsRun) run() {
	used := 0
	for _, a := range x.command {
		used += len(a) + 1
	}
	if x.replace != "" {
		x.runReplacing()
		return
	}
	var args []string
	chars, lines, calls := used, 0, 0
	flush := func() bool {
		calls++
		call := append(append([]string{}, x.command...), args...)
		args, chars, lines = nil, used, 0
		return x.call(call)
	}
	for {
		word, endsLine, ok := x.next()
		if !ok {
			break
		}
		if chars+len(word)+1 > x.maxChars {
			if len(args) == 0 || x.exit && (x.maxArgs > 0 || x.maxLines > 0) {
				problem := "argument line too long"
				if used > x.maxChars {
					problem = "cannot fit single argument within argument list size limit"
				}
				x.inv.Errorf("%s", problem)
				x.fatal = 1
				return
			}
			if !flush() {
				return
			}
		}
		args = append(args, word)
		chars += len(word) + 1
		if endsLine {
			lines++
		}
		if x.maxArgs > 0 && len(args) >= x.maxArgs || x.maxLines > 0 && lines >= x.maxLines {
			if !flush() {
				return
			}
		}
	}
	if x.fatal == 0 && (len(args) > 0 || calls == 0 && !x.skipEmpty) {
		flush()
	}
}

// runReplacing is -I: one call a line.
func (x *xargsRun) runReplacing() {
	for {
		line, ok := x.line()
		if !ok {
			return
		}
		call := make([]string, len(x.command))
		for i, a := range x.command {
			call[i] = a
			if i > 0 {
				call[i] = strings.ReplaceAll(a, x.replace, line)
			}
			if x.inv.Budget.Work(len(call[i])) != nil {
				return
			}
		}
		if !x.call(call) {
			return
		}
	}
}

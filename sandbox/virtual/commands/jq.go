package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/jq"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const jqUsage = `Usage:	jq [OPTIONS] FILTER [FILES...]
	jq [OPTIONS] -f FILE [FILES...]
	jq [OPTIONS] --args FILTER [ARGUMENTS...]
	jq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]

Runs a filter over JSON texts.

  -n, --null-input          use null as the only input
  -R, --raw-input           read each line as a string
  -s, --slurp               read all inputs into one array
  -c, --compact-output      one result a line
  -r, --raw-output          write strings without quotes
      --raw-output0         as -r, with NUL after each result
  -j, --join-output         as -r, without newlines
  -a, --ascii-output        write only ASCII characters
  -S, --sort-keys           sort the keys of objects
  -C, --color-output        in colors; -M without
      --tab, --indent N     indent with a tab, or with N spaces
      --stream              parse into [PATH, LEAF] events
      --seq                 read and write RFC 7464 sequences
  -f, --from-file           the first argument is a file with the filter
      --arg N V, --argjson N JSON, --slurpfile N FILE, --rawfile N FILE   set $N
      --args, --jsonargs    what follows are $ARGS.positional
  -e, --exit-status         1 if the last result was false or null, 4 if there was none
  -V, --version  -h, --help
`

const jqHint = "Use jq --help for help with command-line options,\n" +
	"or see the jq manpage, or online docs  at https://jqlang.github.io/jq\n"

// jqRun is one call of jq.
type jqRun struct {
	ctx context.Context
	inv *shell.Invocation
	out *bufio.Writer
	enc jq.Encoder

	filter                                   *string
	files                                    []string
	names                                    []string // of variables, with "$"
	values                                   []any
	named                                    *jq.Object
	positional                               []any
	fromFile, nullInput, rawInput, slurp     bool
	raw, join, nul, seq, stream, wantsStatus bool
	answer                                   string // of --help and --version

	queue   []string // input files not opened yet
	current any      // the name of the input being read
	decoder *jq.Decoder
	ahead   *bufio.Reader // of the file being read
	lines   *bufio.Reader // the same, of raw input
	newline int           // lines read, of raw input
	closer  io.Closer
	events  []any
	status  int // of inputs that could not be read
}

// jqProblem is an error that ends jq with status 2.
type jqProblem struct{ text string }

func (p jqProblem) Error() string { return p.text }

func jqCommand(ctx context.Context, inv *shell.Invocation) int {
	r := &jqRun{ctx: ctx, inv: inv, out: inv.Buffered(inv.Stdout), named: jq.NewObject()}
	r.enc.Indent, r.enc.Long = 2, r.out
	defer r.close()
	if err := r.parse(inv.Args[1:]); err != nil {
		fmt.Fprintf(inv.Stderr, "jq: %v\n", err)
		return 2
	}
	if r.answer != "" {
		io.WriteString(inv.Stdout, r.answer)
		return 0
	}
	source := "."
	if r.filter != nil {
		source = *r.filter
	}
	if r.fromFile {
		text, err := r.readFile(source)
		if err != nil {
			fmt.Fprintf(inv.Stderr, "jq: error: Could not open %s: %v\n", source, err)
			return 2
		}
		source = text
	}
	args := jq.NewObject("positional", jq.NewArray(r.positional), "named", r.named)
	program, err := jq.Compile(source, append(r.names, "$ARGS"))
	if err != nil {
		fmt.Fprintf(inv.Stderr, "jq: error: %v\njq: 1 compile error\n", err)
		return 3
	}
	status := r.run(program, append(r.values, args))
	if r.out.Flush() != nil {
		return 2
	}
	return status
}

func (r *jqRun) close() {
	if r.closer != nil {
		r.closer.Close()
	}
}

// world is what the program may ask for.
func (r *jqRun) world() jq.World {
	env := jq.NewObject()
	for name, value := range r.inv.Env.All() {
		env = env.With(name, value)
	}
	tz, _ := r.inv.Env.Get("TZ")
	zone := datetime.Zone(tz)
	return jq.World{
		Env:   env,
		Zone:  func(unix float64) (string, int) { return time.Unix(int64(unix), 0).In(zone).Zone() },
		Input: r.next,
		Position: func() (any, int) {
			if r.decoder != nil {
				return r.current, r.decoder.Newlines()
			}
			return r.current, r.newline
		},
		Stderr: func(text string) { io.WriteString(r.inv.Stderr, text) },
		Now:    func() float64 { return float64(r.inv.Now().UnixMicro()) / 1e6 },
	}
}

func (r *jqRun) run(program *jq.Program, vars []any) int {
	world := r.world()
	r.queue = r.files
	if len(r.queue) == 0 {
		r.queue = []string{"-"}
	}
	status, last, some := 0, false, false
	once := func(in any) (done bool) {
		err := program.Run(r.ctx, r.inv.Budget, world, in, vars, func(v any) error {
			some, last = true, v != nil && v != false
			return r.print(v)
		})
		var halt *jq.Halt
		var problem jqProblem
		switch {
		case err == nil:
			status = 0
		case errors.As(err, &halt):
			r.out.Flush()
			if halt.Silent {
				status, r.wantsStatus = 0, false
				return true
			}
			r.halt(halt.Value)
			status, r.wantsStatus = halt.Status, false
			return true
		case errors.As(err, &problem):
			r.out.Flush()
			fmt.Fprintf(r.inv.Stderr, "jq: %v\n", problem)
			status = 2
			return true
		case errors.Is(err, cli.ErrStop) || r.inv.Budget.Err() != nil:
			status = 2
			return true
		default:
			r.out.Flush()
			r.complain(err)
			status = 5
		}
		return false
	}
	if r.nullInput {
		once(nil)
	} else {
		for {
			v, ok, err := r.next()
			if err != nil {
				if r.inv.Budget.Err() != nil {
					return 2
				}
				r.out.Flush()
				fmt.Fprintf(r.inv.Stderr, "jq: %v\n", err)
				status = 2
				break
			}
			if !ok || once(v) {
				break
			}
		}
	}
	if r.status != 0 {
		return r.status
	}
	if r.wantsStatus && status == 0 {
		switch {
		case !some:
			return 4
		case !last:
			return 1
		}
	}
	return status
}

// halt writes what halt_error was given.
func (r *jqRun) halt(v any) {
	switch s := v.(type) {
	case string:
		io.WriteString(r.inv.Stderr, s)
	default:
		e := jq.Encoder{}
		r.inv.Stderr.Write(append(e.Encode(v), '\n'))
	}
}

// complain reports an error that the filter did not catch.
func (r *jqRun) complain(err error) {
	at := "<unknown>"
	if r.decoder != nil || r.lines != nil {
		name, line := r.world().Position()
		if name == nil {
			name = "<stdin>"
		}
		at = fmt.Sprintf("%v:%d", name, line)
	}
	var e *jq.Error
	if errors.As(err, &e) {
		if _, ok := e.Value.(string); !ok {
			fmt.Fprintf(r.inv.Stderr, "jq: error (at %s) (not a string): %v\n", at, err)
			return
		}
	}
	fmt.Fprintf(r.inv.Stderr, "jq: error (at %s): %v\n", at, err)
}

// print writes one result.
func (r *jqRun) print(v any) error {
	if r.seq {
		r.out.WriteByte(0x1e)
	}
	s, isString := v.(string)
	switch {
	case isString && (r.raw || r.join || r.nul) && !r.enc.ASCII:
		if r.nul && strings.Contains(s, "\x00") {
			return &jq.Error{Value: "Cannot dump a string containing NUL with --raw-output0 option"}
		}
		r.out.WriteString(s)
	default:
		r.out.Write(r.enc.Encode(v))
	}
	switch {
	case r.nul:
		r.out.WriteByte(0)
	case !r.join:
		r.out.WriteByte('\n')
	}
	// An error of the writer sticks: writing nothing tells it.
	if _, err := r.out.Write(nil); err != nil {
		return cli.ErrStop
	}
	return nil
}

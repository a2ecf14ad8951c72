package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/datetime"
	"github.com/flue-run/flue/sandbox/virtual/commands/jq"
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

// readFile reads a whole file within the budget.
func (r *jqRun) readFile(name string) (string, error) {
	f, err := cli.Open(r.inv, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := cli.ReadAll(r.ctx, r.inv.Budget, f)
	if err != nil {
		return "", err
	}
	return strings.ToValidUTF8(string(text), "\ufffd"), nil
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
				return r.current, r.decoder.Newlines
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

// next returns the next input.
func (r *jqRun) next() (any, bool, error) {
	if !r.slurp {
		return r.read()
	}
	if r.events != nil {
		return nil, false, nil
	}
	r.events = []any{}
	var text strings.Builder
	var all []any
	for {
		v, ok, err := r.read()
		if err != nil {
			return nil, false, err
		}
		if !ok {
			break
		}
		if r.rawInput {
			text.WriteString(v.(string))
		} else {
			all = append(all, v)
		}
		if err := r.inv.Budget.Hold(32); err != nil {
			return nil, false, err
		}
	}
	if r.rawInput {
		return text.String(), true, nil
	}
	return jq.NewArray(all), true, nil
}

// read returns the next value of the inputs, line of raw input, or event of --stream.
func (r *jqRun) read() (any, bool, error) {
	for {
		if r.stream && len(r.events) > 0 {
			e := r.events[0]
			r.events = r.events[1:]
			return e, true, nil
		}
		if r.decoder == nil && r.lines == nil && !r.open() {
			return nil, false, nil
		}
		if r.rawInput {
			line, ok, err := r.line()
			if ok || err != nil {
				return line, ok, err
			}
			r.lines = nil
			continue
		}
		v, err := r.decoder.Next()
		switch {
		case err == nil && r.stream:
			r.events = jq.Events(v)
		case err == nil:
			return v, true, nil
		case err == io.EOF:
			if len(r.queue) == 0 {
				return nil, false, nil
			}
			r.decoder = nil
		case r.inv.Budget.Err() != nil:
			return nil, false, err
		case jq.IsParseError(err):
			return nil, false, jqProblem{"parse error: " + err.Error()}
		default:
			fmt.Fprintf(r.inv.Stderr, "jq: error: %v\n", err)
			r.status, r.decoder = 2, nil
		}
	}
}

// open goes on to the next input file that can be opened.
func (r *jqRun) open() bool {
	for len(r.queue) > 0 {
		name := r.queue[0]
		r.queue = r.queue[1:]
		r.close()
		r.closer = nil
		f, err := cli.Open(r.inv, name)
		if err != nil {
			fmt.Fprintf(r.inv.Stderr, "jq: error: Could not open %s: %v\n", name, err)
			r.status = 2
			continue
		}
		r.closer, r.current = f, nil
		if name != "-" {
			r.current = name
		}
		if r.ahead == nil {
			r.ahead = r.inv.ReadAhead(f)
		} else {
			r.ahead.Reset(f)
		}
		if r.rawInput {
			r.lines = r.ahead
		} else {
			r.decoder = jq.NewDecoder(r.ahead, func(n int) error {
				if r.ctx.Err() != nil {
					return cli.ErrStop
				}
				return r.inv.Budget.Work(n)
			})
		}
		return true
	}
	return false
}

// line reads one line of raw input; a line may go on in the next file.
func (r *jqRun) line() (any, bool, error) {
	var text []byte
	for {
		part, err := r.lines.ReadSlice('\n')
		if r.inv.Budget.Work(len(part)+1) != nil || r.ctx.Err() != nil {
			return nil, false, cli.ErrStop
		}
		text = append(text, part...)
		switch {
		case err == nil:
			r.newline++
			if !r.slurp {
				text = text[:len(text)-1]
			}
			return strings.ToValidUTF8(string(text), "\ufffd"), true, nil
		case err == bufio.ErrBufferFull:
		case err == io.EOF && r.open():
		case err == io.EOF:
			return strings.ToValidUTF8(string(text), "\ufffd"), len(text) > 0, nil
		default:
			return nil, false, jqProblem{"error: " + err.Error()}
		}
	}
}

// parse reads the command line.
func (r *jqRun) parse(args []string) error {
	rest, more := "", true // how later operands are read: as files, "args" or "jsonargs"
	for i := 0; i < len(args); i++ {
		arg := args[i]
		// A filter may begin with a minus sign: -1, -(.x).
		if !more || len(arg) < 2 || arg[0] != '-' || r.filter == nil && strings.IndexByte("0123456789.($[", arg[1]) >= 0 {
			if err := r.operand(arg, rest); err != nil {
				return err
			}
			continue
		}
		if arg == "--" {
			more = false
			continue
		}
		take := func(n int, usage string) ([]string, error) {
			if i+n >= len(args) {
				return nil, fmt.Errorf("%s takes %s\n%s", arg, usage, strings.TrimSuffix(jqHint, "\n"))
			}
			i += n
			return args[i-n+1 : i+1], nil
		}
		if !strings.HasPrefix(arg, "--") {
			for _, c := range arg[1:] {
				if err := r.option(string(c), take); err != nil {
					return err
				}
			}
			continue
		}
		switch name := arg[2:]; name {
		case "args", "jsonargs":
			rest = name
		default:
			if err := r.option(name, take); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *jqRun) operand(arg, rest string) error {
	switch {
	case r.filter == nil:
		r.filter = &arg
	case rest == "args":
		r.positional = append(r.positional, arg)
	case rest == "jsonargs":
		v, err := jq.ParseValue(arg)
		if err != nil {
			return fmt.Errorf("invalid JSON text passed to --jsonargs\n%s", strings.TrimSuffix(jqHint, "\n"))
		}
		r.positional = append(r.positional, v)
	default:
		r.files = append(r.files, arg)
	}
	return nil
}

func (r *jqRun) option(name string, take func(n int, usage string) ([]string, error)) error {
	switch name {
	case "s", "slurp":
		r.slurp = true
	case "r", "raw-output":
		r.raw = true
	case "raw-output0":
		r.nul = true
	case "j", "join-output":
		r.join = true
	case "a", "ascii-output":
		r.enc.ASCII = true
	case "n", "null-input":
		r.nullInput = true
	case "c", "compact-output":
		r.enc.Indent, r.enc.Tab = 0, false
	case "C", "color-output":
		r.enc.Colors = jqColors(r.inv.Env)
	case "M", "monochrome-output":
		r.enc.Colors = nil
	case "S", "sort-keys":
		r.enc.SortKeys = true
	case "R", "raw-input":
		r.rawInput = true
	case "e", "exit-status":
		r.wantsStatus = true
	case "f", "from-file":
		r.fromFile = true
	case "L", "library-path":
		_, err := take(1, "a parameter: (e.g. -L /search/path or -L/search/path)")
		return err
	case "unbuffered", "stream-errors":
	case "stream":
		r.stream = true
	case "seq":
		r.seq = true
	case "tab":
		r.enc.Tab = true
	case "indent":
		v, err := take(1, "one parameter")
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(v[0])
		switch {
		case err != nil || n < 0:
			return fmt.Errorf("Cannot indent less than zero characters")
		case n > 7:
			return fmt.Errorf("Cannot indent more than 7 characters")
		}
		r.enc.Indent, r.enc.Tab = n, false
	case "h", "help":
		r.answer = jqUsage
	case "V", "version":
		r.answer = "jq-1.7.1\n"
	case "arg", "argjson", "slurpfile", "rawfile", "argfile":
		v, err := take(2, "two parameters (e.g. --"+name+" varname value)")
		if err != nil {
			return err
		}
		return r.variable(name, v[0], v[1])
	default:
		dashes := "-"
		if len(name) > 1 {
			dashes = "--"
		}
		return fmt.Errorf("Unknown option: %s%s\n%s", dashes, name, strings.TrimSuffix(jqHint, "\n"))
	}
	return nil
}

// variable sets $name by one of the options --arg, --argjson, --slurpfile and --rawfile.
func (r *jqRun) variable(option, name, text string) error {
	var v any = strings.ToValidUTF8(text, "\ufffd")
	switch option {
	case "argjson":
		parsed, err := jq.ParseValue(text)
		if err != nil {
			return fmt.Errorf("invalid JSON text passed to --argjson\n%s", strings.TrimSuffix(jqHint, "\n"))
		}
		v = parsed
	case "slurpfile", "rawfile", "argfile":
		content, err := r.readFile(text)
		if err != nil {
			return fmt.Errorf("Bad JSON in --%s %s %s: Could not open %s: %v", option, name, text, text, err)
		}
		if v = content; option == "rawfile" {
			break
		}
		all := []any{}
		d := jq.NewDecoder(strings.NewReader(content), r.inv.Budget.Work)
		for {
			x, err := d.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return fmt.Errorf("Bad JSON in --%s %s %s: %v", option, name, text, err)
			}
			all = append(all, x)
		}
		if v = jq.NewArray(all); option == "argfile" && len(all) == 1 {
			v = all[0]
		}
	}
	if _, dup := r.named.Get(name); !dup {
		r.named = r.named.With(name, v)
		r.names, r.values = append(r.names, "$"+name), append(r.values, v)
	}
	return nil
}

// jqColors are the default colors with those of JQ_COLORS in their place.
func jqColors(env shell.Environ) jq.Colors {
	colors := jq.DefaultColors()
	set, _ := env.Get("JQ_COLORS")
	if strings.Trim(set, "0123456789;:") != "" {
		return colors
	}
	for i, c := range strings.Split(set, ":") {
		if i < len(colors) && c != "" {
			colors[i] = c
		}
	}
	return colors
}

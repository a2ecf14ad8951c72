package commands

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/jq"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const yqUsage = `[OPTION]... FILTER [FILE]...
Run a filter of jq over YAML documents.

  -p, --input-format=FORMAT   yaml or json   -o, --output-format=FORMAT   yaml or json
  -i, --inplace  -n, --null-input  -s, --slurp  -r, --raw-output  -j, --join-output  -c, --compact
  -S, --sort-keys  -e, --exit-status  -I, --indent=N
`

// yqRun is one call of yq.
type yqRun struct {
	ctx    context.Context
	inv    *shell.Invocation
	enc    jq.Encoder
	json   bool // output
	raw    bool
	join   bool
	indent int
	count  int
	last   any

	inPlace, null, slurp, exit bool // -i, -n, -s, -e
}

func yq(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: yqUsage, Short: "cCeijI:Mno:p:PrsSy", Fail: 2,
		Long: "input-format:=p output-format:=o inplace=i null-input=n slurp=s raw-output=r join-output=j compact=c compact-output=c sort-keys=S " +
			"exit-status=e indent:=I prettyPrint=P colors=C no-colors=M yaml-output=y"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	y := &yqRun{ctx: ctx, inv: inv, indent: 2}
	for _, o := range p.Options {
		if !y.option(o) {
			return 2
		}
	}
	y.enc.Indent = y.indent
	source, files := ".", p.Operands
	if len(files) > 0 {
		source, files = files[0], files[1:]
	}
	program, err := jq.Compile(source, nil)
	if err != nil {
		inv.Errorf("error: %v", err)
		return 3
	}
	if y.inPlace && (len(files) == 0 || y.null) {
		inv.Errorf("-i needs a file")
		return 1
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, name := range files {
		inputs := []any{nil}
		if !y.null {
			if inputs, err = y.read(name); err != nil {
				inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
				return 2
			}
		}
		if y.slurp {
			inputs = []any{jq.NewArray(inputs)}
		}
		var out bytes.Buffer
		y.count = 0
		for _, in := range inputs {
			if err := y.filter(program, in, &out); err != nil {
				inv.Errorf("error: %v", err)
				status = 5
			}
		}
		if y.inPlace && status == 0 {
			err = inv.FS.WriteFile(inv.Path(name), out.Bytes(), 0o666&^inv.Umask)
		} else {
			_, err = inv.Stdout.Write(out.Bytes())
		}
		if err != nil {
			return 1
		}
	}
	if y.exit && status == 0 && (y.last == nil || y.last == false) {
		return 1
	}
	return status
}

// option takes an option; false after a complaint.
func (y *yqRun) option(o cli.Option) bool {
	switch o.Key {
	case "c":
		y.indent = 0
	case "e":
		y.exit = true
	case "i":
		y.inPlace = true
	case "j":
		y.join, y.raw = true, true
	case "I":
		n, err := strconv.Atoi(o.Value)
		if err != nil || n < 0 || n > 32 {
			y.inv.Errorf("invalid indent %s (expected integer 0..32)", cli.QuoteText(o.Value))
			return false
		}
		y.indent = n
	case "n":
		y.null = true
	case "o", "p":
		switch o.Value {
		case "json", "j":
			y.json = y.json || o.Key == "o"
		case "yaml", "y", "yml", "auto", "a":
			y.json = y.json && o.Key == "p"
		default:
			y.inv.Errorf("format %s is not available; use yaml or json", cli.QuoteText(o.Value))
			return false
		}
	case "r":
		y.raw = true
	case "s":
		y.slurp = true
	case "S":
		y.enc.SortKeys = true
	}
	return true
}

// read reads all documents of a file. JSON is YAML.
func (y *yqRun) read(name string) ([]any, error) {
	f, err := cli.Open(y.inv, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := cli.ReadAll(y.ctx, y.inv.Budget, f)
	if err != nil {
		return nil, err
	}
	held := 20 * len(text)
	if err := y.inv.Budget.Hold(held); err != nil {
		return nil, err
	}
	defer y.inv.Budget.Release(held)
	d := yaml.NewDecoder(bytes.NewReader(text))
	var all []any
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		v, err := y.value(&n, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
}

func (y *yqRun) filter(program *jq.Program, in any, out *bytes.Buffer) error {
	env := jq.NewObject()
	for name, value := range y.inv.Env.All() {
		env = env.With(name, value)
	}
	world := jq.World{Env: env, Input: func() (any, bool, error) { return nil, false, nil }, Position: func() (any, int) { return nil, 0 },
		Stderr: func(text string) { io.WriteString(y.inv.Stderr, text) }, Now: func() float64 { return float64(y.inv.Now().UnixMicro()) / 1e6 }}
	return program.Run(y.ctx, y.inv.Budget, world, in, nil, func(v any) error {
		y.last = v
		y.count++
		return y.write(out, v)
	})
}

func (y *yqRun) write(out *bytes.Buffer, v any) error {
	before := out.Len()
	s, isString := v.(string)
	_, isObject := v.(*jq.Object)
	_, isArray := v.(*jq.Array)
	switch {
	case isString && (y.raw || !y.json):
		if !y.json && !y.raw && strings.TrimSpace(s) == "" {
			s = strconv.Quote(s)
		}
		out.WriteString(s)
	case y.json || !isObject && !isArray:
		out.Write(y.enc.Encode(v))
	default:
		if y.count > 1 {
			out.WriteString("---\n")
		}
		w := bufio.NewWriter(out)
		e := yaml.NewEncoder(w)
		e.SetIndent(max(1, y.indent))
		if err := e.Encode(y.node(v)); err != nil {
			return err
		}
		e.Close()
		w.Flush()
		return y.inv.Budget.Hold(out.Len() - before)
	}
	if !y.join {
		out.WriteByte('\n')
	}
	return y.inv.Budget.Hold(out.Len() - before)
}

package commands

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/jq"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

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

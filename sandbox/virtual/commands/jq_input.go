package commands

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/jq"
)

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

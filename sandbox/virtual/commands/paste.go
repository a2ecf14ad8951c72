package commands

import (
	"context"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var pasteSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Write lines consisting of the sequentially corresponding lines from each FILE, separated by TABs.

  -d, --delimiters=LIST  reuse characters from LIST instead of TABs
  -s, --serial           paste one file at a time instead of in parallel
  -z, --zero-terminated  line delimiter is NUL, not newline
`,
	Short: "d:sz",
	Long:  "delimiters:=d serial=s zero-terminated=z",
}

func paste(ctx context.Context, inv *shell.Invocation) int {
	p, status := pasteSpec.Parse(inv)
	if p == nil {
		return status
	}
	list, serial, end := `\t`, false, byte('\n')
	for _, o := range p.Options {
		switch o.Key {
		case "d":
			list = o.Value
		case "s":
			serial = true
		case "z":
			end = 0
		}
	}
	delims, ok := pasteDelimiters(list)
	if !ok {
		inv.Errorf("delimiter list ends with an unescaped backslash: %s", list)
		return 1
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	out := inv.Buffered(inv.Stdout)
	if serial {
		for _, name := range names {
			first, n := true, 0
			code := eachLine(ctx, inv, []string{name}, end, out, func(line []byte, _ bool) {
				if !first {
					out.WriteString(delims[n%len(delims)])
					n++
				}
				first = false
				out.Write(line)
			})
			if code != 0 {
				status = code
				continue
			}
			out.WriteByte(end)
		}
		if out.Flush() != nil {
			return 1
		}
		return status
	}
	sources, err := openSources(ctx, inv, names, end)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeSources(sources)
	for {
		open := 0
		for _, s := range sources {
			if s.next(); !s.done {
				open++
			}
		}
		if open == 0 {
			break
		}
		for i, s := range sources {
			if i > 0 {
				out.WriteString(delims[(i-1)%len(delims)])
			}
			out.Write(s.line)
		}
		if out.WriteByte(end) != nil {
			return 1
		}
	}
	if out.Flush() != nil {
		return 1
	}
	return sourcesStatus(inv, sources)
}

// pasteDelimiters splits LIST into characters; \0 is the empty one.
func pasteDelimiters(list string) (delims []string, ok bool) {
	for i := 0; i < len(list); i++ {
		c := list[i : i+1]
		if c == `\` {
			if i++; i == len(list) {
				return nil, false
			}
			c = map[byte]string{'0': "", 'n': "\n", 't': "\t", 'b': "\b", 'f': "\f", 'r': "\r", 'v': "\v"}[list[i]]
			if c == "" && list[i] != '0' {
				c = list[i : i+1]
			}
		}
		delims = append(delims, c)
	}
	if len(delims) == 0 {
		delims = []string{""}
	}
	return delims, true
}

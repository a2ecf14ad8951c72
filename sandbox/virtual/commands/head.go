package commands

import (
	"bufio"
	"context"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var headSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Print the first 10 lines of each FILE to standard output.

  -c, --bytes=[-]NUM     print the first NUM bytes; with '-' all but the last NUM
  -n, --lines=[-]NUM     print the first NUM lines; with '-' all but the last NUM
  -q, --quiet, --silent  never print headers giving file names
  -v, --verbose          always print headers giving file names
  -z, --zero-terminated  line delimiter is NUL, not newline
`,
	Short: "#c:n:qvz",
	Long:  "bytes:=c lines:=n quiet=q silent=q verbose=v zero-terminated=z",
}

func head(ctx context.Context, inv *shell.Invocation) int {
	modern, wrong := withoutObsoleteHead(inv)
	if wrong != "" {
		return headSpec.Misuse(inv, "invalid trailing option -- %s", wrong)
	}
	p, status := headSpec.Parse(modern)
	if p == nil {
		return status
	}
	count, bytes, butLast, headers, delim := int64(10), false, false, byte(0), byte('\n')
	for _, o := range p.Options {
		switch o.Key {
		case "#":
			return headSpec.Misuse(inv, "invalid trailing option -- %s", o.Value[:1])
		case "n", "c":
			bytes, butLast = o.Key == "c", strings.HasPrefix(o.Value, "-")
			var ok bool
			if count, ok = partSize(inv, o); !ok {
				return 1
			}
		case "q", "v":
			headers = o.Key[0]
		case "z":
			delim = 0
		}
	}
	out := inv.Buffered(inv.Stdout)
	h := headers == 'v' || headers != 'q' && len(p.Operands) > 1
	status = eachShown(inv, p.Operands, h, out, func(r io.Reader) error {
		switch {
		case bytes && butLast:
			return headButBytes(ctx, inv, out, r, count)
		case bytes:
			return headBytes(ctx, inv, out, r, count)
		case butLast:
			return headButLines(ctx, inv, out, r, count, delim)
		}
		return headLines(ctx, inv, out, r, count, delim)
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}

// withoutObsoleteHead turns "head -5", "head -5c", "-5q" and its like into what they mean today. wrong is a letter that has no
// meaning there.
func withoutObsoleteHead(inv *shell.Invocation) (modern *shell.Invocation, wrong string) {
	if len(inv.Args) < 2 || len(inv.Args[1]) < 2 || inv.Args[1][0] != '-' || inv.Args[1][1] < '0' || inv.Args[1][1] > '9' {
		return inv, ""
	}
	letters := strings.TrimLeft(inv.Args[1][1:], "0123456789")
	number := inv.Args[1][1 : len(inv.Args[1])-len(letters)]
	copied := *inv
	copied.Args = []string{inv.Args[0]}
	option, unit := "-n", ""
	for _, c := range letters {
		switch c {
		case 'c':
			option, unit = "-c", ""
		case 'b', 'k', 'm':
			option, unit = "-c", string(c)
		case 'l':
			option = "-n"
		case 'q', 'v', 'z':
			copied.Args = append(copied.Args, "-"+string(c))
		default:
			return nil, string(c)
		}
	}
	copied.Args = append(append(copied.Args, option, number+unit), inv.Args[2:]...)
	return &copied, ""
}

func headLines(ctx context.Context, inv *shell.Invocation, out *bufio.Writer, r io.Reader, count int64, delim byte) error {
	lines := cli.NewLines(ctx, inv.Budget, r, delim)
	defer lines.Close()
	for ; count > 0; count-- {
		line, ended, err := lines.Next()
		if err != nil {
			return err
		}
		out.Write(line)
		if ended {
			out.WriteByte(delim)
		}
		if _, err := out.Write(nil); err != nil {
			return cli.ErrStop
		}
	}
	lines.GiveBack()
	return nil
}

// headButLines holds count lines back.
func headButLines(ctx context.Context, inv *shell.Invocation, out *bufio.Writer, r io.Reader, count int64, delim byte) error {
	lines := cli.NewLines(ctx, inv.Budget, r, delim)
	defer lines.Close()
	var ring [][]byte
	held := 0
	defer func() { inv.Budget.Release(held) }()
	next := 0
	for {
		line, ended, err := lines.Next()
		if err != nil {
			return err
		}
		if count > int64(len(ring)) {
			if inv.Budget.Hold(len(line)+32) != nil {
				return cli.ErrStop
			}
			held += len(line) + 32
			ring = append(ring, withDelim(nil, line, ended, delim))
			continue
		}
		if count == 0 {
			out.Write(withDelim(nil, line, ended, delim))
		} else {
			out.Write(ring[next])
			ring[next] = withDelim(ring[next][:0], line, ended, delim)
			next = (next + 1) % len(ring)
		}
		if _, err := out.Write(nil); err != nil {
			return cli.ErrStop
		}
	}
}

func withDelim(to, line []byte, ended bool, delim byte) []byte {
	to = append(to, line...)
	if ended {
		to = append(to, delim)
	}
	return to
}

func headBytes(ctx context.Context, inv *shell.Invocation, out *bufio.Writer, r io.Reader, count int64) error {
	return cli.Copy(ctx, inv.Budget, out, io.LimitReader(r, count))
}

// headButBytes holds count bytes back.
func headButBytes(ctx context.Context, inv *shell.Invocation, out *bufio.Writer, r io.Reader, count int64) error {
	var kept []byte
	held := 0
	defer func() { inv.Budget.Release(held) }()
	return cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
		if n := len(kept) + len(b); n > held {
			if inv.Budget.Hold(n-held) != nil {
				return 0, cli.ErrStop
			}
			held = n
		}
		kept = append(kept, b...)
		if over := int64(len(kept)) - count; over > 0 {
			if _, err := out.Write(kept[:over]); err != nil {
				return 0, err
			}
			kept = append(kept[:0], kept[over:]...)
		}
		return len(b), nil
	}), r)
}

// writerFunc is a function as an io.Writer.
type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

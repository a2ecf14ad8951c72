package commands

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var tailSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]...
Print the last 10 lines of each FILE to standard output.

  -c, --bytes=[+]NUM     output the last NUM bytes; with '+' starting with byte NUM
  -n, --lines=[+]NUM     output the last NUM lines; with '+' starting with line NUM
  -q, --quiet, --silent  never output headers giving file names
  -v, --verbose          always output headers giving file names
  -z, --zero-terminated  line delimiter is NUL, not newline
  -f, -F, --follow, --retry, -s, --pid  accepted; nothing is waited for, the command ends with the file
`,
	Short: "#c:n:qvzfFs:",
	Long: "bytes:=c lines:=n quiet=q silent=q verbose=v zero-terminated=z follow::=f retry pid: sleep-interval:=s " +
		"max-unchanged-stats:",
}

func tail(ctx context.Context, inv *shell.Invocation) int {
	inv = withoutObsolete(inv)
	p, status := tailSpec.Parse(inv)
	if p == nil {
		return status
	}
	count, inBytes, fromStart, headers, delim := int64(10), false, false, byte(0), byte('\n')
	watched, follows := false, false // --pid and -f
	for _, o := range p.Options {
		switch o.Key {
		case "#":
			inv.Errorf("option used in invalid context -- %s", o.Value[:1])
			return 1
		case "n", "c":
			inBytes = o.Key == "c"
			fromStart = fromStart || strings.HasPrefix(o.Value, "+") // nothing takes it back
			var ok bool
			if count, ok = partSize(inv, o); !ok {
				return 1
			}
		case "pid", "max-unchanged-stats":
			watched = watched || o.Key == "pid"
			if n, err := strconv.ParseUint(o.Value, 10, 31); err != nil || n > math.MaxInt32 {
				what := map[string]string{"pid": "PID", "max-unchanged-stats": "maximum number of unchanged stats between opens"}[o.Key]
				inv.Errorf("invalid %s: %s", what, cli.QuoteText(o.Value))
				return 1
			}
		case "s", "sleep-interval":
			if _, err := strconv.ParseFloat(o.Value, 64); err != nil {
				inv.Errorf("invalid number of seconds: %s", cli.QuoteText(o.Value))
				return 1
			}
		case "f":
			follows = true
			if o.Has {
				if _, wrong := tailSpec.Choose(inv, "follow", o.Value, "descriptor", "name"); wrong != 0 {
					return wrong
				}
			}
		case "q", "v":
			headers = o.Key[0]
		case "z":
			delim = 0
		}
	}
	if watched && !follows {
		inv.Errorf("warning: PID ignored; --pid=PID is useful only when following")
	}
	out := inv.Buffered(inv.Stdout)
	h := headers == 'v' || headers != 'q' && len(p.Operands) > 1
	status = eachShown(inv, p.Operands, h, out, func(r io.Reader) error {
		switch {
		case fromStart && inBytes:
			skip := count - 1
			if s, ok := r.(io.Seeker); ok && skip > 0 {
				if _, err := s.Seek(skip, io.SeekCurrent); err == nil {
					skip = 0
				}
			}
			return cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
				drop := min(max(skip, 0), int64(len(b)))
				skip -= drop
				_, err := out.Write(b[drop:])
				return len(b), err
			}), r)
		case fromStart:
			skip := count - 1
			return cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
				n := len(b)
				for skip > 0 {
					i := bytes.IndexByte(b, delim)
					if i < 0 {
						return n, nil
					}
					skip--
					b = b[i+1:]
				}
				_, err := out.Write(b)
				return n, err
			}), r)
		}
		return lastPart(ctx, inv, out, r, count, inBytes, delim)
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}

// withoutObsolete turns "tail -5", "tail +5c", "-5f" and their like, which have one file at most, into what they mean today.
func withoutObsolete(inv *shell.Invocation) *shell.Invocation {
	args := inv.Args
	switch {
	case len(args) == 2, len(args) == 3 && (len(args[2]) < 2 || args[2][0] != '-'), (len(args) == 3 || len(args) == 4) && args[2] == "--":
	default:
		return inv
	}
	if args[1] == "" || args[1][0] != '-' && args[1][0] != '+' || args[1] == "-" || args[1] == "-c" {
		return inv
	}
	sign, rest := args[1][:1], args[1][1:]
	letters := strings.TrimLeft(rest, "0123456789")
	number, option := rest[:len(rest)-len(letters)], "-n"
	if number == "" {
		number = "10"
	}
	switch {
	case strings.HasPrefix(letters, "b"):
		option, number, letters = "-c", number+"b", letters[1:]
	case strings.HasPrefix(letters, "c"):
		option, letters = "-c", letters[1:]
	case strings.HasPrefix(letters, "l"):
		letters = letters[1:]
	}
	if letters != "" && (letters != "f" || args[1] == "-f") {
		return inv
	}
	copied := *inv
	copied.Args = append([]string{args[0], option, sign + number}, args[2:]...)
	return &copied
}

// lastPart keeps only blocks that may have part in the last count lines or bytes.
func lastPart(ctx context.Context, inv *shell.Invocation, out *bufio.Writer, r io.Reader, count int64, inBytes bool, delim byte) error {
	measure := func(b []byte) int64 {
		if inBytes {
			return int64(len(b))
		}
		return int64(bytes.Count(b, []byte{delim}))
	}
	if s, ok := r.(io.Seeker); ok && inBytes {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			if end, err := s.Seek(0, io.SeekEnd); err == nil {
				s.Seek(max(at, end-min(count, end)), io.SeekStart)
			}
		}
	}
	type block struct {
		data []byte
		n    int64
	}
	var blocks []block
	var total int64
	held := 0
	defer func() { inv.Budget.Release(held) }()
	err := cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
		if inv.Budget.Hold(len(b)+48) != nil {
			return 0, cli.ErrStop
		}
		held += len(b) + 48
		n := measure(b)
		blocks = append(blocks, block{bytes.Clone(b), n})
		total += n
		for len(blocks) > 1 && total-blocks[0].n > count {
			total -= blocks[0].n
			held -= len(blocks[0].data) + 48
			inv.Budget.Release(len(blocks[0].data) + 48)
			blocks = blocks[1:]
		}
		return len(b), nil
	}), r)
	if err != nil || len(blocks) == 0 || count == 0 {
		return err
	}
	skip := total - count
	if last := blocks[len(blocks)-1].data; !inBytes && last[len(last)-1] != delim {
		skip++
	}
	for _, b := range blocks {
		data := b.data
		if inBytes && skip > 0 {
			drop := min(skip, int64(len(data)))
			skip -= drop
			data = data[drop:]
		}
		for !inBytes && skip > 0 && len(data) > 0 {
			i := bytes.IndexByte(data, delim)
			if i < 0 {
				data = nil
				break
			}
			data = data[i+1:]
			skip--
		}
		if _, err := out.Write(data); err != nil {
			return cli.ErrStop
		}
	}
	return nil
}

package commands

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"math"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var cutSpec = cli.Spec{
	Usage: `OPTION... [FILE]...
Print selected parts of lines from each FILE to standard output.

  -b, --bytes=LIST        select only these bytes
  -c, --characters=LIST   select only these characters
  -d, --delimiter=DELIM   use DELIM instead of TAB for field delimiter
  -f, --fields=LIST       select only these fields; also print lines without delimiter, unless -s is given
  -n                      (ignored)
      --complement        complement the set of selected bytes, characters or fields
  -s, --only-delimited    do not print lines not containing delimiters
      --output-delimiter=STRING  use STRING as the output delimiter
  -z, --zero-terminated   line delimiter is NUL, not newline
A LIST is made up of ranges N, N-, N-M, -M, separated by commas.
`,
	Short: "b:c:d:f:nsz",
	Long:  "bytes:=b characters:=c delimiter:=d fields:=f complement only-delimited=s output-delimiter: zero-terminated=z",
}

func cut(ctx context.Context, inv *shell.Invocation) int {
	p, status := cutSpec.Parse(inv)
	if p == nil {
		return status
	}
	var mode, list, outDelim string
	delim, delimSet, outSet, complement, onlyDelimited, end := byte('\t'), false, false, false, false, byte('\n')
	for _, o := range p.Options {
		switch o.Key {
		case "b", "c", "f":
			if mode != "" {
				return cutSpec.Misuse(inv, "only one list may be specified")
			}
			mode, list = o.Key, o.Value
		case "d":
			if len(o.Value) > 1 {
				return cutSpec.Misuse(inv, "the delimiter must be a single character")
			}
			delim, delimSet = (o.Value + "\x00")[0], true
		case "complement":
			complement = true
		case "s":
			onlyDelimited = true
		case "output-delimiter":
			outDelim, outSet = o.Value, true
			if outDelim == "" {
				outDelim = "\x00"
			}
		case "z":
			end = 0
		}
	}
	switch {
	case mode == "":
		return cutSpec.Misuse(inv, "you must specify a list of bytes, characters, or fields")
	case mode != "f" && delimSet:
		return cutSpec.Misuse(inv, "an input delimiter may be specified only when operating on fields")
	case mode != "f" && onlyDelimited:
		return cutSpec.Misuse(inv, "suppressing non-delimited lines makes sense\n\tonly when operating on fields")
	}
	spans, problem := parseSpans(list, mode == "f")
	if problem != "" {
		return cutSpec.Misuse(inv, "%s", problem)
	}
	spans = mergeSpans(spans, complement, mode != "f" && outSet)
	if !outSet && mode == "f" {
		outDelim = string(delim)
	}
	out := inv.Buffered(inv.Stdout)
	status = cli.EachInput(inv, p.Operands, func(_ string, r io.Reader) error {
		lines := cli.NewLines(ctx, inv.Budget, r, end)
		defer lines.Close()
		if mode == "f" && delim == end { // lines are the fields of one record
			return cutLines(out, lines, spans, end, outDelim)
		}
		if mode == "f" && len(spans) == 1 && spans[0].from == spans[0].to {
			return cutField(out, lines, spans[0].from, delim, end, onlyDelimited)
		}
		for {
			line, _, err := lines.Next()
			if err != nil {
				if err == io.EOF {
					return nil
				}
				return err
			}
			if mode != "f" {
				cutBytes(out, line, spans, outDelim)
			} else if !cutFields(out, line, spans, delim, outDelim, onlyDelimited) {
				continue
			}
			if out.WriteByte(end) != nil {
				return cli.ErrStop
			}
		}
	})
	if out.Flush() != nil {
		return 1
	}
	return status
}

func cutBytes(out *bufio.Writer, line []byte, spans []span, delim string) {
	first := true
	for _, s := range spans {
		if s.from > len(line) {
			return
		}
		if !first {
			out.WriteString(delim)
		}
		first = false
		out.Write(line[s.from-1 : min(s.to, len(line))])
	}
}

// cutLines writes those lines whose numbers are in spans.
func cutLines(out *bufio.Writer, lines *cli.Lines, spans []span, end byte, outDelim string) error {
	first := true
	for n := 1; ; n++ {
		line, _, err := lines.Next()
		if err == io.EOF {
			if n > 1 {
				out.WriteByte(end)
			}
			return nil
		}
		if err != nil {
			return err
		}
		for len(spans) > 0 && n > spans[0].to {
			spans = spans[1:]
		}
		if len(spans) == 0 || n < spans[0].from {
			continue
		}
		if !first {
			out.WriteString(outDelim)
		}
		first = false
		if _, err := out.Write(line); err != nil {
			return cli.ErrStop
		}
	}
}

// cutField writes the n-th field of each line.
func cutField(out *bufio.Writer, lines *cli.Lines, n int, delim, end byte, onlyDelimited bool) error {
	for {
		block, err := lines.Block()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for len(block) > 0 {
			line := block
			if i := bytes.IndexByte(block, end); i >= 0 {
				line, block = block[:i], block[i+1:]
			} else {
				block = nil
			}
			i := bytes.IndexByte(line, delim)
			if i < 0 && onlyDelimited {
				continue
			}
			field := 1
			for ; field < n && i >= 0; field++ {
				line = line[i+1:]
				i = bytes.IndexByte(line, delim)
			}
			switch {
			case i >= 0:
				line = line[:i]
			case field < n && field > 1: // it has fewer fields
				line = nil
			}
			if out.Available() <= len(line) {
				if out.Flush() != nil {
					return cli.ErrStop
				}
			}
			out.Write(append(append(out.AvailableBuffer(), line...), end))
		}
		if _, err := out.Write(nil); err != nil {
			return cli.ErrStop
		}
	}
}

// cutFields writes the fields of a line, and says whether there is a line to end.
func cutFields(out *bufio.Writer, line []byte, spans []span, delim byte, outDelim string, onlyDelimited bool) bool {
	i := bytes.IndexByte(line, delim)
	if i < 0 {
		if !onlyDelimited {
			out.Write(line)
		}
		return !onlyDelimited
	}
	first := true
	for field, at := 1, 0; at <= len(line) && len(spans) > 0; field++ {
		stop := len(line)
		if i = bytes.IndexByte(line[at:], delim); i >= 0 {
			stop = at + i
		}
		if field >= spans[0].from {
			if !first {
				out.WriteString(outDelim)
			}
			first = false
			if spans[0].to == math.MaxInt && len(outDelim) == 1 && outDelim[0] == delim {
				out.Write(line[at:])
				return true
			}
			out.Write(line[at:stop])
			if field == spans[0].to {
				spans = spans[1:]
			}
		}
		at = stop + 1
	}
	return true
}

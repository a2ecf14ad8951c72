package commands

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var shufSpec = cli.Spec{
	Usage: `[OPTION]... [FILE]
       shuf -e [OPTION]... [ARG]...
       shuf -i LO-HI [OPTION]...
Write a random permutation of the input lines to standard output.

  -e, --echo             treat each ARG as an input line
  -i, --input-range=LO-HI  treat each number LO through HI as an input line
  -n, --head-count=COUNT output at most COUNT lines
  -o, --output=FILE      write result to FILE instead of standard output
      --random-source=FILE  draw from the bytes of FILE
  -r, --repeat           output lines can be repeated
  -z, --zero-terminated  line delimiter is NUL, not newline
`,
	Short: "ei:n:o:rz",
	Long:  "echo=e input-range:=i head-count:=n output:=o random-source: repeat=r zero-terminated=z",
}

// shufRange reads LO-HI. The error is the part that is none, in quotes.
func shufRange(text string) (low, high int64, err error) {
	a, b, ok := strings.Cut(text, "-")
	var err1, err2 error
	low, err1 = strconv.ParseInt(a, 10, 63)
	high, err2 = strconv.ParseInt(b, 10, 63)
	switch {
	case !ok || err1 == nil && err2 == nil && low > high+1:
		err = errors.New(cli.Quote(text))
	case err1 != nil:
		err = errors.New(cli.Quote(a))
	case err2 != nil:
		err = errors.New(cli.Quote(b))
	}
	return low, high, err
}

func shuf(ctx context.Context, inv *shell.Invocation) int {
	p, status := shufSpec.Parse(inv)
	if p == nil {
		return status
	}
	echo, repeat, end, count, output := false, false, byte('\n'), int64(-1), "-"
	low, high, ranged, source := int64(0), int64(-1), false, ""
	for _, o := range p.Options {
		switch o.Key {
		case "e":
			echo = true
		case "i":
			if ranged {
				inv.Errorf("multiple -i options specified")
				return 1
			}
			ranged = true
			var err error
			if low, high, err = shufRange(o.Value); err != nil {
				inv.Errorf("invalid input range: %v", err)
				return 1
			}
		case "n":
			n, err := cli.Amount(o.Value, "")
			if err == nil && n < 0 || err != nil && err.Error() == "" {
				inv.Errorf("invalid line count: %s", cli.Quote(o.Value))
				return 1
			}
			if err != nil {
				n = math.MaxInt64
			}
			if count < 0 || n < count {
				count = n
			}
		case "o":
			if output != "-" && output != o.Value {
				inv.Errorf("multiple output files specified")
				return 1
			}
			output = o.Value
		case "random-source":
			if source != "" && source != o.Value {
				inv.Errorf("multiple random sources specified")
				return 1
			}
			source = o.Value
		case "r":
			repeat = true
		case "z":
			end = 0
		}
	}
	if echo && ranged {
		return shufSpec.Misuse(inv, "cannot combine -e and -i options")
	}
	if !echo && len(p.Operands) > 1 || ranged && len(p.Operands) > 0 {
		return shufSpec.Misuse(inv, "extra operand %s", cli.Quote(p.Operands[len(p.Operands)-1]))
	}
	var lines [][]byte
	size := high - low + 1
	if !ranged {
		if echo {
			for _, a := range p.Operands {
				lines = append(lines, []byte(a))
			}
		} else if count != 0 {
			name := "-"
			if len(p.Operands) > 0 {
				name = p.Operands[0]
			}
			data, err := readAll(ctx, inv, name)
			defer inv.Budget.Release(len(data))
			if err != nil {
				inv.Errorf("%s: %v", name, err)
				return 1
			}
			if inv.Budget.Hold(2*len(data)) != nil {
				return 1
			}
			defer inv.Budget.Release(2 * len(data))
			if len(data) > 0 {
				lines = bytes.Split(bytes.TrimSuffix(data, []byte{end}), []byte{end})
			}
		}
		size = int64(len(lines))
	}
	if count < 0 && !repeat || !repeat && count > size {
		count = size
	}
	if repeat && size == 0 && count != 0 {
		inv.Errorf("no lines to repeat")
		return 1
	}
	random, closeRandom, err := openRandom(inv, source)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	defer closeRandom()
	w := inv.Stdout
	if output != "-" {
		f, err := inv.Create(output)
		if err != nil {
			inv.Errorf("%s: %v", output, err)
			return 1
		}
		defer f.Close()
		w = f
	}
	out := inv.Buffered(w)
	// A sparse Fisher-Yates shuffle: moved says which number stands where another one was.
	moved := map[int64]int64{}
	at := func(i int64) int64 {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	for i := int64(0); repeat && count < 0 || i < count; i++ {
		left := size
		if !repeat {
			left = size - i
		}
		n, err := random.below(left)
		if err != nil {
			if repeat { // else nothing is printed before all are drawn
				out.Flush()
			}
			inv.Errorf("%v", err)
			return 1
		}
		if !repeat {
			if inv.Budget.Hold(48) != nil {
				return 1
			}
			k := i + n
			n = at(k)
			moved[k] = at(i)
		}
		if inv.Budget.Work(1) != nil || ctx.Err() != nil {
			return 1
		}
		if ranged {
			out.WriteString(strconv.FormatInt(low+n, 10))
		} else {
			out.Write(lines[n])
		}
		if out.WriteByte(end) != nil {
			return 1
		}
	}
	if !repeat {
		inv.Budget.Release(48 * int(count))
	}
	if out.Flush() != nil {
		return 1
	}
	return 0
}

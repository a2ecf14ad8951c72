// Package iconv is the iconv program. Start at Run; encoding.go has the encodings.
package iconv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const usage = `[OPTION...] [FILE...]
Convert encoding of given files from one encoding to another.

  -f, --from-code=NAME  -t, --to-code=NAME[//TRANSLIT][//IGNORE]  both UTF-8 by default
  -l, --list  -c (leave out what cannot be converted)  -o, --output=FILE  -s, --silent
`

// converter is one call of iconv.
type converter struct {
	ctx       context.Context
	inv       *shell.Invocation
	from, to  encoding
	omit      bool // -c
	ignore    bool // //IGNORE: as -c, with status 1
	translit  bool
	out       *bufio.Writer
	scratch   []byte
	illegal   bool // something was left out
	startedTo bool
}

// Run is the iconv command.
func Run(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: usage, Fail: 64, Hint: "Try `NAME --help' or `NAME --usage' for more information.", Short: "f:t:lco:s",
		Long: "from-code:=f to-code:=t list=l output:=o silent=s verbose byte-subst: widechar-subst: unicode-subst:"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	c := &converter{ctx: ctx, inv: inv}
	from, to, output := "", "", ""
	for _, o := range p.Options {
		switch o.Key {
		case "f":
			from = o.Value
		case "t":
			to = o.Value
		case "c":
			c.omit = true
		case "o":
			output = o.Value
		case "l":
			for _, name := range names() {
				fmt.Fprintln(inv.Stdout, name+"//")
			}
			return 0
		}
	}
	to, options, _ := strings.Cut(to, "//")
	for _, option := range strings.Split(strings.ToUpper(options), "//") {
		c.translit = c.translit || option == "TRANSLIT"
		c.ignore = c.ignore || option == "IGNORE"
	}
	from, _, _ = strings.Cut(from, "//")
	var okFrom, okTo bool
	c.from, okFrom = find(from)
	c.to, okTo = find(to)
	switch {
	case !okFrom && !okTo:
		inv.Errorf("conversions from `%s' and to `%s' are not supported", from, to)
	case !okFrom:
		inv.Errorf("conversion from `%s' is not supported", from)
	case !okTo:
		inv.Errorf("conversion to `%s' is not supported", to)
	}
	if !okFrom || !okTo {
		fmt.Fprintf(inv.Stderr, "Try `iconv --help' or `iconv --usage' for more information.\n")
		return 1
	}
	w := inv.Stdout
	if output != "" && output != "-" {
		f, err := inv.Create(output)
		if err != nil {
			inv.Errorf("unable to open output file: %v", err)
			return 1
		}
		defer f.Close()
		w = f
	}
	c.out = bufio.NewWriterSize(w, cli.BlockSize)
	return c.files(p.Operands)
}

func (c *converter) files(names []string) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	status := 0
	for _, name := range names {
		in, err := cli.Open(c.inv, name)
		if err != nil {
			c.inv.Errorf("cannot open input file `%s': %v", name, err)
			status = 1
			continue
		}
		err = c.convert(in)
		in.Close()
		if c.out.Flush() != nil || errors.Is(err, cli.ErrStop) {
			return 1
		}
		if err != nil {
			c.inv.Errorf("%v", err)
			return 1
		}
	}
	if c.ignore && c.illegal {
		return 1
	}
	return status
}

// errEnd is an input that ends within a character.
var errEnd = errors.New("incomplete character or shift sequence at end of buffer")

// convert converts one input.
func (c *converter) convert(r io.Reader) error {
	in := bufio.NewReaderSize(r, cli.BlockSize)
	from := c.from.start(in)
	position, spent := 0, 0
	for {
		b, err := in.Peek(4)
		if len(b) == 0 {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if position-spent >= cli.BlockSize {
			if spent = position; c.inv.Budget.Work(cli.BlockSize) != nil || c.ctx.Err() != nil {
				return cli.ErrStop
			}
			if _, err := c.out.Write(nil); err != nil {
				return cli.ErrStop
			}
		}
		char, size := from.decode(b)
		if size == 0 { // no character begins here
			if incomplete := from.incomplete(b) && len(b) < 4; incomplete {
				return errEnd
			}
			if !c.omit && !c.ignore {
				return fmt.Errorf("illegal input sequence at position %d", position)
			}
			c.illegal = true
			n := min(from.unit, len(b))
			in.Discard(n)
			position += n
			continue
		}
		if err := c.put(char); err != nil {
			return fmt.Errorf("%w at position %d", err, position)
		}
		in.Discard(size)
		position += size
	}
}

// put writes one character in the other encoding.
func (c *converter) put(char rune) error {
	if !c.startedTo {
		c.startedTo = true
		c.out.WriteString(c.to.mark)
	}
	var ok bool
	if c.scratch, ok = c.to.encode(c.scratch[:0], char); ok {
		c.out.Write(c.scratch)
		return nil
	}
	if c.translit {
		text, found := transliterations[char]
		if !found {
			text = "?"
		}
		for _, r := range text {
			b, _ := c.to.encode(nil, r)
			c.out.Write(b)
		}
		return nil
	}
	if c.omit || c.ignore {
		c.illegal = true
		return nil
	}
	return errors.New("illegal input sequence")
}

// names are those of all encodings, sorted.
func names() []string {
	list := make([]string, 0, len(encodings()))
	for _, e := range encodings() {
		list = append(list, e.name)
	}
	slices.Sort(list)
	return list
}

package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var csplitSpec = &cli.Spec{
	Usage: `[OPTION]... FILE PATTERN...
Write the pieces of FILE that PATTERNs separate to files xx00, xx01, …, and print their sizes. FILE - is standard input.

  -b, --suffix-format=FORMAT  use a printf FORMAT instead of %02d
  -f, --prefix=PREFIX         use PREFIX instead of xx
  -k, --keep-files            do not remove the pieces after a mistake
  -n, --digits=DIGITS         use so many digits instead of 2
  -s, -q, --quiet, --silent   do not print sizes
  -z, --elide-empty-files     do not keep pieces that are empty
      --suppress-matched      leave out the lines that match

A PATTERN is a line number; /REGEX/[OFFSET], up to a line that matches; %REGEX%[OFFSET], skipping to one;
or {N} or {*}, the PATTERN before once more, N times or as often as possible.
`,
	Short: "b:f:kn:sqz",
	Long:  "suffix-format:=b prefix:=f keep-files=k digits:=n quiet=s silent=s elide-empty-files=z suppress-matched",
}

// csplitter is one call of csplit.
type csplitter struct {
	inv                         *shell.Invocation
	prefix, format              string
	keep, quiet, elide, without bool

	lines   [][]byte
	first   int // the next line to write, from 0
	current int // the last line that a pattern looked at, from 1
	made    []string
}

// errSplitDone is a pattern that repeats forever and came to the end.
var errSplitDone = errors.New("done")

func csplit(ctx context.Context, inv *shell.Invocation) int {
	p, status := csplitSpec.Parse(inv)
	if p == nil {
		return status
	}
	c := &csplitter{inv: inv, prefix: "xx"}
	suffix, digits := "", 2
	for _, o := range p.Options {
		switch o.Key {
		case "b":
			suffix = o.Value
		case "f":
			c.prefix = o.Value
		case "k":
			c.keep = true
		case "n":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 || n > 200 {
				inv.Errorf("invalid number: %s", cli.QuoteText(o.Value))
				return 1
			}
			digits = n
		case "s", "q":
			c.quiet = true
		case "z":
			c.elide = true
		case "suppress-matched":
			c.without = true
		}
	}
	if suffix == "" {
		suffix = fmt.Sprintf("%%0%dd", digits)
	}
	var problem string
	if c.format, problem = csplitFormat(suffix); problem != "" {
		inv.Errorf("%s", problem)
		return 1
	}
	if len(p.Operands) < 2 {
		if len(p.Operands) == 0 {
			return csplitSpec.Misuse(inv, "missing operand")
		}
		return csplitSpec.Misuse(inv, "missing operand after %s", cli.QuoteText(p.Operands[0]))
	}
	patterns, err := csplitPatterns(p.Operands[1:], inv.Errorf)
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	in, err := cli.Open(inv, p.Operands[0])
	if err != nil {
		inv.Errorf("cannot open %s for reading: %v", cli.Quote(p.Operands[0]), err)
		return 1
	}
	defer in.Close()
	held, err := c.read(cli.NewLines(ctx, inv.Budget, in, '\n'))
	defer func() { inv.Budget.Release(held) }()
	if err != nil {
		inv.Errorf("read error: %v", err)
		return 1
	}
	if err := c.split(patterns); err != nil {
		inv.Errorf("%v", err)
		for _, name := range c.made {
			if !c.keep {
				inv.FS.Remove(inv.Path(name))
			}
		}
		return 1
	}
	return 0
}

// read holds all lines, with their newlines.
func (c *csplitter) read(lines *cli.Lines) (held int, err error) {
	defer lines.Close()
	for {
		line, ended, err := lines.Next()
		if err == io.EOF {
			return held, nil
		}
		if err != nil {
			return held, err
		}
		if err := c.inv.Budget.Hold(len(line) + 32); err != nil {
			return held, err
		}
		held += len(line) + 32
		if line = bytes.Clone(line); ended {
			line = append(line, '\n')
		}
		c.lines = append(c.lines, line)
	}
}

func (c *csplitter) split(patterns []csplitPattern) error {
	for _, p := range patterns {
		for round := 0; p.forever || round <= p.repeat; round++ {
			if err := c.inv.Budget.Work(1); err != nil {
				return err
			}
			do := c.toLine
			if p.re != nil {
				do = c.toMatch
			}
			if err := do(p, round); err == errSplitDone {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return c.write(len(c.lines))
}

// write makes a piece of the lines up to one, which is not in it.
func (c *csplitter) write(to int) error {
	piece := bytes.Join(c.lines[c.first:to], nil)
	c.advance(to)
	if len(piece) == 0 && c.elide {
		return nil
	}
	format := c.format
	if len(c.made) == 0 {
		format = strings.ReplaceAll(format, "#", "") // C has no 0x before 0
	}
	name := c.prefix + fmt.Sprintf(format, len(c.made))
	if err := c.inv.FS.WriteFile(c.inv.Path(name), piece, 0o666&^c.inv.Umask); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if c.made = append(c.made, name); c.quiet {
		return nil
	}
	_, err := io.WriteString(c.inv.Stdout, strconv.Itoa(len(piece))+"\n")
	return err
}

func (c *csplitter) advance(to int) {
	c.first = to
	c.current = max(c.current, to)
}

// toLine ends a piece before a line, or at the next multiple of its number.
func (c *csplitter) toLine(p csplitPattern, round int) error {
	to := p.line*(round+1) - 1
	if to > len(c.lines) || to == len(c.lines) && !c.without {
		if err := c.write(len(c.lines)); err != nil {
			return err
		}
		return fmt.Errorf("%s: line number out of range%s", cli.QuoteText(p.text), onRepetition(round))
	}
	if err := c.write(max(to, c.first)); err != nil {
		return err
	}
	if c.without {
		c.advance(min(c.first+1, len(c.lines)))
	}
	return nil
}

// toMatch ends a piece before the next line that matches, or at an offset from there.
func (c *csplitter) toMatch(p csplitPattern, round int) error {
	at := c.current
	for ; at < len(c.lines) && !p.re.Match(bytes.TrimSuffix(c.lines[at], []byte("\n"))); at++ {
		if err := c.inv.Budget.Work(len(c.lines[at])); err != nil {
			return err
		}
	}
	if at == len(c.lines) {
		if !p.skip {
			if err := c.write(at); err != nil {
				return err
			}
		}
		if p.forever {
			return errSplitDone
		}
		return fmt.Errorf("%s: match not found%s", cli.QuoteText(p.text), onRepetition(round))
	}
	to := at + p.offset
	if to < c.first || to > len(c.lines) {
		if !p.skip {
			if err := c.write(max(c.first, min(to, len(c.lines)))); err != nil {
				return err
			}
		}
		return fmt.Errorf("%s: line number out of range", cli.QuoteText(p.text))
	}
	if p.skip {
		c.advance(to)
	} else if err := c.write(to); err != nil {
		return err
	}
	c.current = max(at, to) + 1
	if c.without {
		c.advance(min(c.first+1, len(c.lines)))
	}
	return nil
}

func onRepetition(round int) string {
	if round == 0 {
		return ""
	}
	return " on repetition " + strconv.Itoa(round)
}

package commands

import (
	"bytes"
	"context"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var trSpec = cli.Spec{
	Usage: `[OPTION]... STRING1 [STRING2]
Translate, squeeze, and/or delete characters from standard input, writing to standard output.

  -c, -C, --complement   use the complement of STRING1
  -d, --delete           delete characters in STRING1, do not translate
  -s, --squeeze-repeats  replace each sequence of a repeated character that is listed in the last STRING with one
  -t, --truncate-set1    first truncate STRING1 to length of STRING2
STRINGs may have ranges (a-z), classes ([:alpha:]), equivalents ([=c=]), repeats ([c*n], [c*]) and escapes (\n, \012).
`,
	Short: "cCdst",
	Long:  "complement=c delete=d squeeze-repeats=s truncate-set1=t",
	Posix: true,
}

func tr(ctx context.Context, inv *shell.Invocation) int {
	p, status := trSpec.Parse(inv)
	if p == nil {
		return status
	}
	var complement, del, squeeze, truncate bool
	for _, o := range p.Options {
		switch o.Key {
		case "c", "C":
			complement = true
		case "d":
			del = true
		case "s":
			squeeze = true
		case "t":
			truncate = true
		}
	}
	sets := p.Operands
	most := 2
	if del && !squeeze {
		most = 1
	}
	switch {
	case len(sets) == 0:
		return trSpec.Misuse(inv, "missing operand")
	case len(sets) == 1 && del && squeeze:
		return trSpec.Misuse(inv, "missing operand after %s\nTwo strings must be given when both deleting and squeezing repeats.", cli.QuoteText(sets[0]))
	case len(sets) == 1 && !del && !squeeze:
		return trSpec.Misuse(inv, "missing operand after %s\nTwo strings must be given when translating.", cli.QuoteText(sets[0]))
	case len(sets) > most && most == 1:
		return trSpec.Misuse(inv, "extra operand %s\nOnly one string may be given when deleting without squeezing repeats.", cli.QuoteText(sets[1]))
	case len(sets) > most:
		return trSpec.Misuse(inv, "extra operand %s", cli.QuoteText(sets[2]))
	}
	for _, set := range sets {
		warnOfTrEscapes(inv, set)
	}
	one, err := parseTrSet(sets[0])
	var two *trSet
	if err == nil && len(sets) == 2 {
		two, err = parseTrSet(sets[1])
	}
	translate := len(sets) == 2 && !del
	if err == nil {
		err = checkTrSets(one, two, translate, complement, truncate)
	}
	if err != nil {
		inv.Errorf("%v", err)
		return 1
	}
	t := &translation{}
	t.prepare(one, two, complement, del, squeeze, truncate, translate)
	out := inv.Buffered(inv.Stdout)
	err = cli.Copy(ctx, inv.Budget, writerFunc(func(b []byte) (int, error) {
		_, err := out.Write(t.apply(b))
		return len(b), err
	}), inv.Stdin)
	if err != nil && err != cli.ErrStop {
		inv.Errorf("read error: %v", err)
		status = 1
	}
	if out.Flush() != nil {
		return 1
	}
	return status
}

// translation is what tr does to each byte.
type translation struct {
	to            [256]byte
	del, squeeze  [256]bool
	deletes, runs bool
	last          int // the last byte written, -1 at the begin
	buf           []byte
}

func (t *translation) prepare(one, two *trSet, complement, del, squeeze, truncate, translate bool) {
	t.last = -1
	for i := range t.to {
		t.to[i] = byte(i)
	}
	list := one.bytes
	if complement {
		var others []byte
		for c := range 256 {
			if bytes.IndexByte(list, byte(c)) < 0 {
				others = append(others, byte(c))
			}
		}
		list = others
	}
	t.deletes, t.runs = del, squeeze
	squeezed := list
	if translate {
		with := two.expanded(len(list))
		for i, c := range list {
			switch {
			case i < len(with):
				t.to[c] = with[i]
			case !truncate && len(with) > 0:
				t.to[c] = with[len(with)-1]
			}
		}
		squeezed = with
	} else if two != nil {
		squeezed = two.expanded(0)
	}
	for _, c := range list {
		t.del[c] = del
	}
	for _, c := range squeezed {
		t.squeeze[c] = squeeze
	}
}

// apply translates a block; the result is valid until the next call.
func (t *translation) apply(b []byte) []byte {
	t.buf = append(t.buf[:0], b...)
	if !t.deletes && !t.runs {
		for i, c := range t.buf {
			t.buf[i] = t.to[c]
		}
		return t.buf
	}
	n := 0
	for _, c := range b {
		if t.del[c] {
			continue
		}
		c = t.to[c]
		if t.squeeze[c] && t.last == int(c) {
			continue
		}
		t.last = int(c)
		t.buf[n] = c
		n++
	}
	return t.buf[:n]
}

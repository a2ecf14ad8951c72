package commands

import (
	"context"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

func sum(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "rs", Long: "sysv=s", Usage: "[OPTION]... [FILE]...\nPrint checksums and blocks: -r, the default, as BSD; -s as System V.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	sysv := false
	for _, o := range p.Options {
		sysv = o.Key == "s"
	}
	return sumWith(ctx, inv, p.Operands, "\n", sysv)
}

func sumWith(ctx context.Context, inv *shell.Invocation, names []string, end string, sysv bool) int {
	return eachSum(ctx, inv, names, end, func(r io.Reader) (string, error) {
		c := &oldSum{sysv: sysv}
		err := cli.Copy(ctx, inv.Budget, c, r)
		return c.String(), err
	})
}

// oldSum is the checksum of BSD's or System V's sum.
type oldSum struct {
	sysv  bool
	value uint32
	size  uint64
}

func (c *oldSum) Write(b []byte) (int, error) {
	for _, x := range b {
		if c.sysv {
			c.value += uint32(x)
		} else {
			c.value = (c.value>>1 + c.value&1<<15 + uint32(x)) & 0xffff
		}
	}
	c.size += uint64(len(b))
	return len(b), nil
}

func (c *oldSum) String() string {
	if c.sysv {
		r := c.value&0xffff + c.value>>16
		return fmt.Sprintf("%d %d", r&0xffff+r>>16, (c.size+511)/512)
	}
	return fmt.Sprintf("%05d %5d", c.value, (c.size+1023)/1024)
}

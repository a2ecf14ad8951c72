package commands

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// crc32Command prints the checksum that gzip and zip use.
func crc32Command(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: "[FILE]...\nPrint the CRC-32 of each FILE.\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	return eachSum(ctx, inv, p.Operands, "\n", func(r io.Reader) (string, error) {
		c := crc32.NewIEEE()
		err := cli.Copy(ctx, inv.Budget, c, r)
		return fmt.Sprintf("%08x", c.Sum32()), err
	})
}

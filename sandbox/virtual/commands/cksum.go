package commands

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// cksum is POSIX's CRC, or with -a another digest.
func cksum(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: checksumUsage, Short: "a:bcl:twz", Long: "algorithm:=a binary=b check=c text=t tag untagged zero=z ignore-missing quiet status strict warn=w length:=l debug"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	tagged, check := true, false
	algorithm, chosen, length := "crc", false, ""
	s := &summer{ctx: ctx, inv: inv, out: bufio.NewWriter(inv.Stdout), tag: true}
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			var bad int
			if algorithm, bad = spec.Choose(inv, "algorithm", o.Value, "bsd", "sysv", "crc", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "sm3"); bad != 0 {
				return bad
			}
			chosen = true
		case "l":
			length = o.Value
		case "untagged":
			tagged = false
		case "c":
			check = true
		case "quiet":
			s.quiet = true
		case "status":
			s.statusOnly = true
		case "strict":
			s.strict = true
		case "w":
			s.warn = true
		case "ignore-missing":
			s.missing = true
		case "z":
			s.zero = true
		}
	}
	if length != "" && algorithm != "blake2b" {
		inv.Errorf("--length is only supported with --algorithm=blake2b")
		return 1
	}
	old := algorithm == "crc" || algorithm == "bsd" || algorithm == "sysv"
	if check && chosen && old {
		inv.Errorf("--check is not supported with --algorithm={bsd,sysv,crc}")
		return 1
	}
	end := "\n"
	if s.zero {
		end = "\x00"
	}
	switch {
	case check && !chosen:
		s.any = true
	case algorithm == "crc":
		table := crcTable()
		return eachSum(ctx, inv, p.Operands, end, func(r io.Reader) (string, error) {
			c := &posixCRC{table: &table}
			err := cli.Copy(ctx, inv.Budget, c, r)
			return c.String(), err
		})
	case old:
		return sumWith(ctx, inv, p.Operands, end, algorithm == "sysv")
	}
	s.digest, s.tag = digestOf(algorithm), tagged
	if length != "" && !s.setLength(length) {
		return 1
	}
	names := p.Operands
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if check && !s.check(name) || !check && !s.print(name) {
			status = 1
		}
	}
	if s.out.Flush() != nil {
		return 1
	}
	return status
}

func crcTable() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04C11DB7
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return t
}

// posixCRC is the checksum of POSIX's cksum: a CRC over the bytes and then their number.
type posixCRC struct {
	table *[256]uint32
	crc   uint32
	size  uint64
}

func (c *posixCRC) Write(b []byte) (int, error) {
	for _, x := range b {
		c.crc = c.crc<<8 ^ c.table[byte(c.crc>>24)^x]
	}
	c.size += uint64(len(b))
	return len(b), nil
}

func (c *posixCRC) String() string {
	crc := c.crc
	for n := c.size; n > 0; n >>= 8 {
		crc = crc<<8 ^ c.table[byte(crc>>24)^byte(n)]
	}
	return fmt.Sprintf("%d %d", ^crc, c.size)
}

// eachSum prints for each operand what line makes of it, and end: cksum and sum.
func eachSum(ctx context.Context, inv *shell.Invocation, names []string, end string, line func(r io.Reader) (string, error)) (status int) {
	shown := len(names) > 0
	return cli.EachInput(inv, names, func(name string, r io.Reader) error {
		text, err := line(r)
		if err != nil {
			return err
		}
		if shown {
			text += " " + name
		}
		if _, err := io.WriteString(inv.Stdout, text+end); err != nil {
			return cli.ErrStop
		}
		return nil
	})
}

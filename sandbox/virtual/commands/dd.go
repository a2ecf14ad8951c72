package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const ddUsage = `[OPERAND]...
Copy a file in blocks.

  if=FILE of=FILE   bs=BYTES ibs=BYTES obs=BYTES   count=N skip=N seek=N
  conv=ascii,ebcdic,ibm,block,unblock,notrunc,excl,nocreat,lcase,ucase,swab,sync,noerror,fsync   cbs=N   iflag=fullblock,count_bytes,skip_bytes   oflag=append,seek_bytes
  status=none|noxfer|progress
`

// maxBlock bounds bs.
const maxBlock = 64 << 20

// blockCopy is one call of dd.
type blockCopy struct {
	inv               *shell.Invocation
	in, out           string
	ibs, obs          int64
	count, skip, seek int64 // count is -1 for all
	cbs               int64 // the length of records for conv=block and unblock
	column            int64 // in the record that is being converted
	blanks            int64 // at the end of what is unblocked so far
	conv, flags       map[string]bool
	table             []byte // what each byte becomes, nil for itself
	status            string

	fullIn, partIn, fullOut, partOut, bytes int64
}

func dd(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: ddUsage}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	d := &blockCopy{inv: inv, in: "-", out: "-", ibs: 512, obs: 512, count: -1, conv: map[string]bool{}, flags: map[string]bool{}}
	for _, operand := range p.Operands {
		name, value, ok := strings.Cut(operand, "=")
		if !ok {
			return spec.Misuse(inv, "unrecognized operand %s", cli.QuoteText(operand))
		}
		if status := d.operand(spec, name, value, operand); status != 0 {
			return status
		}
	}
	if d.cbs > 0 { // EBCDIC has records instead of lines
		d.conv["unblock"] = d.conv["unblock"] || d.conv["ascii"]
		d.conv["block"] = d.conv["block"] || d.conv["ebcdic"] || d.conv["ibm"]
	}
	tables := 0
	for conversion := range ebcdicTables {
		if d.conv[conversion] {
			tables++
		}
	}
	if tables > 1 {
		inv.Errorf("cannot combine any two of {ascii,ebcdic,ibm}")
		return 1
	}
	for _, pair := range [][2]string{{"lcase", "ucase"}, {"block", "unblock"}, {"excl", "nocreat"}} {
		if d.conv[pair[0]] && d.conv[pair[1]] {
			inv.Errorf("cannot combine %s and %s", pair[0], pair[1])
			return 1
		}
	}
	began := time.Now()
	err := d.run(ctx)
	if errors.Is(err, cli.ErrStop) {
		return 1
	}
	if err != nil {
		inv.Errorf("%v", err)
		status = 1
		if d.fullIn+d.partIn == 0 && strings.HasPrefix(err.Error(), "failed to open") {
			return 1
		}
	}
	d.report(time.Since(began))
	return status
}

func (d *blockCopy) open() (in io.ReadCloser, out io.WriteCloser, err error) {
	if in, err = cli.Open(d.inv, d.in); err != nil {
		return nil, nil, fmt.Errorf("failed to open %s: %w", cli.Quote(d.in), err)
	}
	if d.out == "-" {
		return in, nopCloser{d.inv.Stdout}, nil
	}
	flag := vfs.Write | vfs.Create
	switch {
	case d.conv["nocreat"]:
		flag = vfs.Write
	case d.conv["excl"]:
		flag |= vfs.Exclusive
	}
	if d.flags["append"] {
		flag |= vfs.Append
	}
	f, err := d.inv.OpenFile(d.inv.Path(d.out), flag, 0o666&^d.inv.Umask)
	if err != nil {
		in.Close()
		return nil, nil, fmt.Errorf("failed to open %s: %w", cli.Quote(d.out), err)
	}
	at := d.seek * d.obs
	if d.flags["seek_bytes"] {
		at = d.seek
	}
	if !d.conv["notrunc"] && !d.flags["append"] {
		err = f.Truncate(at)
	}
	if err == nil && at > 0 {
		_, err = f.Seek(at, io.SeekStart)
	}
	if err != nil && !strings.HasPrefix(d.out, "/dev/") {
		in.Close()
		f.Close()
		return nil, nil, fmt.Errorf("failed to truncate to %d bytes in output file %s: %w", at, cli.Quote(d.out), err)
	}
	return in, f, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func (d *blockCopy) run(ctx context.Context) error {
	if d.ibs > maxBlock || d.obs > maxBlock {
		return errors.New("memory exhausted by a block of more than 64 MiB")
	}
	in, out, err := d.open()
	if err != nil {
		return err
	}
	defer in.Close()
	defer out.Close()
	hold := int(d.ibs + d.obs)
	defer d.inv.Budget.Release(hold)
	if d.inv.Budget.Hold(hold) != nil {
		return cli.ErrStop
	}
	skip := d.skip * d.ibs
	if d.flags["skip_bytes"] {
		skip = d.skip
	}
	if _, err := io.CopyN(io.Discard, in, skip); err != nil && skip > 0 {
		if d.status != "none" {
			d.inv.Errorf("%s: cannot skip to specified offset", cli.QuoteNeeded(d.in))
		}
	}
	buf := make([]byte, d.ibs)
	pending := make([]byte, 0, d.obs)
	same := d.ibs == d.obs
	for d.count != 0 {
		want := buf
		switch {
		case d.count > 0 && d.flags["count_bytes"]:
			want = buf[:min(d.count, d.ibs)]
			d.count -= int64(len(want))
		case d.count > 0:
			d.count--
		}
		var n int
		var err error
		if d.flags["fullblock"] {
			n, err = io.ReadFull(in, want)
		} else {
			n, err = in.Read(want)
		}
		if d.inv.Budget.Work(n+1) != nil || ctx.Err() != nil {
			return cli.ErrStop
		}
		if n > 0 {
			if n == len(buf) {
				d.fullIn++
			} else {
				d.partIn++
			}
			block := d.converted(buf[:n])
			if d.cbs > 0 && d.conv["block"] {
				block = d.block(block)
			} else if d.cbs > 0 && d.conv["unblock"] {
				block = d.unblock(block)
			}
			if same && d.cbs == 0 {
				if err := d.write(out, block); err != nil {
					return err
				}
			} else if pending, err = d.gather(out, append(pending, block...)); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return fmt.Errorf("error reading %s: %w", cli.Quote(d.in), err)
		}
	}
	if d.conv["block"] && d.column > 0 {
		pending = append(pending, bytes.Repeat([]byte{d.code(' ')}, int(max(d.cbs-d.column, 0)))...)
	}
	if d.conv["unblock"] && d.column > 0 {
		pending = append(pending, '\n')
	}
	if len(pending) > 0 {
		return d.write(out, pending)
	}
	return nil
}

// gather writes whole output blocks and returns the rest.
func (d *blockCopy) gather(out io.Writer, pending []byte) ([]byte, error) {
	for int64(len(pending)) >= d.obs {
		if err := d.write(out, pending[:d.obs]); err != nil {
			return nil, err
		}
		pending = append(pending[:0], pending[d.obs:]...)
	}
	return pending, nil
}

func (d *blockCopy) write(out io.Writer, b []byte) error {
	n, err := out.Write(b)
	d.bytes += int64(n)
	if err != nil {
		if d.out == "-" {
			return cli.ErrStop
		}
		return fmt.Errorf("error writing %s: %w", cli.Quote(d.out), err)
	}
	if int64(n) == d.obs {
		d.fullOut++
	} else {
		d.partOut++
	}
	return nil
}

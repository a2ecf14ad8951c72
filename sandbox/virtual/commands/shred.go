package commands

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var shredSpec = cli.Spec{
	Usage: `[OPTION]... FILE...
Overwrite the FILEs, so that what was in them is gone.

  -f, --force            change permissions to allow writing if necessary
  -n, --iterations=N     overwrite N times instead of 3
  -s, --size=N           shred this many bytes
  -u                     remove the file after overwriting it
      --remove[=HOW]     like -u: unlink, wipe or wipesync
  -v, --verbose          show progress
  -x, --exact            do not round file sizes up to the next full block
  -z, --zero             add a final overwrite with zeros
`,
	Short: "fn:s:uvxz",
	Long:  "force=f iterations:=n size:=s remove::=u verbose=v exact=x zero=z random-source:",
}

// shredBlock is what sizes are rounded up to.
const shredBlock = 4096

// shredder is one call of shred.
type shredder struct {
	inv                           *shell.Invocation
	passes                        int
	size                          int64 // -1 for the file's own
	force, remove, verbose, exact bool
	zero                          bool
}

func shred(ctx context.Context, inv *shell.Invocation) int {
	p, status := shredSpec.Parse(inv)
	if p == nil {
		return status
	}
	s := &shredder{inv: inv, passes: 3, size: -1}
	for _, o := range p.Options {
		switch o.Key {
		case "f":
			s.force = true
		case "n":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 || n > 1000 {
				inv.Errorf("invalid number of passes: %s", cli.QuoteText(o.Value))
				return 1
			}
			s.passes = n
		case "s":
			n, ok := cli.Size(o.Value)
			if !ok {
				inv.Errorf("invalid file size: %s", cli.QuoteText(o.Value))
				return 1
			}
			s.size = n
		case "u":
			s.remove = true
			if o.Has {
				if _, bad := shredSpec.Choose(inv, "--remove", o.Value, "unlink", "wipe", "wipesync"); bad != 0 {
					return bad
				}
			}
		case "v":
			s.verbose = true
		case "x":
			s.exact = true
		case "z":
			s.zero = true
		}
	}
	if len(p.Operands) == 0 {
		return shredSpec.Misuse(inv, "missing file operand")
	}
	for _, name := range p.Operands {
		if err := s.file(ctx, name); err != nil {
			if err == cli.ErrStop {
				return 1
			}
			inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			status = 1
		}
	}
	return status
}

// file overwrites one file.
func (s *shredder) file(ctx context.Context, name string) error {
	path := s.inv.Path(name)
	info, err := s.inv.FS.Stat(path)
	if err == nil && s.force && info.Mode.Perm()&0o200 == 0 {
		err = s.inv.FS.Chmod(path, info.Mode|0o200)
	}
	var f vfs.File
	if err == nil {
		f, err = s.inv.OpenFile(path, vfs.Write, 0)
	}
	if err != nil {
		return fmt.Errorf("failed to open for writing: %w", err)
	}
	size := s.size
	if size < 0 {
		if size = info.Size; !s.exact {
			size = (size + shredBlock - 1) / shredBlock * shredBlock
		}
	}
	total := s.passes
	if s.zero {
		total++
	}
	for pass := range total {
		random := pass < s.passes
		if s.verbose {
			s.inv.Errorf("%s: pass %d/%d (%s)...", cli.QuoteNeeded(name), pass+1, total, map[bool]string{true: "random", false: "000000"}[random])
		}
		if err := s.overwrite(ctx, f, size, random); err != nil {
			f.Close()
			return err
		}
	}
	if err := f.Close(); err != nil || !s.remove {
		return err
	}
	if s.verbose {
		s.inv.Errorf("%s: removing", cli.QuoteNeeded(name))
	}
	if err := s.inv.FS.Remove(path); err != nil {
		return fmt.Errorf("failed to remove: %w", err)
	}
	if s.verbose {
		s.inv.Errorf("%s: removed", cli.QuoteNeeded(name))
	}
	return nil
}

func (s *shredder) overwrite(ctx context.Context, f vfs.File, size int64, random bool) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	block := make([]byte, shredBlock)
	for size > 0 {
		if s.inv.Budget.Work(shredBlock) != nil || ctx.Err() != nil {
			return cli.ErrStop
		}
		part := block[:min(size, shredBlock)]
		if random {
			rand.Read(part)
		}
		if _, err := f.Write(part); err != nil {
			return err
		}
		size -= int64(len(part))
	}
	return nil
}

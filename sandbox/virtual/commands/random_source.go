package commands

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// randomSource draws numbers, from the bytes of a file as GNU's tools do, so that the same file gives the same numbers.
type randomSource struct {
	name string
	r    *bufio.Reader // nil: any numbers
	// num is what was read and not used yet, one of all numbers up to most.
	num, most uint64
}

// openRandom opens what --random-source names; "" needs no file.
func openRandom(inv *shell.Invocation, name string) (*randomSource, func(), error) {
	if name == "" {
		return &randomSource{}, func() {}, nil
	}
	f, err := inv.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return &randomSource{name: name, r: bufio.NewReader(f)}, func() { f.Close() }, nil
}

// below draws one of the numbers from 0 to n-1.
func (s *randomSource) below(n int64) (int64, error) {
	if s.r == nil {
		return rand.Int64N(n), nil
	}
	top := uint64(n - 1)
	for {
		for s.most < top {
			c, err := s.r.ReadByte()
			if err == io.EOF {
				return 0, fmt.Errorf("%s: end of file", cli.Quote(s.name))
			}
			if err != nil {
				return 0, fmt.Errorf("%s: read error: %w", s.name, err)
			}
			s.num, s.most = s.num<<8+uint64(c), s.most<<8+255
		}
		if s.most == top {
			num := s.num
			s.num, s.most = 0, 0
			return int64(num), nil
		}
		// As many numbers as possible stand for each result; the few that are left over are drawn again.
		excess := s.most - top
		unusable := excess % (top + 1)
		last := s.most - unusable
		if s.num <= last {
			result := s.num % (top + 1)
			s.num, s.most = s.num/(top+1), excess/(top+1)
			return int64(result), nil
		}
		s.num -= last + 1
		s.most = unusable - 1
	}
}

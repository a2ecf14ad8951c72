package commands

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

func (s *splitter) byBytes(ctx context.Context, r io.Reader, size int64) error {
	left := int64(0)
	var failed error
	err := cli.Copy(ctx, s.inv.Budget, writerFunc(func(b []byte) (int, error) {
		n := len(b)
		for len(b) > 0 {
			if left == 0 {
				if failed = s.open(); failed != nil {
					return 0, failed
				}
				left = size
			}
			part := b[:min(left, int64(len(b)))]
			if _, failed = s.w.Write(part); failed != nil {
				return 0, failed
			}
			left -= int64(len(part))
			b = b[len(part):]
		}
		return n, nil
	}), r)
	if failed != nil {
		return failed
	}
	return err
}

func (s *splitter) byLines(ctx context.Context, r io.Reader, count int64, sep byte) error {
	left := int64(0)
	return s.eachRecord(ctx, r, sep, func(record []byte) error {
		if left == 0 {
			if err := s.open(); err != nil {
				return err
			}
			left = count
		}
		left--
		_, err := s.w.Write(record)
		return err
	})
}

func (s *splitter) byRecords(ctx context.Context, r io.Reader, size int64, sep byte) error {
	used := size
	return s.eachRecord(ctx, r, sep, func(record []byte) error {
		for len(record) > 0 {
			if used > 0 && used+int64(len(record)) > size {
				if err := s.open(); err != nil {
					return err
				}
				used = 0
			}
			part := record[:min(size, int64(len(record)))]
			if _, err := s.w.Write(part); err != nil {
				return err
			}
			used += int64(len(part))
			record = record[len(part):]
		}
		return nil
	})
}

// eachRecord calls do for each line, with its separator.
func (s *splitter) eachRecord(ctx context.Context, r io.Reader, sep byte, do func(record []byte) error) error {
	lines := cli.NewLines(ctx, s.inv.Budget, r, sep)
	defer lines.Close()
	var record []byte
	for {
		line, ended, err := lines.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		record = withDelim(record[:0], line, ended, sep)
		if err := do(record); err != nil {
			return err
		}
	}
}

// intoChunks splits into a number of files of about the same size.
func (s *splitter) intoChunks(ctx context.Context, r io.Reader, spec string, sep byte, elide bool) error {
	kind := byte('b')
	rest := spec
	if strings.HasPrefix(rest, "l/") || strings.HasPrefix(rest, "r/") {
		kind, rest = rest[0], rest[2:]
	}
	first, second, one := strings.Cut(rest, "/")
	which := 0
	if one {
		which, _ = strconv.Atoi(first)
		first = second
	}
	most, err := cli.Count(first, "", 1, math.MaxInt64)
	if err != nil || most > 100_000 {
		return fmt.Errorf("invalid number of chunks: %s%s", cli.QuoteText(first), cli.Reason(err))
	}
	count := int(most)
	if one && (which < 1 || which > count) {
		return fmt.Errorf("invalid chunk number: %s: Numerical result out of range", cli.QuoteText(strconv.Itoa(which)))
	}
	data, err := cli.ReadAll(ctx, s.inv.Budget, r)
	if err != nil {
		return err
	}
	if s.inv.Budget.Hold(len(data)) != nil {
		return cli.ErrStop
	}
	defer s.inv.Budget.Release(len(data))
	if s.grows && s.length == 2 {
		for room := len(s.digits) * len(s.digits); room < count; room *= len(s.digits) {
			s.length++
		}
		s.grows = false
	}
	chunks := make([][]byte, count)
	switch kind {
	case 'r':
		for i := 0; len(data) > 0; i++ {
			end := bytes.IndexByte(data, sep) + 1
			if end == 0 {
				end = len(data)
			}
			chunks[i%count] = append(chunks[i%count], data[:end]...)
			data = data[end:]
		}
	default:
		size, more, from := len(data)/count, 0, 0 // the last has the rest
		if size == 0 {
			more = len(data) // or the first ones what there is
		}
		for i := range chunks {
			end := max(size*(i+1)+min(i+1, more), from)
			if i == count-1 {
				end = len(data)
			} else if kind == 'l' && end > from && data[end-1] != sep {
				if more := bytes.IndexByte(data[end:], sep); more >= 0 {
					end += more + 1
				} else {
					end = len(data)
				}
			}
			chunks[i] = data[from:end]
			from = end
		}
	}
	for i, c := range chunks {
		if one {
			if i == which-1 {
				if _, err := s.inv.Stdout.Write(c); err != nil {
					return cli.ErrStop
				}
			}
			continue
		}
		if elide && len(c) == 0 {
			continue
		}
		if err := s.open(); err != nil {
			return err
		}
		if _, err := s.w.Write(c); err != nil {
			return err
		}
	}
	return nil
}

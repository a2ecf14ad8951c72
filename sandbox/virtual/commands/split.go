package commands

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

var splitSpec = cli.Spec{
	Usage: `[OPTION]... [FILE [PREFIX]]
Output pieces of FILE to PREFIXaa, PREFIXab, ...; default size is 1000 lines, and default PREFIX is 'x'.

  -a, --suffix-length=N    generate suffixes of length N (default 2)
      --additional-suffix=SUFFIX  append an additional SUFFIX to file names
  -b, --bytes=SIZE         put SIZE bytes per output file
  -C, --line-bytes=SIZE    put at most SIZE bytes of records per output file
  -d, --numeric-suffixes[=FROM]  use numeric suffixes starting at FROM, 0 by default
  -x, --hex-suffixes[=FROM]      use hex suffixes starting at FROM, 0 by default
  -e, --elide-empty-files  do not generate empty output files with '-n'
  -l, --lines=NUMBER       put NUMBER lines per output file
  -n, --number=CHUNKS      generate CHUNKS output files: N by size, l/N without splitting lines, r/N round robin,
                           K/N, l/K/N, r/K/N only the Kth, to standard output
  -t, --separator=SEP      use SEP instead of newline as the record separator
      --filter=COMMAND     write to a shell COMMAND, for which $FILE is the output file's name
      --verbose            print a diagnostic just before each output file is opened
`,
	Short: "#a:b:C:del:n:t:ux",
	Long: "suffix-length:=a additional-suffix: bytes:=b line-bytes:=C numeric-suffixes::=d hex-suffixes::=x " +
		"elide-empty-files=e filter: lines:=l number:=n separator:=t verbose unbuffered",
}

// splitter writes the pieces.
type splitter struct {
	ctx        context.Context
	inv        *shell.Invocation
	filter     string
	failed     int // the status of a filter that failed
	prefix     string
	additional string
	length     int
	grows      bool // suffixes become longer when they run out
	digits     string
	next       int
	verbose    bool
	file       io.WriteCloser
	w          *bufio.Writer
}

const splitLetters = "abcdefghijklmnopqrstuvwxyz"

// name is the name of piece n.
func (s *splitter) name(n int) (string, error) {
	length, base := s.length, len(s.digits)
	lead := ""
	if s.grows { // aa … yz, then zaaa … : the last letter leads on to longer suffixes
		for {
			room := 1
			for range length {
				room *= base
			}
			room -= room / base
			if n < room {
				break
			}
			n -= room
			lead += s.digits[base-1:]
			length++
		}
	}
	suffix := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		suffix[i] = s.digits[n%base]
		n /= base
	}
	if n > 0 {
		return "", fmt.Errorf("output file suffixes exhausted")
	}
	return s.prefix + lead + string(suffix) + s.additional, nil
}

// open begins the next piece.
func (s *splitter) open() error {
	if err := s.close(); err != nil {
		return err
	}
	name, err := s.name(s.next)
	if err != nil {
		return err
	}
	s.next++
	if s.verbose {
		fmt.Fprintf(s.inv.Stdout, "creating file %s\n", cli.Quote(name))
	}
	var f io.WriteCloser = &splitFilter{s: s, name: name}
	if s.filter == "" {
		if f, err = s.inv.Create(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s.file, s.w = f, bufio.NewWriterSize(f, cli.BlockSize)
	return nil
}

func (s *splitter) close() error {
	if s.file == nil {
		return nil
	}
	err := s.w.Flush()
	if closing := s.file.Close(); err == nil {
		err = closing
	}
	s.file = nil
	return err
}

// splitFilter is a piece that a command gets when it is complete.
type splitFilter struct {
	s    *splitter
	name string
	text bytes.Buffer
}

func (f *splitFilter) Write(p []byte) (int, error) {
	if err := f.s.inv.Budget.Hold(len(p)); err != nil {
		return 0, err
	}
	return f.text.Write(p)
}

// Close runs the command.
func (f *splitFilter) Close() error {
	defer f.s.inv.Budget.Release(f.text.Len())
	nested := shell.Nested{Args: []string{"sh", "-c", f.s.filter}, Env: []string{"FILE=" + f.name}, Stdin: bytes.NewReader(f.text.Bytes())}
	if status := f.s.inv.Exec(f.s.ctx, nested); status != 0 {
		f.s.failed = status
		return fmt.Errorf("with FILE=%s, exit %d from command: %s", f.name, status, f.s.filter)
	}
	return nil
}

func split(ctx context.Context, inv *shell.Invocation) int {
	p, status := splitSpec.Parse(inv)
	if p == nil {
		return status
	}
	s := &splitter{ctx: ctx, inv: inv, prefix: "x", length: 2, grows: true, digits: splitLetters}
	mode, value, sep, elide := "", "1000", byte('\n'), false
	fixed := 0
	for _, o := range p.Options {
		switch o.Key {
		case "a":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 || n > 100 {
				inv.Errorf("invalid suffix length: %s", cli.Quote(o.Value))
				return 1
			}
			fixed = n
		case "additional-suffix":
			s.additional = o.Value
		case "b", "C", "l", "n", "#":
			if mode != "" && !(mode == "#" && o.Key == "#") {
				return splitSpec.Misuse(inv, "cannot split in more than one way")
			}
			mode, value = o.Key, o.Value
		case "d", "x":
			s.digits = "0123456789"
			base := 10
			if o.Key == "x" {
				s.digits, base = "0123456789abcdef", 16
			}
			if o.Has {
				n, err := strconv.ParseInt(o.Value, base, 32)
				if err != nil {
					inv.Errorf("%s: invalid start value for numerical suffix", o.Value)
					return 1
				}
				s.next, s.grows = int(n), false
			}
		case "e":
			elide = true
		case "t":
			if o.Value == `\0` {
				o.Value = "\x00"
			}
			if len(o.Value) != 1 {
				inv.Errorf("multi-character separator %s", cli.Quote(o.Value))
				return 1
			}
			sep = o.Value[0]
		case "verbose":
			s.verbose = true
		case "filter":
			s.filter = o.Value
		}
	}
	if fixed > 0 {
		s.length, s.grows = fixed, false
	}
	if len(p.Operands) > 2 {
		return splitSpec.Misuse(inv, "extra operand %s", cli.Quote(p.Operands[2]))
	}
	if len(p.Operands) == 2 {
		s.prefix = p.Operands[1]
	}
	input := "-"
	if len(p.Operands) > 0 {
		input = p.Operands[0]
	}
	r, err := cli.Open(inv, input)
	if err != nil {
		inv.Errorf("cannot open %s for reading: %v", cli.Quote(input), err)
		return 1
	}
	defer r.Close()
	what := map[string]string{"": "lines", "#": "lines", "l": "lines", "b": "bytes", "C": "bytes"}[mode]
	var n int64
	if mode != "n" {
		var ok bool
		if n, ok = cli.Size(value); !ok || n == 0 {
			inv.Errorf("invalid number of %s: %s", what, cli.Quote(value))
			return 1
		}
	}
	switch mode {
	case "b":
		err = s.byBytes(ctx, r, n)
	case "C":
		err = s.byRecords(ctx, r, n, sep)
	case "n":
		err = s.intoChunks(ctx, r, value, sep, elide)
	default:
		err = s.byLines(ctx, r, n, sep)
	}
	if closing := s.close(); err == nil {
		err = closing
	}
	if err != nil && err != cli.ErrStop {
		inv.Errorf("%v", err)
	}
	if s.failed != 0 {
		return s.failed
	}
	if err != nil {
		return 1
	}
	return 0
}

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
	count, err := strconv.Atoi(first)
	if err != nil || count < 1 || count > 100_000 {
		return fmt.Errorf("invalid number of chunks: %s", cli.Quote(first))
	}
	if one && (which < 1 || which > count) {
		return fmt.Errorf("invalid chunk number: %s", cli.Quote(strconv.Itoa(which)))
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
		size, from := len(data)/count, 0 // the last has the rest
		for i := range chunks {
			end := max(size*(i+1), from)
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

package commands

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// baseCode is an alphabet: groups of in bytes become groups of out characters.
type baseCode struct {
	in, out  int
	alphabet string
	encode   func([]byte) string
	decode   func(string) ([]byte, error)
}

// baseEncode is base64 and base32.
func baseEncode(ctx context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "diw:", Long: "decode=d ignore-garbage=i wrap:=w",
		Usage: "[OPTION]... [FILE]\nEncode or decode FILE, or standard input.\n\n  -d, --decode  -i, --ignore-garbage  -w, --wrap=COLS   76, 0 for none\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	return runBase(ctx, inv, spec, p, baseCodes[path.Base(inv.Args[0])])
}

// runBase encodes or decodes as the options of base64, base32 and basenc say.
func runBase(ctx context.Context, inv *shell.Invocation, spec *cli.Spec, p *cli.Parsed, code baseCode) int {
	decode, garbage, wrap := false, false, 76
	for _, o := range p.Options {
		switch o.Key {
		case "d":
			decode = true
		case "i":
			garbage = true
		case "w":
			n, err := strconv.ParseUint(o.Value, 10, 64)
			if err != nil && !errors.Is(err, strconv.ErrRange) {
				inv.Errorf("invalid wrap size: %s", cli.QuoteText(o.Value))
				return 1
			}
			wrap = int(min(n, 1<<40))
		}
	}
	name := "-"
	switch len(p.Operands) {
	case 0:
	case 1:
		name = p.Operands[0]
	default:
		return spec.Misuse(inv, "extra operand %s", cli.QuoteText(p.Operands[1]))
	}
	r, err := cli.Open(inv, name)
	if err != nil {
		inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
		return 1
	}
	defer r.Close()
	out := inv.Buffered(inv.Stdout)
	if decode {
		err = decodeBase(ctx, inv, r, out, code, garbage)
	} else {
		err = encodeBase(ctx, inv, r, out, code, wrap)
	}
	if e := out.Flush(); e != nil || errors.Is(err, cli.ErrStop) {
		return 1
	}
	if err != nil {
		if err != errBadInput && err != errZ85Length {
			inv.Errorf("%s: %v", cli.QuoteNeeded(name), err)
			return 1
		}
		inv.Errorf("%v", err)
		return 1
	}
	return 0
}

var errBadInput = errors.New("invalid input")

func encodeBase(ctx context.Context, inv *shell.Invocation, r io.Reader, out *bufio.Writer, code baseCode, wrap int) error {
	buf := make([]byte, code.in*8192)
	column := 0
	for {
		n, err := io.ReadFull(r, buf)
		if inv.Budget.Work(n+1) != nil || ctx.Err() != nil {
			return cli.ErrStop
		}
		if code.in == 4 && n%4 != 0 {
			return errZ85Length
		}
		text := code.encode(buf[:n])
		for wrap > 0 && len(text) > 0 {
			take := min(wrap-column, len(text))
			out.WriteString(text[:take])
			text = text[take:]
			if column += take; column == wrap {
				out.WriteByte('\n')
				column = 0
			}
		}
		if _, werr := out.WriteString(text); werr != nil {
			return cli.ErrStop
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			if column > 0 {
				out.WriteByte('\n')
			}
			return nil
		default:
			return err
		}
	}
}

// decodeBase decodes whole groups as they come; padding may end a group anywhere.
func decodeBase(ctx context.Context, inv *shell.Invocation, r io.Reader, out *bufio.Writer, code baseCode, garbage bool) error {
	in := bufio.NewReaderSize(r, cli.BlockSize)
	group := make([]byte, 0, code.out)
	for {
		c, err := in.ReadByte()
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF {
			if len(group) == 0 {
				return nil
			}
			// What is there of the last group is written before the complaint.
			bits := len(group) * 8 * code.in / code.out
			if code.out != 4 {
				return errBadInput // but of base 64 only
			}
			if data, err := code.decode(string(group) + strings.Repeat("=", code.out-len(group))); err == nil {
				out.Write(data[:min(len(data), bits/8)])
			}
			return errBadInput
		}
		if inv.Budget.Work(1) != nil || ctx.Err() != nil {
			return cli.ErrStop
		}
		if c == '\n' {
			continue
		}
		if strings.IndexByte(code.alphabet, c) < 0 {
			if garbage {
				continue
			}
			if bits := len(group) * 8 * code.in / code.out; bits >= 8 {
				if data, err := code.decode(string(group) + strings.Repeat("=", code.out-len(group))); err == nil {
					out.Write(data)
				}
			}
			return errBadInput
		}
		if group = append(group, c); len(group) < code.out {
			continue
		}
		data, err := code.decode(string(group))
		out.Write(data)
		if err != nil {
			return errBadInput
		}
		group = group[:0]
	}
}

package commands

import (
	"bufio"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// line reads one line for -I, without the blanks before it; quotes and backslashes hold unless -d or -0 are given.
func (x *xargsRun) line() (string, bool) {
	for {
		text, ok := x.raw()
		if !ok {
			return "", false
		}
		if x.delim >= 0 {
			return text, true
		}
		text = strings.TrimLeft(text, " \t")
		if text == "" {
			continue
		}
		words, ok := x.unquote(text)
		if !ok {
			return "", false
		}
		if x.hasEnd && words == x.end {
			return "", false
		}
		return words, true
	}
}

// raw reads up to the delimiter.
func (x *xargsRun) raw() (string, bool) {
	delim := byte('\n')
	if x.delim >= 0 {
		delim = byte(x.delim)
	}
	var b []byte
	for {
		part, err := x.in.ReadSlice(delim)
		b = append(b, part...)
		if x.inv.Budget.Work(len(part)+1) != nil || x.ctx.Err() != nil {
			x.fatal = 1
			return "", false
		}
		switch err {
		case nil:
			return string(b[:len(b)-1]), true
		case bufio.ErrBufferFull:
		default:
			return string(b), len(b) > 0
		}
	}
}

// unquote removes quotes and backslashes from a line.
func (x *xargsRun) unquote(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\'', '"':
			j := strings.IndexByte(s[i+1:], c)
			if j < 0 {
				x.unmatched(c)
				return "", false
			}
			b.WriteString(s[i+1 : i+1+j])
			i += j + 1
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

func (x *xargsRun) unmatched(quote byte) {
	kind := "single"
	if quote == '"' {
		kind = "double"
	}
	x.inv.Errorf("unmatched %s quote; by default quotes are special to xargs unless you use the -0 option", kind)
	x.fatal = 1
}

// next reads one word. endsLine says that a line ends behind it; one with a blank at its end goes on.
func (x *xargsRun) next() (word string, endsLine, ok bool) {
	if x.delim >= 0 {
		word, ok = x.raw()
		return word, true, ok
	}
	var b []byte
	in, quote := false, byte(0)
	for {
		c, err := x.in.ReadByte()
		if x.inv.Budget.Work(1) != nil || x.ctx.Err() != nil {
			x.fatal = 1
			return "", false, false
		}
		if err != nil {
			if quote != 0 {
				x.unmatched(quote)
				return "", false, false
			}
			return string(b), true, in && !(x.hasEnd && string(b) == x.end)
		}
		switch {
		case quote != 0 && c == '\n':
			x.unmatched(quote)
			return "", false, false
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b = append(b, c)
		case c == '\'' || c == '"':
			in, quote = true, c
		case c == '\\':
			if c, err := x.in.ReadByte(); err == nil {
				b = append(b, c)
			}
			in = true
		case c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r':
			if !in {
				continue
			}
			if x.hasEnd && string(b) == x.end {
				return "", false, false
			}
			return string(b), c == '\n', true
		default:
			in = true
			b = append(b, c)
		}
	}
}

func xargsDelimiter(s string) (int, bool) {
	if len(s) == 1 {
		return int(s[0]), true
	}
	if len(s) < 2 || s[0] != '\\' {
		return 0, false
	}
	if s == `\\` {
		return '\\', true
	}
	if c, ok := cli.Unescape(s[1]); ok && len(s) == 2 {
		return int(c), true
	}
	base, digits := 8, s[1:]
	if s[1] == 'x' {
		base, digits = 16, s[2:]
	}
	n, err := strconv.ParseUint(digits, base, 8)
	return int(n), err == nil
}

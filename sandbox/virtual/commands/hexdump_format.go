package commands

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// hexUnit is one unit of hexdump's -e: its format is written reps times, each time for the next bytes.
type hexUnit struct {
	reps     int
	counted  bool // reps was given
	size     int  // of the bytes for one conversion; 0 when not given
	parts    []hexPart
	consumes int // bytes for one repetition
}

// hexPart is literal text, or a conversion of size bytes: spec with its % and flags, and the letters behind it.
type hexPart struct {
	text, verb string
	size       int
}

// parseHexFormat reads one -e.
func parseHexFormat(text string) ([]hexUnit, error) {
	var units []hexUnit
	for rest := strings.TrimLeft(text, " \t"); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		u := hexUnit{reps: 1}
		number := func() int {
			n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
			v, _ := strconv.Atoi(rest[:n])
			rest = rest[n:]
			return min(v, 1<<16)
		}
		if rest[0] >= '0' && rest[0] <= '9' {
			u.reps, u.counted = number(), true
			rest = strings.TrimLeft(rest, " \t")
		}
		if strings.HasPrefix(rest, "/") {
			rest = strings.TrimLeft(rest[1:], " \t")
			u.size = number()
			rest = strings.TrimLeft(rest, " \t")
		}
		if !strings.HasPrefix(rest, `"`) {
			return nil, fmt.Errorf("bad format {%s}", text)
		}
		format, after, closed := strings.Cut(rest[1:], `"`)
		if !closed {
			return nil, fmt.Errorf("bad format {%s}", text)
		}
		rest = after
		var err error
		if u.parts, err = hexParts(format, u.size); err != nil {
			return nil, err
		}
		for _, p := range u.parts {
			u.consumes += p.size
		}
		units = append(units, u)
	}
	return units, nil
}

func hexParts(format string, size int) (parts []hexPart, err error) {
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, hexPart{text: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '\\' && i+1 < len(format):
			i++
			if c, ok := cli.Unescape(format[i]); ok {
				literal.WriteByte(c)
			} else if format[i] == '0' {
				literal.WriteByte(0)
			} else {
				literal.WriteByte(format[i])
			}
		case c == '%' && strings.HasPrefix(format[i+1:], "%"):
			literal.WriteByte('%')
			i++
		case c == '%':
			flush()
			start := i
			for i++; i < len(format) && strings.IndexByte("#-+ 0123456789.", format[i]) >= 0; i++ {
			}
			p := hexPart{text: format[start:i]}
			end := i + 1
			if i < len(format) && format[i] == '_' {
				end++
				if i+1 < len(format) && strings.IndexByte("aA", format[i+1]) >= 0 {
					end++
				}
			}
			if end > len(format) {
				return nil, fmt.Errorf("bad conversion character %%%s", format[i:])
			}
			p.verb = format[i:end]
			i = end - 1
			switch p.verb {
			case "_ad", "_ao", "_ax", "_Ad", "_Ao", "_Ax":
			case "_c", "_p", "_u", "c":
				p.size = 1
			case "s":
				if p.size = size; size == 0 {
					p.size = max(leadingNumber(strings.TrimLeft(strings.TrimLeft(p.text, "%#-+ "), "0123456789.")), 1)
				}
			case "d", "i", "o", "u", "x", "X":
				p.size = 4
			case "e", "E", "f", "g", "G":
				p.size = 8
			default:
				return nil, fmt.Errorf("bad conversion character %%%s", p.verb)
			}
			if p.size > 0 && size > 0 {
				p.size = size
			}
			if strings.Contains("dioxXu", p.verb) && p.size != 1 && p.size != 2 && p.size != 4 && p.size != 8 {
				return nil, fmt.Errorf("bad byte count for conversion character %s", p.verb)
			}
			parts = append(parts, p)
		default:
			literal.WriteByte(c)
		}
	}
	flush()
	return parts, nil
}

func leadingNumber(s string) int {
	n, _ := strconv.Atoi(s[:len(s)-len(strings.TrimLeft(s, "0123456789"))])
	return n
}

// hexFormatted writes data by the formats of -e, each of which sees all bytes of a block.
func hexFormatted(out *bufio.Writer, formats [][]hexUnit, data []byte, start int64, all bool) error {
	block := 0
	for _, units := range formats {
		n := 0
		for _, u := range units {
			n += u.reps * u.consumes
		}
		block = max(block, n)
	}
	if block == 0 || len(data) == 0 {
		return nil
	}
	for _, units := range formats {
		n := 0
		for i := range units {
			u := &units[i]
			n += u.reps * u.consumes
			if i == len(units)-1 && !u.counted && u.consumes > 0 && n < block {
				u.reps += (block - n) / u.consumes
			}
		}
	}
	var previous []byte
	starred := false
	for at := 0; at < len(data); at += block {
		row := data[at:min(at+block, len(data))]
		if !all && previous != nil && len(row) == block && bytes.Equal(row, previous) {
			if !starred {
				out.WriteString("*\n")
			}
			starred = true
			continue
		}
		previous, starred = row, false
		for _, units := range formats {
			offset := 0
			for _, u := range units {
				for rep := range u.reps {
					for k, p := range u.parts {
						if p.verb == "" {
							text := p.text
							if u.reps > 1 && rep == u.reps-1 && k == len(u.parts)-1 {
								text = strings.TrimRight(text, " \t\n")
							}
							out.WriteString(text)
							continue
						}
						writeHexPart(out, p, row, offset, start+int64(at))
						offset += p.size
					}
				}
			}
		}
		if _, err := out.Write(nil); err != nil {
			return cli.ErrStop
		}
	}
	for _, units := range formats { // %_A is the offset behind the last byte, once
		for _, u := range units {
			for i, p := range u.parts {
				if !strings.HasPrefix(p.verb, "_A") {
					continue
				}
				fmt.Fprintf(out, p.text+p.verb[2:], start+int64(len(data)))
				for _, more := range u.parts[i+1:] {
					if more.verb == "" {
						out.WriteString(more.text)
					}
				}
			}
		}
	}
	return nil
}

// writeHexPart writes a conversion of the bytes at an offset in row; blanks if there are none.
func writeHexPart(out *bufio.Writer, p hexPart, row []byte, offset int, address int64) {
	if strings.HasPrefix(p.verb, "_a") {
		fmt.Fprintf(out, p.text+p.verb[2:], address+int64(offset))
		return
	}
	if strings.HasPrefix(p.verb, "_A") {
		return
	}
	if offset >= len(row) {
		width := strings.TrimLeft(p.text, "%#-+ 0")
		fmt.Fprintf(out, "%*s", leadingNumber(width), "")
		return
	}
	b := make([]byte, max(p.size, 8))
	n := copy(b[:p.size], row[offset:])
	u := binary.LittleEndian.Uint64(b)
	text := p.text
	switch p.verb {
	case "c":
		fmt.Fprintf(out, text+"s", string(b[:1]))
	case "_c":
		f := odFormat{kind: 'c'}
		fmt.Fprintf(out, text+"s", f.text(b[:1], nil))
	case "_p":
		if b[0] < ' ' || b[0] > '~' {
			b[0] = '.'
		}
		fmt.Fprintf(out, text+"s", string(b[:1]))
	case "_u":
		name := string(b[:1])
		switch {
		case int(b[0]) < len(odNames)-1:
			name = odNames[b[0]]
		case b[0] == 0x7f:
			name = "del"
		case b[0] > 0x7f:
			name = fmt.Sprintf("%02x", b[0])
		}
		fmt.Fprintf(out, text+"s", name)
	case "s":
		s, _, _ := bytes.Cut(b[:n], []byte{0})
		fmt.Fprintf(out, text+"s", string(s))
	case "d", "i":
		signed := int64(u)
		if p.size < 8 {
			signed = int64(u<<(64-8*p.size)) >> (64 - 8*p.size)
		}
		fmt.Fprintf(out, text+"d", signed)
	case "u":
		fmt.Fprintf(out, text+"d", u)
	case "o", "x", "X":
		fmt.Fprintf(out, text+p.verb, u)
	default:
		v := math.Float64frombits(u)
		if p.size == 4 {
			v = float64(math.Float32frombits(uint32(u)))
		}
		fmt.Fprintf(out, text+p.verb, v)
	}
}

package commands

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// odFormat is one line of output for each row of bytes.
type odFormat struct {
	kind  byte // 'a', 'c', 'd', 'f', 'o', 'u', 'x'
	size  int
	width int // of a number, without what separates it
	ascii bool
}

func odFormats(spec string) (list []odFormat, problem string) {
	for i := 0; i < len(spec); {
		f := odFormat{kind: spec[i], size: 4}
		i++
		switch f.kind {
		case 'a', 'c':
			f.size, f.width = 1, 3
		case 'd', 'o', 'u', 'x', 'f':
			if f.kind == 'f' {
				f.size = 8
			}
			start := i
			for i < len(spec) && spec[i] >= '0' && spec[i] <= '9' {
				i++
			}
			switch {
			case i > start:
				f.size, _ = strconv.Atoi(spec[start:i])
			case i < len(spec) && strings.IndexByte("CSILFD", spec[i]) >= 0:
				f.size = map[byte]int{'C': 1, 'S': 2, 'I': 4, 'L': 8, 'F': 4, 'D': 8}[spec[i]]
				if f.kind == 'f' && spec[i] == 'L' {
					f.size = 16
				}
				i++
			}
			widths := map[byte]map[int]int{'d': {1: 4, 2: 6, 4: 11, 8: 20}, 'o': {1: 3, 2: 6, 4: 11, 8: 22}, 'u': {1: 3, 2: 5, 4: 10, 8: 20},
				'x': {1: 2, 2: 4, 4: 8, 8: 16}, 'f': {4: 15, 8: 24, 16: 29}}
			if f.width = widths[f.kind][f.size]; f.width == 0 {
				return nil, fmt.Sprintf("invalid type string '%s';\nthis system doesn't provide a %d-byte integral type", spec, f.size)
			}
		default:
			return nil, fmt.Sprintf("invalid character '%c' in type string '%s'", f.kind, spec)
		}
		if i < len(spec) && spec[i] == 'z' {
			f.ascii = true
			i++
		}
		list = append(list, f)
	}
	return list, ""
}

var odNames = strings.Fields("nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp")

// text writes one number or character.
func (f *odFormat) text(b []byte, order binary.ByteOrder) string {
	switch f.kind {
	case 'a':
		c := b[0] & 0x7f
		switch {
		case int(c) < len(odNames):
			return odNames[c]
		case c == 0x7f:
			return "del"
		}
		return string(rune(c))
	case 'c':
		if i := strings.IndexByte("\x00\a\b\t\n\v\f\r", b[0]); i >= 0 {
			return `\` + "0abtnvfr"[i:i+1]
		}
		if b[0] < ' ' || b[0] > '~' {
			return fmt.Sprintf("%03o", b[0])
		}
		return string(rune(b[0]))
	}
	var u uint64
	var i int64
	switch f.size {
	case 1:
		u, i = uint64(b[0]), int64(int8(b[0]))
	case 2:
		v := order.Uint16(b)
		u, i = uint64(v), int64(int16(v))
	case 4:
		v := order.Uint32(b)
		u, i = uint64(v), int64(int32(v))
	default:
		u = order.Uint64(b)
		i = int64(u)
	}
	if f.size == 16 {
		return extended(b)
	}
	switch f.kind {
	case 'd':
		return strconv.FormatInt(i, 10)
	case 'u':
		return strconv.FormatUint(u, 10)
	case 'o':
		return fmt.Sprintf("%0*o", f.width, u)
	case 'x':
		return fmt.Sprintf("%0*x", f.width, u)
	}
	if f.size == 4 {
		return odFloat(float64(math.Float32frombits(uint32(u))), 32)
	}
	return odFloat(math.Float64frombits(u), 64)
}

// odFloat writes a number as shortly as it can be read back.
func odFloat(v float64, bits int) string {
	switch {
	case math.IsNaN(v) && math.Signbit(v):
		return "-nan"
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	digits, smallest := 15, 0x1p-1022
	if bits == 32 {
		digits, smallest = 6, 0x1p-126
	}
	if math.Abs(v) < smallest {
		digits = 1
	}
	for ; ; digits++ {
		text := fmt.Sprintf("%.*g", digits, v)
		if back, err := strconv.ParseFloat(text, bits); err == nil && back == v || digits > 17 {
			return text
		}
	}
}

// extended writes an 80-bit number of the x86 processors, as far as 64 bits show it.
func extended(b []byte) string {
	mantissa, exponent := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint16(b[8:])
	if exponent&0x7fff != 0 && mantissa>>63 == 0 { // no number since the 387
		return "nan"
	}
	v := math.Ldexp(float64(mantissa), int(exponent&0x7fff)-16383-63)
	if exponent&0x8000 != 0 {
		v = -v
	}
	return odFloat(v, 64)
}

package sort

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// decimal is a number as it is written: without leading zeros and without trailing ones behind the point.
type decimal struct {
	negative        bool
	whole, fraction []byte
	end             int // where it ended
}

func number(text []byte) (d decimal) {
	i := skipBlanks(text, 0)
	if i < len(text) && text[i] == '-' {
		d.negative = true
		i++
	}
	for i < len(text) && text[i] == '0' {
		i++
	}
	start := i
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	d.whole = text[start:i]
	if i < len(text) && text[i] == '.' {
		start = i + 1
		for i = start; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		}
		d.fraction = bytes.TrimRight(text[start:i], "0")
	}
	d.end = i
	if len(d.whole) == 0 && len(d.fraction) == 0 {
		d.negative = false
	}
	return d
}

func (d decimal) float() string {
	s := "0" + string(d.whole) + "." + string(d.fraction) + "0"
	if d.negative {
		s = "-" + s
	}
	return s
}

func (d decimal) zero() bool { return len(d.whole) == 0 && len(d.fraction) == 0 }

func (d decimal) compare(e decimal) int {
	if d.negative != e.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	c := len(d.whole) - len(e.whole)
	if c == 0 {
		c = bytes.Compare(d.whole, e.whole)
	}
	if c == 0 {
		c = bytes.Compare(d.fraction, e.fraction)
	}
	if d.negative {
		return -c
	}
	return c
}

// compareHuman orders by sign, then suffix, then number.
func compareHuman(a, b []byte) int {
	x, y := number(a), number(b)
	scale := func(text []byte, d decimal) int {
		if d.zero() {
			return 0
		}
		power := 0
		if d.end < len(text) {
			if text[d.end] == 'k' {
				power = 1
			} else {
				power = strings.IndexByte("KMGTPEZYRQ", text[d.end]) + 1
			}
		}
		if d.negative {
			return -power
		}
		return power
	}
	if x.negative == y.negative {
		if c := scale(a, x) - scale(b, y); c != 0 {
			return c
		}
	}
	return x.compare(y)
}

// compareGeneral orders what is no number first, then NaN, then numbers.
func compareGeneral(a, b []byte) int {
	x, lengthX := float(a)
	y, lengthY := float(b)
	okX, okY := lengthX > 0, lengthY > 0
	switch {
	case !okX || !okY:
		if okX == okY {
			return 0
		}
		if okX {
			return 1
		}
		return -1
	case math.IsNaN(x) || math.IsNaN(y):
		if math.IsNaN(x) && math.IsNaN(y) {
			return 0
		}
		if math.IsNaN(x) {
			return -1
		}
		return 1
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// float reads a number as strtod(3) does, and says how long it is with the white space before it: 0 for what is none.
func float(all []byte) (v float64, length int) {
	s := strings.TrimLeft(string(all), " \t\n\v\f\r")
	for end := min(len(s), 400); end > 0; end-- {
		if strings.IndexByte("_", s[end-1]) >= 0 {
			continue
		}
		text := s[:end]
		if len(text) > 2 && strings.Contains(strings.ToLower(text), "0x") && !strings.ContainsAny(text, "pP") {
			text += "p0"
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil || math.IsInf(v, 0) {
			return v, len(all) - len(s) + end
		}
	}
	return 0, 0
}

const months = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"

// month is 1 to 12, or 0 for what is none.
func month(text []byte) int {
	i := skipBlanks(text, 0)
	if len(text) < i+3 {
		return 0
	}
	at := strings.Index(months, strings.ToUpper(string(text[i:i+3])))
	if at < 0 || at%3 != 0 {
		return 0
	}
	return at/3 + 1
}

// decimalLength is how long the number is that -n reads at the begin of a text; 0 for none.
func decimalLength(text []byte) int {
	i := 0
	if i < len(text)-1 && text[i] == '-' {
		i++
	}
	digits := 0
	for ; i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == '.'); i++ {
		if text[i] != '.' {
			digits++
		} else if bytes.IndexByte(text[:i], '.') >= 0 {
			break
		}
	}
	if digits == 0 {
		return 0
	}
	return i
}

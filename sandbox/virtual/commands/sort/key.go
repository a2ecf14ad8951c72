package sort

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// order is how two keys are compared.
type order struct {
	kind                              byte // 0 bytes, or g h M n R V
	dictionary, fold, printable       bool
	reverse, blanksStart, blanksEnd   bool
	numeric, general, human, month, r bool // which kinds were asked for, to find conflicts
}

// set sets what an option letter says; b counts for the start or the end of a key.
func (o *order) set(letter byte, start, end bool) {
	switch letter {
	case 'b':
		o.blanksStart = o.blanksStart || start
		o.blanksEnd = o.blanksEnd || end
	case 'd':
		o.dictionary = true
	case 'f':
		o.fold = true
	case 'i':
		o.printable = true
	case 'r':
		o.reverse = true
	default:
		switch letter {
		case 'n':
			o.numeric = true
		case 'g':
			o.general = true
		case 'h':
			o.human = true
		case 'M':
			o.month = true
		case 'R':
			o.r = true
		}
		o.kind = letter
	}
}

// compares says whether anything but the direction is set.
func (o *order) compares() bool {
	return o.kind != 0 || o.dictionary || o.fold || o.printable || o.blanksStart || o.blanksEnd
}

// conflict names options that cannot go together.
func (o *order) conflict() string {
	letters := ""
	for _, k := range []struct {
		on     bool
		letter string
	}{{o.dictionary, "d"}, {o.general, "g"}, {o.human, "h"}, {o.printable && !o.dictionary, "i"}, {o.month, "M"}, {o.numeric, "n"}, {o.r, "R"}, {o.kind == 'V', "V"}} {
		if k.on {
			letters += k.letter
		}
	}
	if len(letters) < 2 || letters == "dR" || letters == "iR" || letters == "dV" || letters == "iV" || letters == "RV" {
		return ""
	}
	return letters
}

// key is one -k; fields and characters count from 0, and an end is behind the last character.
type key struct {
	order
	whole                bool // the line
	startField, startPos int
	endField, endPos     int // endField -1: to the end of the line; endPos -1: to the end of the field
}

func parseKey(def string) (key, error) {
	k := key{endField: -1, endPos: -1}
	rest := def
	number := func() (n int, ok bool) {
		i := 0
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(rest[:i])
		if err != nil && i > 0 {
			n = math.MaxInt32
		}
		ok = i > 0
		rest = rest[i:]
		return n, ok
	}
	options := func(start bool) {
		for rest != "" && strings.IndexByte("bdfghiMnRrV", rest[0]) >= 0 {
			k.set(rest[0], start, !start)
			rest = rest[1:]
		}
	}
	n, ok := number()
	if !ok {
		return k, fmt.Errorf("invalid number at field start: invalid count at start of '%s'", rest)
	}
	if n == 0 {
		return k, fmt.Errorf("field number is zero: invalid field specification '%s'", def)
	}
	k.startField = n - 1
	if strings.HasPrefix(rest, ".") {
		rest = rest[1:]
		if n, ok = number(); !ok {
			return k, fmt.Errorf("invalid number after '.': invalid count at start of '%s'", rest)
		}
		if n == 0 {
			return k, fmt.Errorf("character offset is zero: invalid field specification '%s'", def)
		}
		k.startPos = n - 1
	}
	options(true)
	if strings.HasPrefix(rest, ",") {
		rest = rest[1:]
		if n, ok = number(); !ok {
			return k, fmt.Errorf("invalid number after ',': invalid count at start of '%s'", rest)
		}
		if n == 0 {
			return k, fmt.Errorf("field number is zero: invalid field specification '%s'", def)
		}
		k.endField = n - 1
		if strings.HasPrefix(rest, ".") {
			rest = rest[1:]
			if n, ok = number(); !ok {
				return k, fmt.Errorf("invalid number after '.': invalid count at start of '%s'", rest)
			}
			if k.endPos = n; n == 0 {
				k.endPos = -1
			}
		}
		options(false)
	}
	if rest != "" {
		return k, fmt.Errorf("stray character in field spec: invalid field specification '%s'", def)
	}
	return k, nil
}

// inherit takes the global options when the key has none of its own.
func (k *key) inherit(global order) {
	if !k.compares() && !k.reverse {
		k.order = global
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func skipBlanks(text []byte, i int) int {
	for i < len(text) && blank(text[i]) {
		i++
	}
	return i
}

// fieldStart is where a field begins; without a separator a field begins with the blanks before it.
func fieldStart(text []byte, n, tab int) int {
	i := 0
	for ; n > 0 && i < len(text); n-- {
		if tab >= 0 {
			if next := bytes.IndexByte(text[i:], byte(tab)); next >= 0 {
				i += next + 1
			} else {
				return len(text)
			}
			continue
		}
		i = skipBlanks(text, i)
		for i < len(text) && !blank(text[i]) {
			i++
		}
	}
	return i
}

// extract is the part of a line that the key is.
func (k *key) extract(text []byte, tab int) []byte {
	from, to := k.bounds(text, tab)
	return text[from:to]
}

// bounds is where the key is in a line.
func (k *key) bounds(text []byte, tab int) (from, to int) {
	if k.whole {
		if k.blanksStart {
			from = skipBlanks(text, 0)
		}
		return from, len(text)
	}
	from = fieldStart(text, k.startField, tab)
	if k.blanksStart {
		from = skipBlanks(text, from)
	}
	from = min(from+k.startPos, len(text))
	to = len(text)
	if k.endField >= 0 {
		if k.endPos < 0 {
			to = fieldStart(text, k.endField+1, tab)
			if tab >= 0 && to > 0 && (to < len(text) || text[to-1] == byte(tab)) && fieldStart(text, k.endField, tab) < to {
				to--
			}
		} else {
			to = fieldStart(text, k.endField, tab)
			if k.blanksEnd {
				to = skipBlanks(text, to)
			}
			to = min(to+k.endPos, len(text))
		}
	}
	return from, max(from, to)
}

// plain says that the key orders as its bytes do.
func (k *key) plain() bool { return k.kind == 0 && !k.dictionary && !k.fold && !k.printable }

// rank is a number that orders as a key that is not plain; exact says that equal ranks are equal keys.
func (k *key) rank(text []byte) (n uint64, exact bool) {
	switch k.kind {
	case 'n':
		d := number(text)
		if len(d.whole) <= 15 && len(d.fraction) == 0 {
			v := 0.0
			for _, c := range d.whole {
				v = 10*v + float64(c-'0')
			}
			if d.negative {
				v = -v
			}
			return ordered(v), true
		}
		v, err := strconv.ParseFloat(d.float(), 64)
		if err != nil {
			return 0, false
		}
		if v == 0 {
			v = 0 // not -0
		}
		return ordered(v), len(d.whole)+len(d.fraction) <= 15
	case 'M':
		return uint64(month(text)), true
	}
	return 0, false
}

// ordered maps a float so that unsigned numbers order the same.
func ordered(v float64) uint64 {
	b := math.Float64bits(v)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// compare compares two keys; reverse is left to the caller.
func (k *key) compare(a, b []byte, seed uint64) int {
	switch k.kind {
	case 'n':
		return number(a).compare(number(b))
	case 'h':
		return compareHuman(a, b)
	case 'g':
		return compareGeneral(a, b)
	case 'M':
		return month(a) - month(b)
	}
	if k.dictionary || k.fold || k.printable {
		a, b = k.filtered(a), k.filtered(b)
	}
	switch k.kind {
	case 'V':
		return compareVersions(a, b)
	case 'R':
		if x, y := hash(a, seed), hash(b, seed); x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	return bytes.Compare(a, b)
}

// hash is FNV-1a, begun with seed and mixed.
func hash(text []byte, seed uint64) uint64 {
	h := seed ^ 14695981039346656037
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h ^= h >> 31
	return h * 0x9e3779b97f4a7c15
}

// filtered is the key without what -d and -i leave out, folded by -f.
func (k *key) filtered(text []byte) []byte {
	to := make([]byte, 0, len(text))
	for _, c := range text {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case k.dictionary && !letter && (c < '0' || c > '9') && !blank(c), k.printable && (c < ' ' || c > '~'):
			continue
		case k.fold && letter:
			c &^= 0x20
		}
		to = append(to, c)
	}
	return to
}

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
	x, okX := float(a)
	y, okY := float(b)
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

// float reads a number as strtod(3) does.
func float(text []byte) (float64, bool) {
	s := strings.TrimLeft(string(text), " \t\n\v\f\r")
	for end := min(len(s), 400); end > 0; end-- {
		if strings.IndexByte("_", s[end-1]) >= 0 {
			continue
		}
		text := s[:end]
		if len(text) > 2 && strings.Contains(strings.ToLower(text), "0x") && !strings.ContainsAny(text, "pP") {
			text += "p0"
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil || math.IsInf(v, 0) {
			return v, true
		}
	}
	return 0, false
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

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

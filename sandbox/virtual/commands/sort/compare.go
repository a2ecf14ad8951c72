package sort

import (
	"bytes"
	"math"
	"strconv"
)

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

// compareKeys compares lines by the keys from the n-th on, or by the text when there are none.
func (s *sorter) compareKeys(a, b []byte, n int) int {
	if len(s.keys) == 0 {
		c := bytes.Compare(a, b)
		if s.revert {
			return -c
		}
		return c
	}
	for i := n; i < len(s.keys); i++ {
		k := &s.keys[i]
		if c := k.compare(k.extract(a, s.tab), k.extract(b, s.tab), s.seed); c != 0 {
			if k.reverse {
				return -c
			}
			return c
		}
	}
	return 0
}

// compare is compareKeys with the last resort.
func (s *sorter) compare(a, b []byte, n int) int {
	c := s.compareKeys(a, b, n)
	if c != 0 || !s.lastResort() {
		return c
	}
	c = bytes.Compare(a, b)
	if s.revert {
		return -c
	}
	return c
}

// lastResort says that lines with equal keys are ordered by all of their text.
func (s *sorter) lastResort() bool { return !s.stable && !s.unique && len(s.keys) > 0 }

package grep

import "bytes"

// literal finds a text by that byte of it which is rarest in what people write.
type literal struct {
	text []byte
	rare int // where in text that byte is
}

// common are the most frequent bytes of prose and programs, in that order.
const common = " etaoinsrlcdupmhgf_.(),;=-\"'0/12:vbykw"

func newLiteral(text []byte) literal {
	l, best := literal{text: text}, -1
	for i, c := range text {
		rarity := bytes.IndexByte([]byte(common), c)
		if rarity < 0 {
			rarity = len(common)
		}
		if rarity > best {
			l.rare, best = i, rarity
		}
	}
	return l
}

// index is where the text begins in b, or -1.
func (l literal) index(b []byte) int {
	n := len(l.text)
	for at, misses := 0, 0; at+n <= len(b); misses++ {
		if misses > 8+at/32 { // the byte is not rare here
			if i := bytes.Index(b[at:], l.text); i >= 0 {
				return at + i
			}
			return -1
		}
		i := bytes.IndexByte(b[at+l.rare:], l.text[l.rare])
		if i < 0 || at+i+n > len(b) {
			return -1
		}
		if at += i; bytes.Equal(b[at:at+n], l.text) {
			return at
		}
		at++
	}
	return -1
}

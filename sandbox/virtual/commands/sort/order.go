package sort

import (
	"bytes"
	"encoding/binary"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// sort puts a group in order. All orders are stable, and can end between two steps.
func (s *sorter) sort(g *group) error {
	if len(g.items) < 2 {
		return nil
	}
	o := &ordering{s, g}
	spare := g.items[len(g.items):cap(g.items)]
	if len(s.keys) == 0 {
		return o.byText(g.items, spare, 0)
	}
	o.rankKeys(g.items)
	if err := o.byRank(g.items, spare); err != nil {
		return err
	}
	if g.exact && len(s.keys) == 1 && !s.lastResort() {
		return nil
	}
	return o.ties(g.items, func(equal []item) error {
		if g.exact && len(s.keys) == 1 {
			return o.byText(equal, spare, 0)
		}
		return o.byComparing(equal, spare)
	})
}

// ordering sorts the items of a group.
type ordering struct {
	*sorter
	*group
}

// work spends n units.
func (o *ordering) work(n int) error {
	if o.inv.Budget.Work(n) != nil || o.ctx.Err() != nil {
		return cli.ErrStop
	}
	return nil
}

// ties calls do for the runs of equal ranks.
func (o *ordering) ties(items []item, do func(equal []item) error) error {
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && items[j].rank == items[i].rank {
			j++
		}
		if j-i > 1 {
			if err := do(items[i:j]); err != nil {
				return err
			}
		}
		i = j
	}
	return nil
}

// rankKeys gives the items the ranks of their first keys; where those are compared as they are, of what follows the prefix
// that all of them share.
func (o *ordering) rankKeys(items []item) {
	k := &o.keys[0]
	o.exact = true
	common := -1
	var first []byte
	for i := range items {
		line := o.line(items[i])
		from, to := k.bounds(line, o.tab)
		if !k.plain() {
			rank, exact := k.rank(line[from:to])
			items[i].rank, o.exact = rank, o.exact && exact
			continue
		}
		items[i].rank = uint64(from)<<32 | uint64(to)
		if first == nil {
			first = line[from:to:to]
		}
		common = shared(line[from:to], first, common)
	}
	for i := range items {
		it := &items[i]
		if k.plain() {
			from, to := it.at+uint32(it.rank>>32)+uint32(common), it.at+uint32(it.rank)
			it.rank = prefix(o.text, from, to)
			o.exact = o.exact && whole(o.text, from, to)
		}
		if k.reverse {
			it.rank = ^it.rank
		}
	}
}

// shared is how many of the first n bytes of a and b are the same; n < 0 are all of b.
func shared(a, b []byte, n int) int {
	if n < 0 {
		n = len(b)
	}
	n = min(n, len(a))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// prefix is the first eight bytes of text[from:to] as a number.
func prefix(text []byte, from, to uint32) uint64 {
	if int(from)+8 <= len(text) {
		n := binary.BigEndian.Uint64(text[from:])
		if size := to - from; size < 8 {
			n = n >> (64 - 8*size) << (64 - 8*size)
		}
		return n
	}
	var b [8]byte
	copy(b[:], text[from:to])
	return binary.BigEndian.Uint64(b[:])
}

// whole says that no other bytes than text[from:to] have its prefix.
func whole(text []byte, from, to uint32) bool {
	return to == from || to-from <= 8 && text[to-1] != 0
}

// byText sorts items by their text, of which all share what is before from. spare has room for as many.
func (o *ordering) byText(items, spare []item, from uint32) error {
	if len(items) <= few {
		o.insert(items, func(a, b item) bool {
			c := bytes.Compare(o.text[a.at+from:a.at+a.size], o.text[b.at+from:b.at+b.size])
			return c < 0 && !o.revert || c > 0 && o.revert
		})
		return o.work(len(items))
	}
	common := -1
	first := o.line(items[0])[from:]
	for _, it := range items {
		if common = shared(o.text[it.at+from:it.at+it.size], first, common); common == 0 {
			break
		}
	}
	from += uint32(common)
	exact := true
	for i := range items {
		it := &items[i]
		it.rank = prefix(o.text, it.at+from, it.at+it.size)
		exact = exact && whole(o.text, it.at+from, it.at+it.size)
		if o.revert {
			it.rank = ^it.rank
		}
	}
	if err := o.byRank(items, spare); err != nil || exact {
		return err
	}
	return o.ties(items, func(equal []item) error {
		shortest, longest := equal[0].size, equal[0].size
		for _, it := range equal {
			shortest, longest = min(shortest, it.size), max(longest, it.size)
		}
		switch {
		case shortest == longest && longest <= from+8: // they are the same
			return nil
		case shortest < from+8: // and the others go on with zeros
			return o.byComparing(equal, spare)
		}
		return o.byText(equal, spare, from+8)
	})
}

// byComparing sorts items whose ranks do not tell their order.
func (o *ordering) byComparing(items, spare []item) error {
	skip := 0 // keys that are equal
	if o.exact {
		skip = 1
	}
	return o.mergeSort(items, spare, func(a, b item) bool { return o.compare(o.line(a), o.line(b), skip) < 0 })
}

const (
	few  = 12  // items that are sorted by insertion,
	many = 200 // and by their bytes
)

func (o *ordering) byRank(items, spare []item) error {
	if len(items) < many {
		return o.mergeSort(items, spare, func(a, b item) bool { return a.rank < b.rank })
	}
	return o.radix(items, spare)
}

// insert puts items in order.
func (o *ordering) insert(items []item, less func(a, b item) bool) {
	for i := 1; i < len(items); i++ {
		for j := i; j > 0 && less(items[j], items[j-1]); j-- {
			items[j-1], items[j] = items[j], items[j-1]
		}
	}
}

// mergeSort merges halves that it has sorted.
func (o *ordering) mergeSort(items, spare []item, less func(a, b item) bool) error {
	if err := o.work(len(items)); err != nil || len(items) <= few {
		o.insert(items, less)
		return err
	}
	half := len(items) / 2
	if err := o.mergeSort(items[:half], spare, less); err != nil {
		return err
	}
	if err := o.mergeSort(items[half:], spare, less); err != nil {
		return err
	}
	if !less(items[half], items[half-1]) {
		return nil
	}
	left, right, to := spare[:copy(spare, items[:half])], items[half:], 0
	for len(left) > 0 && len(right) > 0 {
		if less(right[0], left[0]) {
			items[to], right = right[0], right[1:]
		} else {
			items[to], left = left[0], left[1:]
		}
		to++
	}
	copy(items[to:], left)
	return nil
}

// radix sorts by one byte of the ranks after the other, from the last to the first, and leaves out those that all have.
func (o *ordering) radix(items, spare []item) error {
	differ := uint64(0)
	for _, it := range items {
		differ |= it.rank ^ items[0].rank
	}
	from, to := items, spare[:len(items)]
	for shift := 0; shift < 64; shift += 8 {
		if byte(differ>>shift) == 0 {
			continue
		}
		if err := o.work(len(items)); err != nil {
			return err
		}
		var next [256]uint32 // where the next item with a byte goes
		for _, it := range from {
			next[byte(it.rank>>shift)]++
		}
		sum := uint32(0)
		for b, n := range next {
			next[b] = sum
			sum += n
		}
		for _, it := range from {
			b := byte(it.rank >> shift)
			to[next[b]] = it
			next[b]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
	return nil
}

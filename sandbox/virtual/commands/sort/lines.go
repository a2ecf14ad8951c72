package sort

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// line is a line with what its comparison needs most.
type line struct {
	text     []byte
	rank     uint64 // orders as the first key does, as far as it can tell
	from, to uint32 // the first key in text; all of it when there is none
	exact    bool   // rank tells all of the first key
}

func (l *line) key() []byte { return l.text[l.from:l.to] }

const lineSize = 48 // bytes that a line takes besides its text

// group is what is merged with others: lines, in their order.
type group struct {
	lines []line
	order []item // nil: as they are
}

// line is the i-th in the order.
func (g *group) line(i int) *line {
	if g.order != nil {
		i = int(g.order[i].line)
	}
	return &g.lines[i]
}

// read reads all files: into one group, or for -m into one each.
func (s *sorter) read(files []string, apart bool) (groups []group, err error) {
	groups = make([]group, 1)
	for i, name := range files {
		if apart && i > 0 {
			groups = append(groups, group{})
		}
		last := &groups[len(groups)-1].lines
		if *last, err = s.readFile(*last, name); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

func (s *sorter) readFile(list []line, name string) ([]line, error) {
	r, err := cli.Open(s.inv, name)
	if err != nil {
		return nil, fmt.Errorf("cannot read: %s: %w", name, err)
	}
	defer r.Close()
	lines := cli.NewLines(s.ctx, s.inv.Budget, r, s.delim)
	defer lines.Close()
	var blocks [][]byte
	count := 0
	for {
		block, err := lines.Block()
		if err == io.EOF {
			break
		}
		if errors.Is(err, cli.ErrStop) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("read failed: %s: %w", name, err)
		}
		more := 1 + bytes.Count(block, []byte{s.delim})
		n := len(block) + lineSize*more
		if s.inv.Budget.Hold(n) != nil {
			return nil, cli.ErrStop
		}
		s.held += n
		count += more
		blocks = append(blocks, bytes.Clone(block))
	}
	list = slices.Grow(list, count)
	for _, block := range blocks {
		for len(block) > 0 {
			text := block
			if i := bytes.IndexByte(block, s.delim); i >= 0 {
				text, block = block[:i], block[i+1:]
			} else {
				block = nil
			}
			list = append(list, s.line(text))
		}
	}
	return list, nil
}

func (s *sorter) line(text []byte) line {
	l := line{text: text, to: uint32(len(text))}
	if len(s.keys) == 0 {
		l.rank = prefix(text)
		return l
	}
	k := &s.keys[0]
	from, to := k.bounds(text, s.tab)
	l.from, l.to = uint32(from), uint32(to)
	l.rank, l.exact = k.rank(text[from:to])
	return l
}

// prefix is the first eight bytes as a number.
func prefix(text []byte) (n uint64) {
	if len(text) >= 8 {
		_ = text[7]
		return uint64(text[0])<<56 | uint64(text[1])<<48 | uint64(text[2])<<40 | uint64(text[3])<<32 |
			uint64(text[4])<<24 | uint64(text[5])<<16 | uint64(text[6])<<8 | uint64(text[7])
	}
	for i, c := range text {
		n |= uint64(c) << (56 - 8*i)
	}
	return n
}

// compareKeys compares by the keys, or by the text when there are none.
func (s *sorter) compareKeys(a, b *line) int {
	if len(s.keys) == 0 {
		c := 0
		switch {
		case a.rank < b.rank:
			c = -1
		case a.rank > b.rank:
			c = 1
		default:
			c = bytes.Compare(a.text, b.text)
		}
		if s.revert {
			return -c
		}
		return c
	}
	for i := range s.keys {
		k := &s.keys[i]
		c := 0
		if i == 0 {
			switch {
			case a.rank < b.rank:
				c = -1
			case a.rank > b.rank:
				c = 1
			case !a.exact || !b.exact:
				c = k.compare(a.key(), b.key(), s.seed)
			}
		} else {
			c = k.compare(k.extract(a.text, s.tab), k.extract(b.text, s.tab), s.seed)
		}
		if c != 0 {
			if k.reverse {
				return -c
			}
			return c
		}
	}
	return 0
}

// compare is compareKeys with the last resort.
func (s *sorter) compare(a, b *line) int {
	c := s.compareKeys(a, b)
	if c != 0 || s.stable || s.unique || len(s.keys) == 0 {
		return c
	}
	c = bytes.Compare(a.text, b.text)
	if s.revert {
		return -c
	}
	return c
}

// item stands for a line while a list is sorted: without pointers, it is quickly moved.
type item struct {
	rank uint64 // orders as the first key does, as far as it can tell
	line int32
}

// sort puts a group in order, by a merge sort, which is stable and can end between two merges.
func (s *sorter) sort(g *group) error {
	list := g.lines
	if len(list) < 2 {
		return nil
	}
	n := 2 * 16 * len(list) // the items, twice
	if s.inv.Budget.Hold(n) != nil {
		return cli.ErrStop
	}
	s.held += n
	items := make([]item, len(list), 2*len(list))
	s.rank(list, items)
	m := merger{s, list, 1}
	if len(s.keys) == 0 && s.revert || len(s.keys) > 0 && s.keys[0].reverse {
		m.direction = -1
	}
	if err := m.sort(items, items[len(list):cap(items)]); err != nil {
		return err
	}
	g.order = items
	return nil
}

// rank gives the items their ranks: those of the lines, or of what follows the prefix that all texts share.
func (s *sorter) rank(list []line, items []item) {
	common := 0
	if len(s.keys) == 0 || s.keys[0].plain() {
		first := list[0].key()
		common = len(first)
		for i := 1; i < len(list) && common > 0; i++ {
			key := list[i].key()
			common = min(common, len(key))
			for j := range common {
				if key[j] != first[j] {
					common = j
					break
				}
			}
		}
	}
	for i := range list {
		items[i] = item{list[i].rank, int32(i)}
		if common > 0 {
			items[i].rank = prefix(list[i].key()[common:])
		}
	}
}

// merger sorts items.
type merger struct {
	*sorter
	lines     []line
	direction int // -1: the larger ranks come first
}

func (m *merger) compare(a, b item) int {
	switch {
	case a.rank < b.rank:
		return -m.direction
	case a.rank > b.rank:
		return m.direction
	}
	return m.sorter.compare(&m.lines[a.line], &m.lines[b.line])
}

func (m *merger) sort(list, spare []item) error {
	if len(list) <= 12 {
		for i := 1; i < len(list); i++ {
			for j := i; j > 0 && m.compare(list[j-1], list[j]) > 0; j-- {
				list[j-1], list[j] = list[j], list[j-1]
			}
		}
		return nil
	}
	if m.inv.Budget.Work(len(list)) != nil || m.ctx.Err() != nil {
		return cli.ErrStop
	}
	half := len(list) / 2
	if err := m.sort(list[:half], spare[:half]); err != nil {
		return err
	}
	if err := m.sort(list[half:], spare[half:]); err != nil {
		return err
	}
	if m.compare(list[half-1], list[half]) <= 0 {
		return nil
	}
	copy(spare[:half], list[:half])
	left, right, to := spare[:half], list[half:], 0
	for len(left) > 0 && len(right) > 0 {
		if m.compare(left[0], right[0]) <= 0 {
			list[to], left = left[0], left[1:]
		} else {
			list[to], right = right[0], right[1:]
		}
		to++
	}
	copy(list[to:], left)
	return nil
}

// merge calls put for the lines of all groups, the smallest head first.
func (s *sorter) merge(groups []group, put func(*line) error) error {
	heads := make([]int, len(groups))
	for count := 0; ; count++ {
		best := -1
		for i := range groups {
			if heads[i] < len(groups[i].lines) && (best < 0 || s.compare(groups[i].line(heads[i]), groups[best].line(heads[best])) < 0) {
				best = i
			}
		}
		if best < 0 {
			return nil
		}
		if count&1023 == 0 && (s.inv.Budget.Work(1024) != nil || s.ctx.Err() != nil) {
			return cli.ErrStop
		}
		if err := put(groups[best].line(heads[best])); err != nil {
			return err
		}
		heads[best]++
	}
}

// check says with the status whether a file is sorted.
func (s *sorter) check(name string, quiet bool) int {
	list, err := s.readFile(nil, name)
	if err != nil {
		return s.fail(err)
	}
	for i := 1; i < len(list); i++ {
		c := s.compare(&list[i-1], &list[i])
		if c > 0 || c == 0 && s.unique {
			if !quiet {
				s.inv.Errorf("%s:%d: disorder: %s", name, i+1, list[i].text)
			}
			return 1
		}
	}
	return 0
}

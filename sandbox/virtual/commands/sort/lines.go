package sort

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// group is lines that are merged with those of other groups.
type group struct {
	text  []byte // the lines, each with its delimiter, as they came
	items []item // the lines in their order
	exact bool   // equal ranks are equal first keys
}

// item is a line. It has no pointers, and is quickly moved.
type item struct {
	rank     uint64 // orders as the first key does, as far as it can tell
	at, size uint32 // in text, without the delimiter
}

const itemSize = 16 // bytes

func (g *group) line(i item) []byte { return g.text[i.at : i.at+i.size] }

// read reads all files: into one group, or for -m into one each.
func (s *sorter) read(files []string, apart bool) ([]group, error) {
	groups := make([]group, 1)
	for i, name := range files {
		if apart && i > 0 {
			groups = append(groups, group{})
		}
		if err := s.readFile(&groups[len(groups)-1], name); err != nil {
			return nil, err
		}
	}
	for i := range groups {
		if err := s.split(&groups[i]); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// readFile adds the text of a file to a group.
func (s *sorter) readFile(g *group, name string) error {
	r, err := cli.Open(s.inv, name)
	if err != nil {
		return fmt.Errorf("cannot read: %s: %w", name, err)
	}
	defer r.Close()
	lines := cli.NewLines(s.ctx, s.inv.Budget, r, s.delim)
	defer lines.Close()
	for {
		block, err := lines.Block()
		if err == io.EOF {
			return nil
		}
		if errors.Is(err, cli.ErrStop) {
			return err
		}
		if err != nil {
			return fmt.Errorf("read failed: %s: %w", name, err)
		}
		size := len(g.text) + len(block) + 1
		if size > math.MaxUint32 {
			return fmt.Errorf("read failed: %s: more than 4 GiB", name)
		}
		if size > cap(g.text) {
			size = max(size, min(2*cap(g.text), math.MaxUint32))
			if err := s.hold(size); err != nil {
				return err
			}
			grown := append(make([]byte, 0, size), g.text...)
			s.release(cap(g.text))
			g.text = grown
		}
		if g.text = append(g.text, block...); block[len(block)-1] != s.delim {
			g.text = append(g.text, s.delim)
		}
	}
}

// hold takes memory from the budget until release, or the end of the command.
func (s *sorter) hold(n int) error {
	s.held += n
	if s.inv.Budget.Hold(n) != nil {
		return cli.ErrStop
	}
	return nil
}

func (s *sorter) release(n int) {
	s.held -= n
	s.inv.Budget.Release(n)
}

// split finds the lines of a group. There is room for as many items behind the items.
func (s *sorter) split(g *group) error {
	count := bytes.Count(g.text, []byte{s.delim})
	if err := s.hold(2 * itemSize * count); err != nil {
		return err
	}
	g.items = make([]item, 0, 2*count)
	for at := 0; at < len(g.text); {
		size := bytes.IndexByte(g.text[at:], s.delim)
		g.items = append(g.items, item{at: uint32(at), size: uint32(size)})
		at += size + 1
	}
	return nil
}

// merge calls put for the lines of all groups with their delimiters, the smallest head first.
func (s *sorter) merge(groups []group, put func(line []byte) error) error {
	if len(groups) == 1 {
		return s.each(&groups[0], put)
	}
	heads := make([]int, len(groups))
	for count := 0; ; count++ {
		var best *group
		var line []byte
		for i := range groups {
			g := &groups[i]
			if heads[i] == len(g.items) {
				continue
			}
			if at := g.items[heads[i]]; best == nil || s.compare(g.line(at), line, 0) < 0 {
				best, line = g, g.line(at)
			}
		}
		if best == nil {
			return nil
		}
		if count&1023 == 0 && (s.inv.Budget.Work(1024) != nil || s.ctx.Err() != nil) {
			return cli.ErrStop
		}
		if err := put(line[:len(line)+1]); err != nil {
			return err
		}
		for i := range groups {
			if best == &groups[i] {
				heads[i]++
			}
		}
	}
}

// each calls put for the lines of a group.
func (s *sorter) each(g *group, put func(line []byte) error) error {
	for i, it := range g.items {
		if i&1023 == 0 && (s.inv.Budget.Work(1024) != nil || s.ctx.Err() != nil) {
			return cli.ErrStop
		}
		if err := put(g.text[it.at : it.at+it.size+1]); err != nil {
			return err
		}
	}
	return nil
}

// check says with the status whether a file is sorted.
func (s *sorter) check(name string, quiet bool) int {
	groups, err := s.read([]string{name}, false)
	if err != nil {
		return s.fail(err)
	}
	g := &groups[0]
	for i := 1; i < len(g.items); i++ {
		last, line := g.line(g.items[i-1]), g.line(g.items[i])
		if c := s.compare(last, line, 0); c > 0 || c == 0 && s.unique {
			if !quiet {
				s.inv.Errorf("%s:%d: disorder: %s", name, i+1, line)
			}
			return 1
		}
	}
	return 0
}

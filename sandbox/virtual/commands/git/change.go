package git

import (
	"bytes"
	"slices"
	"strings"
)

// change is what became of a file.
type change struct {
	kind     byte // A, D, M, T, R, U
	old, new string
	a, b     entry
	score    int // of a rename: percent
}

// changes compares two trees. renames finds files that moved.
func (r *repo) changes(a, b files, p *paths, renames bool, work bool) ([]change, error) {
	var list []change
	for _, name := range union(a, b) {
		if p != nil && !p.match(name) {
			continue
		}
		x, hadX := a[name]
		y, hasY := b[name]
		c := change{old: name, new: name, a: x, b: y}
		switch {
		case x == y:
			continue
		case !hadX:
			c.kind = 'A'
		case !hasY:
			c.kind = 'D'
		case x.mode&0o170000 != y.mode&0o170000:
			c.kind = 'T'
		default:
			c.kind = 'M'
		}
		list = append(list, c)
	}
	if err := r.spend(len(a) + len(b)); err != nil || !renames {
		return list, err
	}
	return r.findRenames(list, work)
}

// findRenames pairs what is gone with what is new: the same content first, then what is half the same or more.
func (r *repo) findRenames(list []change, work bool) ([]change, error) {
	var gone, added []int
	for i, c := range list {
		if c.kind == 'D' && c.a.mode&0o170000 == 0o100000 {
			gone = append(gone, i)
		}
		if c.kind == 'A' && c.b.mode&0o170000 == 0o100000 {
			added = append(added, i)
		}
	}
	if len(gone) == 0 || len(added) == 0 || len(gone)*len(added) > 1_000_000 {
		return list, nil
	}
	type pair struct{ from, to, score int }
	var pairs []pair
	for _, to := range added {
		for _, from := range gone {
			if list[from].a.id == list[to].b.id {
				pairs = append(pairs, pair{from, to, 100})
			}
		}
	}
	spans := map[int]map[string]int{}
	sizes := map[int]int{}
	for _, i := range append(slices.Clone(gone), added...) {
		e, name, onDisk := list[i].a, list[i].old, false
		if list[i].kind == 'A' {
			e, onDisk = list[i].b, work
		}
		data, err := r.content(e, name, onDisk)
		if err != nil {
			return nil, err
		}
		spans[i], sizes[i] = spansOf(data), len(data)
		if err := r.spend(len(data)); err != nil {
			return nil, err
		}
	}
	for _, to := range added {
		for _, from := range gone {
			if list[from].a.id == list[to].b.id || sizes[from] == 0 || sizes[to] == 0 {
				continue
			}
			same := 0
			for text, n := range spans[from] {
				same += min(n, spans[to][text])
			}
			if err := r.spend(len(spans[from])); err != nil {
				return nil, err
			}
			if score := same * 60000 / max(sizes[from], sizes[to]); score >= 30000 {
				pairs = append(pairs, pair{from, to, score * 100 / 60000})
			}
		}
	}
	slices.SortStableFunc(pairs, func(x, y pair) int {
		if x.score != y.score {
			return y.score - x.score
		}
		base := func(p pair) bool {
			return list[p.from].old[strings.LastIndexByte(list[p.from].old, '/')+1:] == list[p.to].new[strings.LastIndexByte(list[p.to].new, '/')+1:]
		}
		switch {
		case base(x) && !base(y):
			return -1
		case base(y) && !base(x):
			return 1
		}
		return 0
	})
	taken := map[int]bool{}
	for _, p := range pairs {
		if taken[p.from] || taken[p.to] {
			continue
		}
		taken[p.from], taken[p.to] = true, true
		list[p.to].kind, list[p.to].old, list[p.to].a, list[p.to].score = 'R', list[p.from].old, list[p.from].a, p.score
		list[p.from].kind = 0
	}
	return slices.DeleteFunc(list, func(c change) bool { return c.kind == 0 }), nil
}

// spansOf cuts a text into lines, of at most 64 bytes each, and counts their bytes.
func spansOf(data []byte) map[string]int {
	m := map[string]int{}
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n') + 1
		if n <= 0 || n > 64 {
			n = min(64, len(data))
		}
		m[string(data[:n])] += n
		data = data[n:]
	}
	return m
}

// content is a blob, or the file itself.
func (r *repo) content(e entry, name string, onDisk bool) ([]byte, error) {
	switch {
	case e.mode == 0:
		return nil, nil
	case e.mode == modeRepo:
		return []byte("Subproject commit " + e.id.String() + "\n"), nil
	case onDisk:
		_, data, _, err := r.onDisk(name)
		return data, err
	}
	o, err := r.read(e.id)
	return o.data, err
}

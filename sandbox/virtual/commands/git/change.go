package git

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/diff"
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

func isBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 }

// text is a change with both contents and what differs between them.
type text struct {
	change
	before, after []byte
	binary        bool
	edits         []diff.Change
	added, gone   int
}

func (r *repo) text(c change, work bool) (*text, error) {
	t := &text{change: c}
	var err error
	if t.before, err = r.content(c.a, c.old, false); err != nil {
		return nil, err
	}
	if t.after, err = r.content(c.b, c.new, work); err != nil {
		return nil, err
	}
	if t.binary = isBinary(t.before) || isBinary(t.after); t.binary || c.a.id == c.b.id {
		return t, nil
	}
	t.edits, err = diff.Changes(r.ctx, r.inv, t.before, t.after)
	for _, e := range t.edits {
		t.gone += e.ToA - e.FromA
		t.added += e.ToB - e.FromB
	}
	return t, err
}

func lines(data []byte) [][]byte {
	if len(data) == 0 {
		return nil
	}
	list := bytes.SplitAfter(data, []byte{'\n'})
	if len(list[len(list)-1]) == 0 {
		list = list[:len(list)-1]
	}
	return list
}

// patch writes a change as "diff --git" does, with n lines around each edit.
func (r *repo) patch(t *text, n int) {
	a, b := quote("a/"+t.old), quote("b/"+t.new)
	fmt.Fprintf(r.out, "diff --git %s %s\n", a, b)
	zero := id{}
	oldID, newID := r.short(t.a.id), r.short(t.b.id)
	switch t.kind {
	case 'A':
		fmt.Fprintf(r.out, "new file mode %06o\n", t.b.mode)
		a, oldID = "/dev/null", zero.String()[:7]
	case 'D':
		fmt.Fprintf(r.out, "deleted file mode %06o\n", t.a.mode)
		b, newID = "/dev/null", zero.String()[:7]
	default:
		if t.a.mode != t.b.mode {
			fmt.Fprintf(r.out, "old mode %06o\nnew mode %06o\n", t.a.mode, t.b.mode)
		}
		if t.kind == 'R' {
			fmt.Fprintf(r.out, "similarity index %d%%\nrename from %s\nrename to %s\n", t.score, quote(t.old), quote(t.new))
		}
	}
	if t.a.id == t.b.id {
		return
	}
	mode := ""
	if t.a.mode == t.b.mode {
		mode = fmt.Sprintf(" %06o", t.a.mode)
	}
	fmt.Fprintf(r.out, "index %s..%s%s\n", oldID, newID, mode)
	if t.binary {
		fmt.Fprintf(r.out, "Binary files %s and %s differ\n", a, b)
		return
	}
	if len(t.edits) == 0 {
		return
	}
	fmt.Fprintf(r.out, "--- %s\n+++ %s\n", a+tab(a), b+tab(b))
	r.hunks(t, n)
}

// tab ends a file name that has a space in it.
func tab(name string) string {
	if strings.Contains(name, " ") {
		return "\t"
	}
	return ""
}

func (r *repo) hunks(t *text, n int) {
	before, after := lines(t.before), lines(t.after)
	for i := 0; i < len(t.edits); {
		j := i + 1
		for j < len(t.edits) && t.edits[j].FromA-t.edits[j-1].ToA <= 2*n {
			j++
		}
		first, last := t.edits[i], t.edits[j-1]
		fromA, toA := max(first.FromA-n, 0), min(last.ToA+n, len(before))
		fromB, toB := max(first.FromB-n, 0), min(last.ToB+n, len(after))
		fmt.Fprintf(r.out, "@@ -%s +%s @@%s\n", span(fromA, toA), span(fromB, toB), function(before, fromA))
		at := fromA
		for _, e := range t.edits[i:j] {
			for ; at < e.FromA; at++ {
				r.line(' ', before[at])
			}
			for ; at < e.ToA; at++ {
				r.line('-', before[at])
			}
			for k := e.FromB; k < e.ToB; k++ {
				r.line('+', after[k])
			}
		}
		for ; at < toA; at++ {
			r.line(' ', before[at])
		}
		i = j
	}
}

func span(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

// function is the line above a hunk that looks like the head of a function.
func function(before [][]byte, from int) string {
	for i := from - 1; i >= 0; i-- {
		l := before[i]
		if len(l) > 0 && (l[0] == '_' || l[0] == '$' || l[0]|0x20 >= 'a' && l[0]|0x20 <= 'z') {
			return " " + string(bytes.TrimRight(l[:min(len(l), 80)], " \t\r\n"))
		}
	}
	return ""
}

func (r *repo) line(mark byte, l []byte) {
	r.out.WriteByte(mark)
	r.out.Write(l)
	if !bytes.HasSuffix(l, []byte{'\n'}) {
		r.out.WriteString("\n\\ No newline at end of file\n")
	}
}

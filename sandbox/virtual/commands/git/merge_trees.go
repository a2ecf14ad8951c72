package git

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/flue-run/flue/sandbox/virtual/commands/diff"
)

// merger merges trees by files, and files by lines.
type merger struct {
	*repo
	ours, theirs string // what the sides are called at a conflict
	conflicts    map[string][3]entry
}

func (m *merger) trees(base, ours, theirs files) (files, error) {
	m.conflicts = map[string][3]entry{}
	result := files{}
	all := union(ours, theirs)
	for _, name := range all {
		o, a, b := base[name], ours[name], theirs[name]
		keep := func(e entry) {
			if e.mode != 0 {
				result[name] = e
			}
		}
		switch {
		case a == b || b == o:
			keep(a)
		case a == o:
			keep(b)
		default:
			e, err := m.file(name, o, a, b)
			if err != nil {
				return nil, err
			}
			keep(e)
		}
	}
	return result, nil
}

// file merges what both sides changed.
func (m *merger) file(name string, o, a, b entry) (entry, error) {
	conflict := [3]entry{o, a, b}
	switch {
	case a.mode == 0 || b.mode == 0:
		gone, kept, keeper := m.ours, m.theirs, b
		if b.mode == 0 {
			gone, kept, keeper = m.theirs, m.ours, a
		}
		fmt.Fprintf(m.out, "CONFLICT (modify/delete): %s deleted in %s and modified in %s.  Version %s of %s left in tree.\n", name, gone, kept, kept, name)
		m.conflicts[name] = conflict
		return keeper, nil
	case a.mode == modeLink || b.mode == modeLink || a.mode == modeRepo || b.mode == modeRepo:
		fmt.Fprintf(m.out, "CONFLICT (distinct types): %s is not the same kind of thing on both sides.\n", name)
		m.conflicts[name] = conflict
		return a, nil
	}
	fmt.Fprintf(m.out, "Auto-merging %s\n", name)
	var texts [3][]byte
	for i, e := range conflict {
		var err error
		if texts[i], err = m.content(e, name, false); err != nil {
			return a, err
		}
	}
	mode := a.mode
	if a.mode == o.mode {
		mode = b.mode
	}
	binary := isBinary(texts[1]) || isBinary(texts[2])
	if a.id == b.id {
		return entry{mode, a.id}, nil
	}
	merged, clean := texts[1], false
	if !binary {
		var err error
		if merged, clean, err = m.lines(texts[0], texts[1], texts[2]); err != nil {
			return a, err
		}
	}
	if !clean {
		m.conflicts[name] = conflict
		kind := "content"
		if o.mode == 0 {
			kind = "add/add"
		}
		if binary {
			fmt.Fprintf(m.inv.Stderr, "warning: Cannot merge binary files: %s (%s vs. %s)\n", name, m.ours, m.theirs)
		}
		fmt.Fprintf(m.out, "CONFLICT (%s): Merge conflict in %s\n", kind, name)
	}
	h, err := m.write("blob", merged)
	return entry{mode, h}, err
}

// lines merges by lines, with marks around what both changed.
func (m *merger) lines(base, ours, theirs []byte) (merged []byte, clean bool, err error) {
	left, err := diff.Changes(m.ctx, m.inv, base, ours)
	if err != nil {
		return nil, false, err
	}
	right, err := diff.Changes(m.ctx, m.inv, base, theirs)
	if err != nil {
		return nil, false, err
	}
	o, a, b := lines(base), lines(ours), lines(theirs)
	var out bytes.Buffer
	write := func(list [][]byte) {
		for _, l := range list {
			out.Write(l)
		}
	}
	clean = true
	at, shiftA, shiftB := 0, 0, 0 // in base; and how far the sides are ahead of it
	for len(left) > 0 || len(right) > 0 {
		// A group of changes that touch each other.
		from := len(o) + 1
		if len(left) > 0 {
			from = left[0].FromA
		}
		if len(right) > 0 {
			from = min(from, right[0].FromA)
		}
		to, nl, nr := from, 0, 0
		for grown := true; grown; {
			grown = false
			for nl < len(left) && (left[nl].FromA < to || left[nl].FromA <= to && (nl+nr == 0 || nr > 0)) {
				to, grown = max(to, left[nl].ToA), true
				nl++
			}
			for nr < len(right) && (right[nr].FromA < to || right[nr].FromA <= to && (nl+nr == 0 || nl > 0)) {
				to, grown = max(to, right[nr].ToA), true
				nr++
			}
		}
		write(o[at:from])
		fromA, fromB := from+shiftA, from+shiftB
		for _, c := range left[:nl] {
			shiftA = c.ToB - c.ToA
		}
		for _, c := range right[:nr] {
			shiftB = c.ToB - c.ToA
		}
		sideA, sideB := a[fromA:to+shiftA], b[fromB:to+shiftB]
		switch {
		case nr == 0 || slices.EqualFunc(sideA, sideB, bytes.Equal):
			write(sideA)
		case nl == 0:
			write(sideB)
		default:
			clean = false
			m.conflict(&out, sideA, sideB)
		}
		left, right, at = left[nl:], right[nr:], to
	}
	write(o[at:])
	return out.Bytes(), clean, m.hold(out.Len())
}

// conflict writes both sides, what they begin and end alike with outside of the marks.
func (m *merger) conflict(out *bytes.Buffer, a, b [][]byte) {
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		out.Write(a[0])
		a, b = a[1:], b[1:]
	}
	var tail [][]byte
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		tail = append(tail, a[len(a)-1])
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	side := func(list [][]byte) {
		for _, l := range list {
			out.Write(l)
			if !bytes.HasSuffix(l, []byte{'\n'}) {
				out.WriteByte('\n')
			}
		}
	}
	out.WriteString("<<<<<<< " + m.ours + "\n")
	side(a)
	out.WriteString("=======\n")
	side(b)
	out.WriteString(">>>>>>> " + m.theirs + "\n")
	for i := len(tail) - 1; i >= 0; i-- {
		out.Write(tail[i])
	}
}

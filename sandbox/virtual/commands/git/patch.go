package git

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/diff"
)

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

func isBinary(data []byte) bool { return bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 }

package diff

import (
	"bytes"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// line is a line without its newline, and the number of its class: lines that compare equal have the same.
type line struct {
	text  []byte
	class int
}

// change replaces lines a[fromA:toA] by b[fromB:toB], counted from 0.
type change struct{ fromA, toA, fromB, toB int }

// mirrored is the change from b to a.
func (c change) mirrored() change { return change{c.fromB, c.toB, c.fromA, c.toA} }

func (d *differ) read(f *file) error {
	r, err := cli.Open(d.inv, f.name)
	if err != nil {
		return err
	}
	defer r.Close()
	data, err := cli.ReadAll(d.ctx, d.inv.Budget, r)
	if err != nil {
		return err
	}
	n := len(data) + 32*bytes.Count(data, []byte{'\n'})
	if d.inv.Budget.Hold(n) != nil {
		return cli.ErrStop
	}
	d.held += n
	f.data = data
	return nil
}

func (d *differ) split(f *file) {
	f.ended = true
	for rest := f.data; len(rest) > 0; {
		text, after, ended := bytes.Cut(rest, []byte{'\n'})
		f.ended = ended
		f.lines = append(f.lines, line{text: text})
		rest = after
	}
}

// key is what of a line is compared.
func (d *differ) key(l []byte, incomplete bool) string {
	s := string(l)
	if d.stripCR {
		s = strings.TrimSuffix(s, "\r")
	}
	switch d.space {
	case 'w':
		s = strings.Join(strings.Fields(s), "")
	case 'b':
		s = strings.TrimRight(s, " \t\r\f\v")
		lead := ""
		if s != "" && strings.IndexByte(" \t", s[0]) >= 0 {
			lead = " "
		}
		s = lead + strings.Join(strings.Fields(s), " ")
	case 'Z':
		s = strings.TrimRight(s, " \t\r\f\v")
	}
	if d.ignoreCase {
		s = strings.ToLower(s)
	}
	if incomplete && d.space == 0 {
		s += "\n\\"
	}
	return s
}

// changes finds what has changed between two files.
func (d *differ) changes(a, b *file) ([]change, error) {
	classes := map[string]int{}
	for _, f := range []*file{a, b} {
		for i := range f.lines {
			key := d.key(f.lines[i].text, !f.ended && i == len(f.lines)-1)
			class, ok := classes[key]
			if !ok {
				class = len(classes)
				classes[key] = class
			}
			f.lines[i].class = class
		}
	}
	changedA, changedB, err := d.match(a.lines, b.lines)
	if err != nil {
		return nil, err
	}
	var list []change
	for i, j := 0, 0; i < len(a.lines) || j < len(b.lines); {
		if i < len(a.lines) && changedA[i] || j < len(b.lines) && changedB[j] {
			c := change{fromA: i, fromB: j}
			for i < len(a.lines) && changedA[i] {
				i++
			}
			for j < len(b.lines) && changedB[j] {
				j++
			}
			c.toA, c.toB = i, j
			if !d.trivial(a, b, c) {
				list = append(list, c)
			}
			continue
		}
		i++
		j++
	}
	return list, nil
}

// trivial says whether a change is one that -B or -I ignores.
func (d *differ) trivial(a, b *file, c change) bool {
	if !d.blankLines && d.ignore == nil {
		return false
	}
	for _, l := range append(append([]line{}, a.lines[c.fromA:c.toA]...), b.lines[c.fromB:c.toB]...) {
		blank := d.blankLines && len(bytes.TrimSpace(l.text)) == 0
		if !blank && !(d.ignore != nil && d.ignore.Match(l.text)) {
			return false
		}
	}
	return true
}

package git

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/diff"
)

// blame follows the lines of a file back to the commits that made them, along first parents where there are several
// that have the file.
func blame(r *repo, args []string) error {
	f, operands, after, _, err := parse("L: w e=show-email s l porcelain=p line-porcelain M C", args)
	if err != nil {
		return err
	}
	operands = append(operands, after...)
	if len(operands) == 0 || len(operands) > 2 {
		return misuse("blame", "")
	}
	revision := "HEAD"
	if len(operands) == 2 {
		revision, operands = operands[0], operands[1:]
	}
	if len(after) == 0 && revision == "HEAD" && len(operands) == 1 {
		if _, herr := r.commitOf("HEAD"); herr != nil {
			return fatal("no such ref: HEAD")
		}
	}
	if f.has("porcelain") || f.has("line-porcelain") {
		return fatal("blame --porcelain is not supported in this sandbox")
	}
	name, err := r.path(operands[0])
	if err != nil {
		return err
	}
	c, err := r.commitOf(revision)
	if err != nil {
		return err
	}
	e, found, err := r.fileAt(c, name)
	if err != nil {
		return err
	}
	if !found {
		return fatal("no such path '%s' in %s", name, revision)
	}
	data, err := r.content(e, name, false)
	if err != nil {
		return err
	}
	text := lines(data)
	made, err := r.makers(c, name, data, len(text))
	if err != nil {
		return err
	}
	return r.blameLines(f, text, made)
}

// makers are the commits that made the lines of a file, of which c has data with so many lines.
func (r *repo) makers(c *commit, name string, data []byte, count int) ([]*commit, error) {
	made := make([]*commit, count)
	at := make([]int, count) // where the line is in the version that is looked at; -1: it is explained
	for i := range at {
		at[i] = i
	}
	for {
		parent, before, err := r.older(c, name)
		if err != nil {
			return nil, err
		}
		var old []byte
		if parent != nil {
			if old, err = r.content(before, name, false); err != nil {
				return nil, err
			}
		}
		edits, err := diff.Changes(r.ctx, r.inv, old, data)
		if err != nil {
			return nil, err
		}
		left := false
		for i, n := range at {
			if n < 0 {
				continue
			}
			shift := 0
			for _, d := range edits {
				if n >= d.FromB && n < d.ToB {
					made[i], at[i] = c, -1
					break
				}
				if n < d.FromB {
					break
				}
				shift = d.ToA - d.ToB
			}
			if at[i] >= 0 {
				at[i], left = n+shift, true
			}
		}
		if parent == nil || !left {
			return made, nil
		}
		c, data = parent, old
	}
}

// fileAt is what a commit has at a path.
func (r *repo) fileAt(c *commit, name string) (entry, bool, error) {
	h := c.tree
	parts := strings.Split(name, "/")
	for i, part := range parts {
		list, err := r.tree(h)
		if err != nil {
			return entry{}, false, err
		}
		found := false
		for _, e := range list {
			if e.name == part && (e.mode == modeDir) == (i < len(parts)-1) {
				if h, found = e.id, true; i == len(parts)-1 {
					return e.entry, true, nil
				}
			}
		}
		if !found {
			break
		}
	}
	return entry{}, false, nil
}

// older is the parent that the file comes from, or nil.
func (r *repo) older(c *commit, name string) (*commit, entry, error) {
	now, _, err := r.fileAt(c, name)
	if err != nil {
		return nil, entry{}, err
	}
	var first *commit
	var has entry
	for _, h := range c.parents {
		p, err := r.commit(h)
		if err != nil {
			return nil, entry{}, err
		}
		e, ok, err := r.fileAt(p, name)
		if err != nil {
			return nil, entry{}, err
		}
		if ok && e.id == now.id {
			return p, e, nil
		}
		if ok && first == nil {
			first, has = p, e
		}
	}
	return first, has, nil
}

func (r *repo) blameLines(f flags, text [][]byte, made []*commit) error {
	from, to := 1, len(text)
	if f.has("L") {
		a, b, _ := strings.Cut(f.last("L"), ",")
		if n, err := strconv.Atoi(a); err == nil {
			from = n
		}
		if more, ok := strings.CutPrefix(b, "+"); ok {
			n, _ := strconv.Atoi(more)
			to = from + n - 1
		} else if n, err := strconv.Atoi(b); err == nil {
			to = n
		}
		if from > len(text) || from < 1 {
			return fatal("file has only %d lines", len(text))
		}
		to = min(to, len(text))
	}
	who := func(c *commit) string {
		if f.has("e") {
			return "<" + c.author.email + ">"
		}
		return c.author.name
	}
	longest, digits := 0, len(fmt.Sprint(to))
	for _, c := range made[from-1 : to] {
		longest = max(longest, len([]rune(who(c))))
	}
	for i := from - 1; i < to; i++ {
		c := made[i]
		name := c.id.String()[:8]
		if len(c.parents) == 0 {
			name = "^" + name[:7]
		}
		if f.has("s") {
			fmt.Fprintf(r.out, "%s %*d) %s", name, digits, i+1, text[i])
		} else {
			fmt.Fprintf(r.out, "%s (%s%s %s %*d) %s", name, who(c), strings.Repeat(" ", longest-len([]rune(who(c)))), date(c.author, "iso"), digits, i+1, text[i])
		}
		if !strings.HasSuffix(string(text[i]), "\n") {
			r.out.WriteByte('\n')
		}
	}
	return nil
}

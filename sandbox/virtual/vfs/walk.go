package vfs

import "strings"

const (
	maxPath  = 4096 // with the zero byte that C puts at its end
	maxName  = 255
	maxLinks = 40
)

// step is a directory on the way, and the name it has in the one above.
type step struct {
	n    *inode
	name string
}

// walk is where a name leads. The directories on the way are kept, so that ".." needs no pointers upwards, a changed
// inode can be copied into the session's tree with all that is above it, and the name without links is known.
type walk struct {
	first [16]step // an array, so that a lookup allocates nothing
	more  []step
	depth int

	base  string // the last component, which leads from the last step to n; "" for the root
	n     *inode // nil where nothing has that name
	dot   bool   // name ended with "." or ".."
	slash bool   // name ended with "/"
}

func (w *walk) step(i int) *step {
	if i < len(w.first) {
		return &w.first[i]
	}
	return &w.more[i-len(w.first)]
}

// dir is the directory that base is in; the root's is the root.
func (w *walk) dir() *inode {
	if w.depth == 0 {
		return w.n
	}
	return w.step(w.depth - 1).n
}

func (w *walk) push() {
	if w.depth < len(w.first) {
		w.first[w.depth] = step{w.n, w.base}
	} else {
		w.more = append(w.more, step{w.n, w.base})
	}
	w.depth++
}

func (w *walk) pop() {
	w.depth--
	s := *w.step(w.depth)
	w.n, w.base = s.n, s.name
	if w.depth >= len(w.first) {
		w.more = w.more[:w.depth-len(w.first)]
	}
}

// path is the name without links, "." and "..".
func (w *walk) path() string {
	if w.depth == 0 {
		return "/"
	}
	var b strings.Builder
	for i := 1; i < w.depth; i++ {
		b.WriteByte('/')
		b.WriteString(w.step(i).name)
	}
	b.WriteByte('/')
	b.WriteString(w.base)
	return b.String()
}

// device is the mount that base is in; nil is the session's own tree.
func (w *walk) device() *mount {
	for i := w.depth - 1; i >= 0; i-- {
		if m := w.step(i).n.mountRoot(); m != nil {
			return m
		}
	}
	return nil
}

// walk resolves name, which need not exist but for the directories above it. With follow, a link at its end is resolved.
func (f *FS) walk(w *walk, name string, follow bool) error {
	switch {
	case name == "":
		return ErrNotExist
	case name[0] != '/' || strings.IndexByte(name, 0) >= 0:
		return ErrInvalid
	case len(name) >= maxPath:
		return ErrNameTooLong
	}
	*w = walk{n: f.root}
	rest, links := name, 0
	for {
		for rest != "" && rest[0] == '/' {
			rest = rest[1:]
		}
		if rest == "" {
			break
		}
		switch {
		case w.n == nil:
			return ErrNotExist
		case !w.n.isDir():
			return ErrNotDir
		case !w.n.may(maySearch):
			return ErrPermission
		}
		part := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			part, rest = rest[:i], rest[i:]
			w.slash = true
		} else {
			rest = ""
			w.slash = false
		}
		w.dot = part == "." || part == ".."
		switch {
		case len(part) > maxName:
			return ErrNameTooLong
		case part == ".":
			continue
		case part == "..":
			if w.depth > 0 {
				w.pop()
			}
			continue
		}
		n, err := f.child(w.n, part)
		if err != nil {
			return err
		}
		w.push()
		w.n, w.base = n, part
		if n == nil || !n.isLink() || !follow && !w.slash {
			continue
		}
		if links++; links > maxLinks {
			return ErrLoop
		}
		if n.src != nil && !n.src.own && Leaves(n.rel, n.target) {
			return ErrPermission
		}
		w.pop()
		if strings.HasPrefix(n.target, "/") {
			w.n, w.base, w.depth, w.more = f.root, "", 0, nil
		}
		rest = n.target + rest
	}
	if w.slash && w.n != nil && !w.n.isDir() {
		return ErrNotDir
	}
	return nil
}

// lookup resolves a name that must exist.
func (f *FS) lookup(name string, follow bool) (*inode, error) {
	var w walk
	if err := f.walk(&w, name, follow); err != nil {
		return nil, err
	}
	if w.n == nil {
		return nil, ErrNotExist
	}
	return w.n, nil
}

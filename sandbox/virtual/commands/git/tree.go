package git

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The modes of tree entries.
const (
	modeFile = 0o100644
	modeExec = 0o100755
	modeLink = 0o120000
	modeDir  = 0o040000
	modeRepo = 0o160000
)

// entry is a file of a tree or of the index.
type entry struct {
	mode uint32
	id   id
}

// files is a tree laid flat: files by their paths.
type files map[string]entry

func (f files) names() []string {
	list := make([]string, 0, len(f))
	for name := range f {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// treeEntry is an entry of one tree object.
type treeEntry struct {
	name string
	entry
}

func (r *repo) tree(h id) ([]treeEntry, error) {
	o, err := r.read(h)
	if err != nil {
		return nil, err
	}
	if o.kind != "tree" {
		return nil, fatal("%s is a %s, not a tree", h, o.kind)
	}
	list, err := parseTree(h, o.data)
	if err != nil {
		return nil, err
	}
	return list, r.spend(len(o.data))
}

func parseTree(h id, data []byte) ([]treeEntry, error) {
	var list []treeEntry
	for rest := data; len(rest) > 0; {
		head, after, ok := bytes.Cut(rest, []byte{0})
		mode, name, ok2 := strings.Cut(string(head), " ")
		n, err := strconv.ParseUint(mode, 8, 32)
		if !ok || !ok2 || err != nil || len(after) < len(id{}) {
			return nil, fatal("malformed tree object %s", h)
		}
		list = append(list, treeEntry{name, entry{uint32(n), id(after[:20])}})
		rest = after[20:]
	}
	return list, nil
}

// flat lays a tree out. A name that could leave the working tree, or reach into .git, is an error.
func (r *repo) flat(h id) (files, error) {
	all := files{}
	return all, r.flatten(h, "", all, 0)
}

func (r *repo) flatten(h id, prefix string, all files, depth int) error {
	if h == emptyTree {
		return nil
	}
	if depth > 200 {
		return fatal("a tree is nested too deeply")
	}
	list, err := r.tree(h)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !safeName(e.name) {
			return fatal("invalid path '%s'", prefix+e.name)
		}
		if e.mode&0o170000 == modeDir {
			if err := r.flatten(e.id, prefix+e.name+"/", all, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := r.hold(len(prefix) + len(e.name) + 100); err != nil {
			return err
		}
		all[prefix+e.name] = e.entry
	}
	return nil
}

var emptyTree = hashOf("tree", nil)

// safeName says whether a name may stand in a tree.
func safeName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.EqualFold(name, ".git") && !strings.ContainsAny(name, "/\x00") && !strings.EqualFold(name, "git~1")
}

// safePath says the same of all parts of a path.
func safePath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if !safeName(part) {
			return false
		}
	}
	return true
}

// writeTree stores files as trees and returns the root.
func (r *repo) writeTree(all files) (id, error) {
	names := all.names()
	h, _, err := r.writeDir(all, names, "")
	return h, err
}

// writeDir stores the files below prefix, which are first in names, and says how many these are.
func (r *repo) writeDir(all files, names []string, prefix string) (id, int, error) {
	var list []treeEntry
	done := 0
	for done < len(names) && strings.HasPrefix(names[done], prefix) {
		rest := names[done][len(prefix):]
		dir, _, below := strings.Cut(rest, "/")
		if !below {
			list = append(list, treeEntry{rest, all[names[done]]})
			done++
			continue
		}
		h, n, err := r.writeDir(all, names[done:], prefix+dir+"/")
		if err != nil {
			return h, 0, err
		}
		list = append(list, treeEntry{dir, entry{modeDir, h}})
		done += n
	}
	sortKey := func(e treeEntry) string {
		if e.mode == modeDir {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(list, func(a, b treeEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	var b bytes.Buffer
	for _, e := range list {
		fmt.Fprintf(&b, "%o %s\x00", e.mode, e.name)
		b.Write(e.id[:])
	}
	h, err := r.write("tree", b.Bytes())
	return h, done, err
}

// union are the names of two trees, sorted.
func union(a, b files) []string {
	list := a.names()
	for name := range b {
		if _, ok := a[name]; !ok {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

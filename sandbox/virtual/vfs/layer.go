package vfs

// Layer is a tree that never changes and that any number of sessions share.
type Layer struct {
	root *inode
	ino  uint64
}

// Freeze makes a layer of f, which must not be used any more. The directories of system, "/dev" say, are root's: a
// session can use what is in them and change nothing.
func (f *FS) Freeze(system ...string) *Layer {
	f.mu.Lock()
	defer f.mu.Unlock()
	freeze(f.root, "/", false, system)
	return &Layer{f.root, f.ino}
}

func freeze(n *inode, path string, system bool, names []string) {
	for _, name := range names {
		system = system || path == name
	}
	n.frozen, n.system, n.dirty = true, system, false
	if n.isDir() {
		n.rel = path
	}
	for name, c := range n.children {
		below := path + "/" + name
		if path == "/" {
			below = path + name
		}
		freeze(c, below, system, names)
	}
}

package git

import (
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// onDisk is what the working tree has at a path: its entry, whether there is a file, and its content.
func (r *repo) onDisk(name string) (e entry, data []byte, ok bool, err error) {
	if r.throughLink(name) {
		return e, nil, false, nil
	}
	info, err := r.inv.FS.Lstat(r.file(name))
	if err != nil || info.IsDir() {
		return e, nil, false, nil
	}
	switch {
	case info.Target != "":
		e.mode, data = modeLink, []byte(info.Target)
	case !info.Mode.IsRegular():
		return e, nil, false, nil
	default:
		e.mode = modeFile
		if info.Mode&0o100 != 0 {
			e.mode = modeExec
		}
		if info.Size > maxObject {
			return e, nil, false, fatal("%s is larger than this git takes", name)
		}
		if data, err = r.inv.FS.ReadFile(r.file(name)); err != nil {
			return e, nil, false, problem("open(\"%s\"): %v", name, err)
		}
	}
	e.id = hashOf("blob", data)
	return e, data, true, r.spend(len(data) + 64)
}

// throughLink says whether a directory of a path is a symbolic link: what is behind it is not the working tree's.
func (r *repo) throughLink(name string) bool {
	for at := 0; ; at++ {
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			return false
		}
		at += next
		if info, err := r.inv.FS.Lstat(r.file(name[:at])); err != nil || info.Target != "" {
			return err == nil
		}
	}
}

// workFiles is the working tree as far as the index knows it. A nested repository counts as it stands in the index.
func (r *repo) workFiles(x *index) (files, error) {
	all := files{}
	for _, name := range x.names() {
		have := x.files[name]
		if have.mode == modeRepo {
			all[name] = have.entry
			continue
		}
		e, _, ok, err := r.onDisk(name)
		if err != nil {
			return nil, err
		}
		if ok {
			all[name] = e
		}
	}
	return all, nil
}

// untracked lists the files that the index does not know, directories of which nothing is known as one with a "/" at
// its end unless every is set. ignored lists what is left out, in place of the others.
func (r *repo) untracked(x *index, every, ignored bool) ([]string, error) {
	var list []string
	known := map[string]bool{} // directories that hold something of the index
	for _, name := range x.names() {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			known[dir] = true
		}
	}
	g := r.ignorer()
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		entries, err := r.inv.FS.ReadDir(strings.TrimSuffix(r.file(dir), "/"))
		if err != nil || depth > 200 {
			return nil
		}
		if err := r.spend(len(entries) + 1); err != nil {
			return err
		}
		for _, f := range entries {
			name := dir + f.Name
			if f.Name == ".git" {
				continue
			}
			out := g.ignored(name, f.IsDir())
			if f.IsDir() {
				switch nested := r.isRepo(r.file(name) + "/.git"); {
				case x.files[name].mode == modeRepo:
				case out && !ignored:
					if known[name] {
						if err := walk(name+"/", depth+1); err != nil {
							return err
						}
					}
				case known[name] || every && !nested && !out:
					if err := walk(name+"/", depth+1); err != nil {
						return err
					}
				case out == ignored || ignored && !out:
					if ignored && !out {
						if err := walk(name+"/", depth+1); err != nil {
							return err
						}
					} else if nested || r.anyFile(g, name+"/", ignored, depth) {
						list = append(list, name+"/")
					}
				}
				continue
			}
			_, conflict := x.conflicts[name]
			if _, ok := x.files[name]; !ok && !conflict && out == ignored && (f.Mode.IsRegular() || f.Target != "") {
				list = append(list, name)
			}
		}
		return nil
	}
	err := walk("", 0)
	slices.Sort(list)
	return list, err
}

// anyFile says whether something in a directory is not ignored; git does not see empty directories.
func (r *repo) anyFile(g *ignorer, dir string, all bool, depth int) bool {
	entries, err := r.inv.FS.ReadDir(strings.TrimSuffix(r.file(dir), "/"))
	if err != nil || depth > 200 || r.spend(len(entries)+1) != nil {
		return false
	}
	for _, f := range entries {
		if !all && g.ignored(dir+f.Name, f.IsDir()) {
			continue
		}
		if !f.IsDir() || r.anyFile(g, dir+f.Name+"/", all, depth+1) {
			return true
		}
	}
	return false
}

// stage takes a file of the working tree into the index.
func (r *repo) stage(x *index, name string) error {
	e, data, ok, err := r.onDisk(name)
	if err != nil {
		return err
	}
	if !ok {
		x.remove(name)
		return nil
	}
	if e.id, err = r.write("blob", data); err != nil {
		return err
	}
	x.set(name, r.stat(name, e))
	return nil
}

// stat is an index entry with what the file system says of the file.
func (r *repo) stat(name string, e entry) indexEntry {
	x := indexEntry{entry: e}
	if info, err := r.inv.FS.Lstat(r.file(name)); err == nil {
		x.size, x.mtime, x.ino = uint32(info.Size), info.ModTime.UnixNano(), uint32(info.Ino)
	}
	return x
}

// put writes a file into the working tree. Links on its way, and files where it needs directories, are removed.
func (r *repo) put(name string, e entry) error {
	if !safePath(name) {
		return problem("invalid path '%s'", name)
	}
	if e.mode == modeRepo {
		return r.mkdirs(name + "/x")
	}
	o, err := r.read(e.id)
	if err != nil {
		return err
	}
	if o.kind != "blob" {
		return fatal("%s is a %s, not a blob", e.id, o.kind)
	}
	if err := r.mkdirs(name); err != nil {
		return err
	}
	file := r.file(name)
	if info, err := r.inv.FS.Lstat(file); err == nil {
		if info.IsDir() {
			err = r.inv.FS.RemoveAll(file)
		} else {
			err = r.inv.FS.Remove(file)
		}
		if err != nil {
			return problem("unable to unlink old '%s': %v", name, err)
		}
	}
	if e.mode == modeLink {
		err = r.inv.FS.Symlink(string(o.data), file)
	} else {
		perm := 0o666 &^ r.inv.Umask
		if e.mode == modeExec {
			perm = 0o777 &^ r.inv.Umask
		}
		err = r.inv.FS.WriteFile(file, o.data, perm)
	}
	if err != nil {
		return problem("unable to create file %s: %v", name, err)
	}
	return r.spend(len(o.data))
}

// mkdirs makes the directories above a file.
func (r *repo) mkdirs(name string) error {
	for at := 0; ; at++ {
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			return nil
		}
		at += next
		dir := r.file(name[:at])
		if info, err := r.inv.FS.Lstat(dir); err == nil && !info.IsDir() {
			if err := r.inv.FS.Remove(dir); err != nil {
				return problem("unable to unlink old '%s': %v", name[:at], err)
			}
		}
		if err := r.inv.FS.Mkdir(dir, 0o777&^r.inv.Umask); err != nil && err != vfs.ErrExist {
			return problem("unable to create directory %s: %v", name[:at], err)
		}
	}
}

// drop removes a file of the working tree, and directories that are empty then.
func (r *repo) drop(name string) error {
	if !safePath(name) || r.throughLink(name) {
		return nil
	}
	if err := r.inv.FS.Remove(r.file(name)); err != nil && err != vfs.ErrNotExist && err != vfs.ErrNotDir && err != vfs.ErrNotEmpty {
		return problem("unable to unlink '%s': %v", name, err)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if r.file(dir) == r.at || r.inv.FS.Remove(r.file(dir)) != nil {
			break
		}
	}
	return nil
}

// moveTo makes working tree and index those of another tree. What is changed here and would be lost stops it, unless
// force says otherwise.
func (r *repo) moveTo(x *index, from, to files, force bool, what string) error {
	var local, untracked []string
	for _, name := range union(from, to) {
		a, hadA := from[name]
		b, hasB := to[name]
		if force || hadA == hasB && a == b {
			continue
		}
		staged, known := x.files[name]
		disk, _, there, err := r.onDisk(name)
		if err != nil {
			return err
		}
		switch {
		case known && hadA && (staged.entry == a || hasB && staged.entry == b) && (!there || disk == staged.entry):
		case known && !hadA && hasB && staged.entry == b && (!there || disk == b):
		case !known && !hadA && there && disk != b:
			untracked = append(untracked, name)
		case !known && (!there || hasB && disk == b || !hadA):
		case !known && hadA && !hasB:
		default:
			local = append(local, name)
		}
	}
	if len(local) > 0 {
		return problem("Your local changes to the following files would be overwritten by %s:\n\t%s\nPlease commit your changes or stash them before you %s.\nAborting",
			what, strings.Join(local, "\n\t"), map[string]string{"checkout": "switch branches", "merge": "merge"}[what])
	}
	if len(untracked) > 0 {
		return problem("The following untracked working tree files would be overwritten by %s:\n\t%s\nPlease move or remove them before you %s.\nAborting",
			what, strings.Join(untracked, "\n\t"), map[string]string{"checkout": "switch branches", "merge": "merge"}[what])
	}
	if force {
		for name := range x.conflicts {
			if _, ok := to[name]; !ok {
				if err := r.drop(name); err != nil {
					return err
				}
			}
			delete(x.conflicts, name)
		}
		from = x.flat()
	}
	for _, name := range union(from, to) {
		b, hasB := to[name]
		if a, hadA := from[name]; !force && hadA && hasB && a == b {
			continue
		}
		if !hasB {
			if err := r.drop(name); err != nil {
				return err
			}
			x.remove(name)
		}
	}
	for _, name := range to.names() {
		b := to[name]
		if a, ok := from[name]; !force && ok && a == b {
			continue
		}
		if disk, _, there, err := r.onDisk(name); err != nil {
			return err
		} else if !there || disk != b {
			if err := r.put(name, b); err != nil {
				return err
			}
		}
		x.set(name, r.stat(name, b))
	}
	return nil
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

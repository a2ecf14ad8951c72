package git

import (
	"path"
	"slices"
	"strings"
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

// below lists the files at and below a path of the working tree.
func (r *repo) below(name string) []string {
	info, err := r.inv.FS.Lstat(r.file(name))
	if err != nil || r.spend(1) != nil {
		return nil
	}
	if !info.IsDir() {
		return []string{name}
	}
	var all []string
	list, _ := r.inv.FS.ReadDir(r.file(name))
	for _, f := range list {
		if f.Name != ".git" {
			all = append(all, r.below(name+"/"+f.Name)...)
		}
	}
	return all
}

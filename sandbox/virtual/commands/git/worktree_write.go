package git

import (
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// put writes a file into the working tree. Links on its way, and files where it needs directories, are removed.
func (r *repo) put(name string, e entry) error {
	if !safePath(name) {
		return problem("invalid path '%s'", name)
	}
	if e.mode == modeRepo {
		return r.mkdirs(name + "/x")
	}
	defer r.release(r.held)
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

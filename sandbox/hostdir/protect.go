package hostdir

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// Protect is d for a sandbox that may write to it. Some of a folder is instructions to programs of the host, and cannot
// be changed, made, moved or replaced: whatever is called .git (configuration, hooks, attributes) or .flue, and
// .github/workflows, at any depth and in any spelling that a file system takes for the same name. All of it can be read
// but for .flue/state, where other sessions are kept: that is not shown.
//
// A name is judged as it is, without links in it: who mounts the folder has resolved them, and Dir follows none.
func Protect(d *Dir) vfs.Writable { return protected{d} }

type protected struct{ dir *Dir }

// fixed says whether name is, or is in, what cannot be changed.
func fixed(name string) bool {
	above := ""
	for part := range strings.SplitSeq(name, "/") {
		if same(part, ".git") || same(part, ".flue") || same(part, "workflows") && same(above, ".github") {
			return true
		}
		above = part
	}
	return false
}

// hidden says whether name is, or is in, what is not shown.
func hidden(name string) bool {
	above := ""
	for part := range strings.SplitSeq(name, "/") {
		if same(part, "state") && same(above, ".flue") {
			return true
		}
		above = part
	}
	return false
}

// same says whether some file system takes part for the name want: those that ignore case, those that ignore invisible
// letters (HFS+), and those with short names, streams and endings that do not count (NTFS).
func same(part, want string) bool {
	part, _, _ = strings.Cut(part, ":")
	part = strings.TrimRight(strings.Map(visible, part), " .")
	if strings.EqualFold(part, want) {
		return true
	}
	short, number, ok := strings.Cut(part, "~")
	return ok && number != "" && strings.Trim(number, "0123456789") == "" && strings.EqualFold(short, strings.TrimPrefix(want, "."))
}

// visible drops the letters that HFS+ ignores in names.
func visible(r rune) rune {
	if r >= 0x200c && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x206a && r <= 0x206f || r == 0xfeff {
		return -1
	}
	return r
}

func (p protected) Lstat(name string) (vfs.Info, error) {
	if hidden(name) {
		return vfs.Info{}, vfs.ErrNotExist
	}
	return p.dir.Lstat(name)
}

func (p protected) ReadDir(name string) ([]vfs.Info, error) {
	if hidden(name) {
		return nil, vfs.ErrNotExist
	}
	list, err := p.dir.ReadDir(name)
	if same(path.Base(name), ".flue") {
		list = slices.DeleteFunc(list, func(i vfs.Info) bool { return same(i.Name, "state") })
	}
	return list, err
}

func (p protected) Open(name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error) {
	switch {
	case (flag.Writes() || flag&(vfs.Create|vfs.Truncate) != 0) && fixed(name):
		return nil, vfs.ErrReadOnly
	case hidden(name):
		return nil, vfs.ErrNotExist
	}
	return p.dir.Open(name, flag, perm)
}

func (p protected) Mkdir(name string, perm fs.FileMode) error {
	if fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.Mkdir(name, perm)
}

// Symlink makes no link called .github, nor one that leads by way of a name that is protected: a program of the host
// would write through it.
func (p protected) Symlink(target, name string) error {
	github := func(part string) bool { return same(part, ".github") }
	if fixed(name) || github(path.Base(name)) || fixed(target) || slices.ContainsFunc(strings.Split(target, "/"), github) {
		return vfs.ErrReadOnly
	}
	return p.dir.Symlink(target, name)
}

func (p protected) Remove(name string) error {
	if fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.Remove(name)
}

// Rename moves nothing that is protected, nor a folder with such in it, as another could take its place. It moves no
// link to where it would lead out of the folder.
func (p protected) Rename(old, name string) error {
	switch {
	case fixed(old) || fixed(name):
		return vfs.ErrReadOnly
	case same(path.Base(old), ".github") || same(path.Base(name), ".github"):
		return vfs.ErrBusy
	}
	if err := p.canMove(old, name); err != nil {
		return err
	}
	return p.dir.Rename(old, name)
}

// canMove looks at all that would move with old.
func (p protected) canMove(old, name string) error {
	i, err := p.dir.Lstat(old)
	if err != nil {
		return err
	}
	if i.Mode&fs.ModeSymlink != 0 && vfs.Leaves(name, i.Target) {
		return vfs.ErrNotAllowed
	}
	if !i.IsDir() {
		return nil
	}
	entries, err := p.dir.entries(old)
	if err != nil {
		return err
	}
	for _, e := range entries {
		below := path.Join(old, e.Name())
		if fixed(below) {
			return vfs.ErrBusy
		}
		if e.IsDir() || e.Type()&fs.ModeSymlink != 0 {
			if err := p.canMove(below, path.Join(name, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p protected) Chmod(name string, perm fs.FileMode) error {
	if fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.Chmod(name, perm)
}

func (p protected) SetTimes(name string, access, modify time.Time) error {
	if fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.SetTimes(name, access, modify)
}

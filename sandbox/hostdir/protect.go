package hostdir

import (
	"io/fs"
	"path"
	"path/filepath"
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
// A name is judged as it is, without links in it: who mounts the folder has resolved them, and Dir follows none. Where
// one of the names at the top is itself a link within the folder, what it leads to is protected, too.
func Protect(d *Dir) vfs.Writable { return protected{d, aliases(d.root.Name())} }

type protected struct {
	dir     *Dir
	aliases map[string]string // protected names by where they are in truth, if they are links
}

// aliases looks for links among the protected names at the top of a folder of the host.
func aliases(folder string) map[string]string {
	found := map[string]string{}
	top, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return found
	}
	for _, name := range []string{".git", ".flue", ".flue/state", ".github", ".github/workflows"} {
		real, err := filepath.EvalSymlinks(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			continue // it is not there, or leads nowhere
		}
		if rel, err := filepath.Rel(top, real); err == nil && filepath.IsLocal(rel) && rel != "." && filepath.ToSlash(rel) != name {
			found[filepath.ToSlash(rel)] = name
		}
	}
	return found
}

// plain is the protected name that name is in truth, or name itself.
func (p protected) plain(name string) string {
	longest := ""
	for real := range p.aliases {
		n := len(real)
		if len(name) >= n && strings.EqualFold(name[:n], real) && (len(name) == n || name[n] == '/') && n > len(longest) {
			longest = real
		}
	}
	if longest == "" {
		return name
	}
	return p.aliases[longest] + name[len(longest):]
}

// fixed says whether name is, or is in, what cannot be changed.
func (p protected) fixed(name string) bool {
	name = p.plain(name)
	return has(name, "", ".git") || has(name, "", ".flue") || has(name, ".github", "workflows")
}

// hidden says whether name is, or is in, what is not shown.
func (p protected) hidden(name string) bool { return has(p.plain(name), ".flue", "state") }

// has says whether want is a part of name, and right below above unless that is "".
func has(name, above, want string) bool {
	last := ""
	for part := range strings.SplitSeq(name, "/") {
		if same(part, want) && (above == "" || same(last, above)) {
			return true
		}
		last = part
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
	if p.hidden(name) {
		return vfs.Info{}, vfs.ErrNotExist
	}
	return p.dir.Lstat(name)
}

func (p protected) ReadDir(name string) ([]vfs.Info, error) {
	if p.hidden(name) {
		return nil, vfs.ErrNotExist
	}
	list, err := p.dir.ReadDir(name)
	return slices.DeleteFunc(list, func(i vfs.Info) bool { return p.hidden(path.Join(name, i.Name)) }), err
}

func (p protected) Open(name string, flag vfs.Flag, perm fs.FileMode) (vfs.File, error) {
	switch {
	case (flag.Writes() || flag&(vfs.Create|vfs.Truncate) != 0) && p.fixed(name):
		return nil, vfs.ErrReadOnly
	case p.hidden(name):
		return nil, vfs.ErrNotExist
	}
	return p.dir.Open(name, flag, perm)
}

func (p protected) Mkdir(name string, perm fs.FileMode) error {
	if p.fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.Mkdir(name, perm)
}

// Symlink makes no link called .github, nor one that leads by way of a name that is protected: a program of the host
// would write through it.
func (p protected) Symlink(target, name string) error {
	to := path.Join(path.Dir(name), target)
	if p.fixed(name) || same(path.Base(name), ".github") || p.fixed(target) || p.fixed(to) || has(target, "", ".github") || has(p.plain(to), "", ".github") {
		return vfs.ErrReadOnly
	}
	return p.dir.Symlink(target, name)
}

func (p protected) Remove(name string) error {
	if p.fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.Remove(name)
}

// Rename moves nothing that is protected, nor a folder with such in it, as another could take its place. It moves no
// link to where it would lead out of the folder.
func (p protected) Rename(old, name string) error {
	switch {
	case p.fixed(old) || p.fixed(name):
		return vfs.ErrReadOnly
	case same(path.Base(p.plain(old)), ".github") || same(path.Base(p.plain(name)), ".github"):
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
		if p.fixed(below) {
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
	if p.fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.Chmod(name, perm)
}

func (p protected) SetTimes(name string, access, modify time.Time) error {
	if p.fixed(name) {
		return vfs.ErrReadOnly
	}
	return p.dir.SetTimes(name, access, modify)
}

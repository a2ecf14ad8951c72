package vfs

import (
	"bytes"
	"errors"
	"io/fs"
)

// FromFS is a Source that shows the regular files and folders of fsys: an embedded folder, a part of a project. Links
// are left out, since they may lead out of it. It is for small trees: an opened file is read whole.
func FromFS(fsys fs.FS) Source { return fsSource{fsys} }

type fsSource struct{ fsys fs.FS }

func (s fsSource) Lstat(name string) (Info, error) {
	i, err := fs.Lstat(s.fsys, name)
	if err != nil {
		return Info{}, fsError(err)
	}
	if !i.Mode().IsRegular() && !i.IsDir() {
		return Info{}, ErrNotExist
	}
	return fsInfo(i), nil
}

func (s fsSource) ReadDir(name string) ([]Info, error) {
	entries, err := fs.ReadDir(s.fsys, name)
	if err != nil {
		return nil, fsError(err)
	}
	var list []Info
	for _, entry := range entries {
		if !entry.Type().IsRegular() && !entry.IsDir() {
			continue
		}
		i, err := entry.Info()
		if err != nil {
			return nil, fsError(err)
		}
		list = append(list, fsInfo(i))
	}
	return list, nil
}

func (s fsSource) Open(name string, flag Flag, _ fs.FileMode) (File, error) {
	if flag.Writes() {
		return nil, ErrReadOnly
	}
	info, err := s.Lstat(name)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(s.fsys, name)
	if err != nil {
		return nil, fsError(err)
	}
	return fsFile{bytes.NewReader(data), info}, nil
}

// fsFile is an opened file of an fsSource.
type fsFile struct {
	*bytes.Reader
	info Info
}

func (f fsFile) Stat() (Info, error)       { return f.info, nil }
func (f fsFile) Write([]byte) (int, error) { return 0, ErrBadFile }
func (f fsFile) Truncate(int64) error      { return ErrInvalid }
func (f fsFile) Close() error              { return nil }

func fsInfo(i fs.FileInfo) Info {
	mode := i.Mode().Perm() | 0o444
	if i.IsDir() {
		mode = fs.ModeDir | 0o755 // whether it can be written to is for the mount to say
	}
	t := i.ModTime()
	return Info{Name: i.Name(), Size: i.Size(), Mode: mode, ModTime: t, AccessTime: t, ChangeTime: t, Nlink: 1}
}

func fsError(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return ErrPermission
	}
	return ErrIO
}

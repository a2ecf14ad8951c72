package vfs

import (
	"io"
	"io/fs"
	"time"
)

// Flag says how Open opens a file; the zero value reads.
type Flag int

// The flags of open(2).
const (
	Read  Flag = 0
	Write Flag = 1 << iota // for writing only
	ReadWrite
	Append
	Create
	Exclusive
	Truncate
	NoFollow
)

// Writes says whether a file that is opened so may be written to.
func (f Flag) Writes() bool { return f&(Write|ReadWrite|Append|Truncate) != 0 }

// Reads says whether a file that is opened so may be read.
func (f Flag) Reads() bool { return !f.Writes() || f&ReadWrite != 0 }

// Info is what stat(2) tells.
type Info struct {
	Name                            string // base name
	Size                            int64  // bytes
	Mode                            fs.FileMode
	ModTime, AccessTime, ChangeTime time.Time
	Ino                             uint64
	Nlink                           int
	UID, GID                        int
	Target                          string // of a symbolic link
}

// IsDir says whether it is a directory.
func (i Info) IsDir() bool { return i.Mode.IsDir() }

// File is an open file, device or pipe end.
type File interface {
	io.Reader
	io.Writer
	io.Seeker
	io.Closer
	Stat() (Info, error)
	Truncate(size int64) error
}

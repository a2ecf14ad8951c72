package commands

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
)

const (
	cpioTrailer = "TRAILER!!!"
	cpioMaxName = 4096
)

// cpioHeader is what an archive says of a file. The content follows; a symbolic link's is its target.
type cpioHeader struct {
	name            string
	ino, mode       uint32
	uid, gid, nlink uint32
	mtime, size     int64
	check           uint32 // the sum of the bytes, in the format crc
}

// The kinds of files within mode.
const (
	cpioKind = 0o170000
	cpioFIFO = 0o010000
	cpioDir  = 0o040000
	cpioFile = 0o100000
	cpioLink = 0o120000
)

func (h *cpioHeader) kind() uint32 { return h.mode & cpioKind }

func (h *cpioHeader) fileMode() fs.FileMode {
	mode := filemode.FromOctal(h.mode & 0o7777)
	switch h.kind() {
	case cpioDir:
		return mode | fs.ModeDir
	case cpioLink:
		return mode | fs.ModeSymlink
	case cpioFIFO:
		return mode | fs.ModeNamedPipe
	case cpioFile:
		return mode
	}
	return mode | fs.ModeDevice
}

// cpioFormats are those that can be written, and the boundary to which they fill up names and contents.
var cpioFormats = map[string]int{"bin": 2, "odc": 1, "newc": 4, "crc": 4}

// appendCpioHeader writes a header and the name, up to where the content begins.
func appendCpioHeader(b []byte, format string, h *cpioHeader) []byte {
	from := len(b)
	switch format {
	case "newc", "crc":
		magic := map[string]string{"newc": "070701", "crc": "070702"}[format]
		b = fmt.Appendf(b, "%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", magic, h.ino, h.mode, h.uid, h.gid, h.nlink,
			uint32(h.mtime), uint32(h.size), 0, 0, 0, 0, len(h.name)+1, h.check)
	case "odc":
		b = fmt.Appendf(b, "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 0, h.ino&0o777777, h.mode&0o777777, h.uid&0o777777, h.gid&0o777777,
			h.nlink&0o777777, 0, h.mtime&0o77777777777, len(h.name)+1, h.size)
	default:
		for _, v := range []uint32{0o70707, 0, h.ino, h.mode, h.uid, h.gid, h.nlink, 0, uint32(h.mtime) >> 16, uint32(h.mtime), uint32(len(h.name) + 1), uint32(h.size) >> 16, uint32(h.size)} {
			b = append(b, byte(v), byte(v>>8))
		}
	}
	b = append(append(b, h.name...), 0)
	return append(b, make([]byte, padding(int64(len(b)-from), cpioFormats[format]))...)
}

// padding is how many bytes are missing to a multiple of boundary.
func padding(n int64, boundary int) int64 {
	return (int64(boundary) - n%int64(boundary)) % int64(boundary)
}

var (
	errCpioEnd   = errors.New("premature end of archive")
	errCpioMagic = errors.New("malformed number")
)

// cpioReader reads an archive of any format.
type cpioReader struct {
	r      *bufio.Reader
	work   func(n int) error // spends the budget
	format string
	junk   int // bytes that were left out before the last header
}

// next reads a header; io.EOF is the end that an archive has.
func (c *cpioReader) next() (*cpioHeader, error) {
	c.junk = 0
	for {
		head, err := c.r.Peek(6)
		if len(head) < 6 {
			if err == io.EOF {
				err = errCpioEnd
			}
			return nil, err
		}
		switch {
		case string(head) == "070701":
			c.format = "newc"
		case string(head) == "070702":
			c.format = "crc"
		case string(head) == "070707":
			c.format = "odc"
		case head[0] == 0xc7 && head[1] == 0x71:
			c.format = "bin"
		default:
			c.r.Discard(1)
			if c.junk++; c.junk%cpioMaxName == 0 {
				if err := c.work(cpioMaxName); err != nil {
					return nil, err
				}
			}
			continue
		}
		break
	}
	h, err := c.header()
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errCpioEnd
	}
	if err == nil && h.name == cpioTrailer {
		err = io.EOF
	}
	return h, err
}

// header reads a header whose format is known.
func (c *cpioReader) header() (*cpioHeader, error) {
	h, size := &cpioHeader{}, map[string]int{"newc": 110, "crc": 110, "odc": 76, "bin": 26}[c.format]
	raw := make([]byte, size)
	if _, err := io.ReadFull(c.r, raw); err != nil {
		return nil, err
	}
	var nameSize int64
	var bad error
	number := func(from, digits, base int) int64 {
		n, err := strconv.ParseUint(strings.TrimSpace(string(raw[from:from+digits])), base, 40)
		if err != nil {
			bad = errCpioMagic
		}
		return int64(n)
	}
	switch c.format {
	case "newc", "crc":
		f := func(i int) int64 { return number(6+8*i, 8, 16) }
		h.ino, h.mode, h.uid, h.gid, h.nlink = uint32(f(0)), uint32(f(1)), uint32(f(2)), uint32(f(3)), uint32(f(4))
		h.mtime, h.size, nameSize, h.check = f(5), f(6), f(11), uint32(f(12))
	case "odc":
		f := func(i int) uint32 { return uint32(number(6+6*i, 6, 8)) }
		h.ino, h.mode, h.uid, h.gid, h.nlink = f(1), f(2), f(3), f(4), f(5)
		h.mtime, nameSize, h.size = number(48, 11, 8), number(59, 6, 8), number(65, 11, 8)
	default:
		f := func(i int) uint32 { return uint32(raw[2*i]) | uint32(raw[2*i+1])<<8 }
		h.ino, h.mode, h.uid, h.gid, h.nlink = f(2), f(3), f(4), f(5), f(6)
		h.mtime, nameSize, h.size = int64(f(8)<<16|f(9)), int64(f(10)), int64(f(11)<<16|f(12))
	}
	switch {
	case bad != nil:
		return nil, bad
	case nameSize < 1 || nameSize > cpioMaxName:
		return nil, errCpioMagic
	}
	name := make([]byte, nameSize+padding(int64(size)+nameSize, cpioFormats[c.format]))
	if _, err := io.ReadFull(c.r, name); err != nil {
		return nil, err
	}
	name, _, _ = bytes.Cut(name, []byte{0})
	h.name = string(name)
	return h, nil
}

// end leaves out what fills a content up.
func (c *cpioReader) end(h *cpioHeader) {
	c.r.Discard(int(padding(h.size, cpioFormats[c.format])))
}

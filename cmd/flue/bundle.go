package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// What flue build makes is a flue program, a zip archive of a project, and a trailer: the archive's length, its SHA-256,
// and this. It runs as it is, and the project is read from it without unpacking.
const (
	bundleMagic = "\nflue project 1\n"
	trailerSize = 8 + sha256.Size + len(bundleMagic)
)

// bundle is the project in an executable.
type bundle struct {
	fs.FS
	program int64  // the size of the flue program before it
	name    string // of the executable, without its ending
}

// ownBundle is the project in the running executable, or nil. Its file stays open: it is read as it is needed.
var ownBundle = sync.OnceValues(func() (*bundle, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, nil // a system that does not know has no executables of projects
	}
	b, _, err := openBundle(path)
	if err != nil {
		return nil, fmt.Errorf("read the project in %s: %w", path, err)
	}
	return b, nil
})

// openBundle opens the executable at path and looks for a project in it. b is nil if there is none.
func openBundle(path string) (b *bundle, f *os.File, err error) {
	f, err = os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		b, err = readBundle(f, info.Size())
	}
	if err != nil || b == nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	b.name = strings.TrimSuffix(filepath.Base(path), ".exe")
	return b, f, nil
}

// readBundle reads the trailer of an executable of that size and checks its archive, which nothing is taken from unless
// it is the one that was written.
func readBundle(f io.ReaderAt, size int64) (*bundle, error) {
	trailer := make([]byte, trailerSize)
	if size < int64(trailerSize) {
		return nil, nil
	}
	if _, err := f.ReadAt(trailer, size-int64(trailerSize)); err != nil {
		return nil, err
	}
	sum, magic := trailer[8:8+sha256.Size], trailer[8+sha256.Size:]
	if string(magic) != bundleMagic {
		return nil, nil
	}
	length := binary.BigEndian.Uint64(trailer)
	if length > uint64(size)-uint64(trailerSize) {
		return nil, errBroken
	}
	program := size - int64(trailerSize) - int64(length)
	archive := io.NewSectionReader(f, program, int64(length))
	hash := sha256.New()
	if _, err := io.Copy(hash, archive); err != nil {
		return nil, err
	}
	if !bytes.Equal(hash.Sum(nil), sum) {
		return nil, errBroken
	}
	files, err := zip.NewReader(archive, int64(length))
	if err != nil {
		return nil, errBroken
	}
	return &bundle{FS: files, program: program}, nil
}

var errBroken = errors.New("it is not what flue build wrote: its checksum is another; build it again")

// bundled is the time of every file in an archive, so that the same project makes the same archive.
var bundled = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// writeBundle writes a flue program and behind it the files of a project, which are in order.
func writeBundle(w io.Writer, program io.Reader, fsys fs.FS, files []string) error {
	if _, err := io.Copy(w, program); err != nil {
		return fmt.Errorf("copy the flue program: %w", err)
	}
	counted := &counter{Writer: w}
	hash := sha256.New()
	archive := zip.NewWriter(io.MultiWriter(counted, hash))
	for _, name := range files {
		if err := addFile(archive, fsys, name); err != nil {
			return fmt.Errorf("put %s into the archive: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	trailer := binary.BigEndian.AppendUint64(nil, uint64(counted.n))
	trailer = append(hash.Sum(trailer), bundleMagic...)
	_, err := w.Write(trailer)
	return err
}

func addFile(archive *zip.Writer, fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: bundled}
	header.SetMode(0o644)
	if info.Mode()&0o111 != 0 {
		header.SetMode(0o755)
	}
	to, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, f)
	return err
}

// counter counts what is written.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

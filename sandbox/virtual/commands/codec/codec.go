// Package codec is the compressed formats of the sandbox: gzip, bzip2, xz, lzma, zstd, and compress to read. Start at Format. What a reader
// or writer needs in memory is held from the budget before it is taken, so a header cannot ask for more than there is.
package codec

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// Errors of reading. An input that ends too early is io.ErrUnexpectedEOF, a limit that strikes its own error.
var (
	ErrFormat  = errors.New("not in this format")
	ErrCorrupt = errors.New("the data is corrupt")
	ErrTrailer = errors.New("garbage follows the data") // all that is before it was read
)

// Format is one way to compress.
type Format struct {
	Name     string
	Suffix   string // what compressing adds to a file's name
	suffixes []suffix
	magic    string
	reader   func(b *limits.Budget, r *bufio.Reader) (io.ReadCloser, error)
	writer   func(b *limits.Budget, w io.Writer, level, size int) (io.WriteCloser, error)
}

// suffix is an end of a compressed file's name, and what it becomes.
type suffix struct{ from, to string }

// The formats.
var (
	Gzip     = &Format{"gzip", ".gz", []suffix{{".gz", ""}, {".tgz", ".tar"}, {".taz", ".tar"}}, "\x1f\x8b", readGzip, writeGzip}
	Bzip2    = &Format{"bzip2", ".bz2", []suffix{{".bz2", ""}, {".bz", ""}, {".tbz2", ".tar"}, {".tbz", ".tar"}}, "BZh", readBzip2, writeBzip2}
	Xz       = &Format{"xz", ".xz", []suffix{{".xz", ""}, {".txz", ".tar"}}, xzMagic, readXz, writeXz}
	Lzma     = &Format{"lzma", ".lzma", []suffix{{".lzma", ""}, {".tlz", ".tar"}}, "\x5d\x00\x00", readLzma, writeLzma}
	Compress = &Format{"compress", ".Z", []suffix{{".Z", ""}, {".taZ", ".tar"}}, "\x1f\x9d", readCompress, writeCompress}
	Zstd     = &Format{"zstd", ".zst", []suffix{{".zst", ""}, {".tzst", ".tar"}}, "\x28\xb5\x2f\xfd", readZstd, writeZstd}
)

// All is every format.
var All = []*Format{Gzip, Bzip2, Xz, Lzma, Zstd, Compress}

// Detect is the format that the input of r begins as, or nil.
func Detect(r *bufio.Reader) *Format {
	for _, f := range All {
		if f.Begins(r) {
			return f
		}
	}
	return nil
}

// BySuffix is the format that a file's name says, or nil.
func BySuffix(name string) *Format {
	for _, f := range All {
		if _, ok := f.Strip(name); ok {
			return f
		}
	}
	return nil
}

// Strip is the name of the file that is compressed in the one called name; ok is false if name does not end as f's do.
func (f *Format) Strip(name string) (plain string, ok bool) {
	for _, s := range f.suffixes {
		if rest, ok := strings.CutSuffix(name, s.from); ok && rest != "" && !strings.HasSuffix(rest, "/") {
			return rest + s.to, true
		}
	}
	return "", false
}

// Begins says whether the input of r begins as f does.
func (f *Format) Begins(r *bufio.Reader) bool {
	head, _ := r.Peek(len(f.magic))
	return string(head) == f.magic
}

// NewReader expands r. The caller spends work for what it reads, and calls Close. ErrFormat: r does not begin as f does.
func (f *Format) NewReader(b *limits.Budget, r *bufio.Reader) (io.ReadCloser, error) {
	if !f.Begins(r) {
		if head, err := r.Peek(1); len(head) == 0 && err == io.EOF {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, ErrFormat
	}
	return f.reader(b, r)
}

// NewWriter compresses to w, which gets all of it when Close returns. level is the format's own, 0 its default. size is
// how long the input is, if that is known, else -1: little input needs little memory.
func (f *Format) NewWriter(b *limits.Budget, w io.Writer, level, size int) (io.WriteCloser, error) {
	return f.writer(b, w, level, size)
}

// held gives memory back when it is closed.
type held struct {
	budget *limits.Budget
	n      int
}

func hold(b *limits.Budget, n int) (*held, error) {
	if err := b.Hold(n); err != nil {
		b.Release(n)
		return nil, err
	}
	return &held{b, n}, nil
}

func (h *held) release() {
	h.budget.Release(h.n)
	h.n = 0
}

// reader is an expander with the memory it holds.
type reader struct {
	io.Reader
	*held
	problem func(error) error // turns the library's error into one of this package
}

// Read reads expanded bytes.
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF && r.budget.Err() == nil {
		err = r.problem(err)
	}
	return n, err
}

// Close gives the memory back.
func (r *reader) Close() error {
	r.release()
	return nil
}

// writer is a compressor with the memory it holds.
type writer struct {
	io.WriteCloser
	*held
}

// Close writes what is left and gives the memory back.
func (w *writer) Close() error {
	defer w.release()
	return w.WriteCloser.Close()
}

// isPadding says whether all that is left in r are zero bytes.
func isPadding(r *bufio.Reader) bool {
	for {
		head, err := r.Peek(1)
		if len(head) == 0 {
			return err == io.EOF
		}
		if !bytes.Equal(head, []byte{0}) {
			return false
		}
		r.Discard(1)
	}
}

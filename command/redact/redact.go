// Package redact takes secrets out of text and streams, in whatever form programs print them. Start at New; Writer is
// the streaming side.
package redact

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Mark stands where a secret was. It needs no escaping in JSON, URLs, HTML or a shell.
const Mark = "[redacted]"

// MinLength is the shortest secret, in bytes: shorter ones are in every text.
const MinLength = 4

// Redactor finds secrets and their encoded forms. It does not change and may be used from several goroutines; nil finds
// nothing.
//
// It looks at each byte once: four bytes at a time, those that begin no form are passed over by a small filter
// (R. Karp, M. Rabin, Efficient randomized pattern-matching algorithms, 1987, with the hash only of a prefix).
type Redactor struct {
	filter  [1 << 10]uint64     // by hash of a form's first four bytes
	forms   map[uint32][]string // by the first four bytes, longest first
	starts  [MinLength][]string // by length: the first 1, 2 and 3 bytes of forms
	longest int                 // bytes
}

// New makes a Redactor of secrets. An error says, by name, which secret is too short.
func New(secrets map[string]string) (*Redactor, error) {
	r := &Redactor{forms: map[uint32][]string{}}
	known := map[string]bool{}
	for name, secret := range secrets {
		if len(secret) < MinLength {
			return nil, fmt.Errorf("the secret %s has %d bytes; one of fewer than %d cannot be kept out of outputs", name, len(secret), MinLength)
		}
		for _, form := range forms(secret) {
			if !known[form] {
				known[form] = true
				r.add(form)
			}
		}
	}
	for _, list := range r.forms {
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	}
	return r, nil
}

func (r *Redactor) add(form string) {
	head := binary.LittleEndian.Uint32([]byte(form))
	word, bit := place(head)
	r.filter[word] |= bit
	r.forms[head] = append(r.forms[head], form)
	r.longest = max(r.longest, len(form))
	for n := 1; n < MinLength; n++ {
		if !slices.Contains(r.starts[n], form[:n]) {
			r.starts[n] = append(r.starts[n], form[:n])
		}
	}
}

// place is a prefix's bit in the filter.
func place(head uint32) (word uint32, bit uint64) {
	h := head * 2654435761 >> 16 // Knuth's multiplicative hash
	return h >> 6, 1 << (h & 63)
}

// at is the length of the longest form that data begins with, and whether a longer one may follow with more data.
func (r *Redactor) at(data []byte) (length int, open bool) {
	if len(data) < MinLength {
		return 0, slices.Contains(r.starts[len(data)], string(data))
	}
	for _, form := range r.forms[binary.LittleEndian.Uint32(data)] {
		switch {
		case len(form) > len(data):
			open = open || strings.HasPrefix(form, string(data))
		case string(data[:len(form)]) == form:
			return len(form), open
		}
	}
	return 0, open
}

// Contains says whether a secret is in data.
func (r *Redactor) Contains(data []byte) bool {
	if r == nil || r.longest == 0 {
		return false
	}
	s := scan{Redactor: r}
	s.run(data, true, func([]byte) {})
	return s.found
}

// Bytes is data without secrets: data itself where there are none.
func (r *Redactor) Bytes(data []byte) []byte {
	if !r.Contains(data) {
		return data
	}
	var b bytes.Buffer
	s := scan{Redactor: r}
	s.run(data, true, func(p []byte) { b.Write(p) })
	return b.Bytes()
}

// String is text without secrets.
func (r *Redactor) String(text string) string {
	if r == nil || r.longest == 0 {
		return text
	}
	return string(r.Bytes([]byte(text)))
}

// scan is where one stream has got to.
type scan struct {
	*Redactor
	covered int // bytes from here on that are part of a secret which is marked already
	found   bool
}

// run hands out data without secrets, up to where more data could make a secret of it, and returns how much that was.
// Secrets that overlap leave nothing of either.
func (s *scan) run(data []byte, last bool, emit func([]byte)) int {
	clean := 0 // data[clean:i] is to be handed out
	i := 0
	var head uint32
	for ; i < len(data); i++ {
		if i+MinLength <= len(data) {
			head = uint32(data[i]) | uint32(data[i+1])<<8 | uint32(data[i+2])<<16 | uint32(data[i+3])<<24
			if word, bit := place(head); s.filter[word]&bit == 0 {
				if s.covered > 0 {
					s.covered--
					clean = i + 1
				}
				continue
			}
		} else if last && s.covered == 0 {
			i = len(data)
			break
		}
		length, open := s.at(data[i:])
		if open && !last {
			break
		}
		if length > s.covered {
			if s.covered == 0 {
				emit(data[clean:i])
				emit([]byte(Mark))
			}
			s.covered, s.found = length, true
		}
		if s.covered > 0 {
			s.covered--
			clean = i + 1
		}
	}
	if clean < i {
		emit(data[clean:i])
	}
	return i
}

// Writer writes what it gets to w without secrets, however they are split over writes. Close writes what is held back:
// the end of what was written, where it could have been the beginning of a secret. It does not close w.
type Writer struct {
	w    io.Writer
	scan scan
	held []byte
	err  error
}

// Writer makes a Writer. It is for one goroutine.
func (r *Redactor) Writer(w io.Writer) *Writer {
	if r == nil {
		r = &Redactor{}
	}
	return &Writer{w: w, scan: scan{Redactor: r}}
}

// Write takes all of p, unless w failed.
func (w *Writer) Write(p []byte) (int, error) {
	if w.pass(p, false); w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// Close writes what is held back.
func (w *Writer) Close() error {
	w.pass(nil, true)
	return w.err
}

func (w *Writer) pass(p []byte, last bool) {
	data := p
	if len(w.held) > 0 {
		data = append(w.held, p...)
	}
	n := w.scan.run(data, last, func(part []byte) {
		if len(part) > 0 && w.err == nil {
			_, w.err = w.w.Write(part)
		}
	})
	w.held = append([]byte(nil), data[n:]...)
}

package codec_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/flue-run/flue/sandbox/virtual/commands/codec"
	"github.com/flue-run/flue/sandbox/virtual/limits"
)

// readLimit is where a test stops reading what may expand without end.
const readLimit = 1 << 18

func budget(t testing.TB) *limits.Budget {
	b := limits.New(t.Context(), limits.Limits{LiveBytes: 64 << 20})
	t.Cleanup(b.End)
	return b
}

func pack(t testing.TB, f *codec.Format, data []byte, level, size int) []byte {
	t.Helper()
	b := budget(t)
	var out bytes.Buffer
	w, err := f.NewWriter(b, &out, level, size)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Held() != 0 {
		t.Errorf("%s: %d bytes are held after writing", f.Name, b.Held())
	}
	return out.Bytes()
}

func unpack(t testing.TB, f *codec.Format, packed []byte) ([]byte, error) {
	b := budget(t)
	r, err := f.NewReader(b, bufio.NewReader(bytes.NewReader(packed)))
	if err == nil {
		var data []byte
		data, err = io.ReadAll(io.LimitReader(r, readLimit))
		r.Close()
		if b.Held() != 0 {
			t.Errorf("%s: %d bytes are held after reading", f.Name, b.Held())
		}
		return data, err
	}
	return nil, err
}

// written are the formats that are not only read.
var written = slices.DeleteFunc(slices.Clone(codec.All), func(f *codec.Format) bool { return f == codec.Compress })

// compressed writes data as compress(1) does, which begins no new table.
func compressed(data []byte) []byte {
	out := []byte{0x1f, 0x9d, 0x80 | 12}
	table := map[string]int{}
	for i := range 256 {
		table[string([]byte{byte(i)})] = i
	}
	next, bits := 257, 9
	var group []byte
	at := 0
	flush := func() {
		if at > 0 {
			out = append(out, group...)
		}
		group, at = nil, 0
	}
	put := func(code int) {
		for i := range bits {
			if (at+i)/8 == len(group) {
				group = append(group, 0)
			}
			group[(at+i)/8] |= byte(code>>i&1) << ((at + i) % 8)
		}
		if at += bits; at == 8*bits {
			flush()
		}
	}
	prefix := ""
	for _, c := range data {
		if _, known := table[prefix+string([]byte{c})]; known {
			prefix += string([]byte{c})
			continue
		}
		put(table[prefix])
		if next < 1<<12 {
			table[prefix+string([]byte{c})] = next
			if next++; next-1 > 1<<bits-1 && bits < 12 {
				for len(group) > 0 && len(group) < bits {
					group = append(group, 0)
				}
				flush()
				bits++
			}
		}
		prefix = string([]byte{c})
	}
	if prefix != "" {
		put(table[prefix])
	}
	flush()
	return out
}

// TestCompress reads what compress(1) writes, and does not take other data for it.
func TestCompress(t *testing.T) {
	noise := make([]byte, 20_000)
	rand.NewChaCha8([32]byte{}).Read(noise)
	for name, data := range map[string][]byte{"a byte": {7}, "text": []byte(strings.Repeat("hello world ", 1000)), "zeros": make([]byte, 1<<16), "noise": noise} {
		packed := compressed(data)
		if got, err := unpack(t, codec.Compress, packed); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(data), err)
		}
	}
	// The program's own: "hi" and a newline.
	if got, err := unpack(t, codec.Compress, []byte("\x1f\x9d\x90\x68\xd2\x28\x00")); err != nil || string(got) != "hi\n" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := unpack(t, codec.Compress, []byte("\x1f\x9d\x90\xff\xff\xff")); !errors.Is(err, codec.ErrCorrupt) {
		t.Errorf("a code without a meaning: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	random := make([]byte, 100_000)
	rand.NewChaCha8([32]byte{}).Read(random)
	for name, data := range map[string][]byte{"nothing": nil, "a byte": {7}, "text": []byte(strings.Repeat("hello world ", 1000)), "zeros": make([]byte, 1<<18), "random": random} {
		for _, f := range written {
			for level, size := range map[int]int{0: -1, 1: len(data), 9: len(data)} {
				packed := pack(t, f, data, level, size)
				if got := codec.Detect(bufio.NewReader(bytes.NewReader(packed))); got != f {
					t.Errorf("%s, %s: found out to be %v", name, f.Name, got)
				}
				if got, err := unpack(t, f, packed); err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s, %s, level %d: %d bytes, %v", name, f.Name, level, len(got), err)
				}
			}
		}
	}
}

// TestDamage changes and cuts what is compressed: each reader says so, and none returns other data as right.
func TestDamage(t *testing.T) {
	data := []byte(strings.Repeat("some text that compresses, ", 20))
	for _, f := range written {
		packed := pack(t, f, data, 0, len(data))
		for i := range packed {
			cut, err := unpack(t, f, packed[:i])
			if err == nil && len(cut) == len(data) && f != codec.Bzip2 {
				t.Errorf("%s: cut after %d of %d bytes, and nothing is wrong", f.Name, i, len(packed))
			}
			changed := bytes.Clone(packed)
			changed[i] ^= 0x10
			if got, err := unpack(t, f, changed); err == nil && !bytes.Equal(got, data) && f != codec.Lzma && len(got) < readLimit {
				t.Errorf("%s: byte %d of %d was changed, and %d bytes are read without an error", f.Name, i, len(packed), len(got))
			}
		}
		if _, err := unpack(t, f, append(bytes.Clone(packed), "garbage"...)); f != codec.Lzma && !errors.Is(err, codec.ErrTrailer) {
			t.Errorf("%s: after garbage: %v", f.Name, err)
		}
		if _, err := unpack(t, f, []byte("no such format")); !errors.Is(err, codec.ErrFormat) {
			t.Errorf("%s: %v", f.Name, err)
		}
		if _, err := unpack(t, f, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: empty: %v", f.Name, err)
		}
	}
}

// TestMemory reads headers that ask for more memory than there is.
func TestMemory(t *testing.T) {
	lzma := append([]byte{0x5d, 0, 0, 0, 0x40}, bytes.Repeat([]byte{0xff}, 8)...)                // a dictionary of 1 GiB
	xz := "\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x24\x00\x00\x00\x5e\x1f\xc7\xf9" // of 1 GiB, too
	zstd := "\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00"                                               // a window of 1 GiB
	for f, header := range map[*codec.Format]string{codec.Lzma: string(lzma), codec.Xz: xz, codec.Zstd: zstd} {
		_, err := unpack(t, f, []byte(header+strings.Repeat("x", 1<<13)))
		var struck *limits.Exceeded
		if !(errors.As(err, &struck) && struck.Name == "live-bytes") && !(f == codec.Zstd && errors.Is(err, codec.ErrCorrupt)) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func FuzzReaders(f *testing.F) {
	f.Add(compressed([]byte("hello hello hello")))
	for _, format := range written {
		f.Add(pack(f, format, []byte("hello hello hello"), 0, 17))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range codec.All {
			unpack(t, format, data)
		}
	})
}

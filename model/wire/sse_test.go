package wire

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var streams = []struct {
	name, in string
	want     []string
}{
	{"events", "data: a\n\ndata: b\n\n", []string{"a", "b"}},
	{"empty", "", nil},
	{"comments and empty events", ": keep-alive\n\ndata:\n\ndata\n\n:\ndata: a\n\n\n\n", []string{"a"}},
	{"carriage returns", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
	{"several lines", "data: {\ndata: }\n\n", []string{"{\n}"}},
	{"an empty first line", "data:\ndata: x\n\n", []string{"\nx"}},
	{"no blank line at the end", "data: a\n\ndata: b\n", []string{"a", "b"}},
	{"no line feed at the end", "data: a\n\ndata: b", []string{"a", "b"}},
	{"only a comment at the end", "data: a\n\n: bye", []string{"a"}},
	{"other fields", "event: x\nid: 1\nretry: 5\ndata: a\n\nevent: y\n\n", []string{"a"}},
	{"no space", "data:a\n\ndata:  b\n\n", []string{"a", " b"}},
	{"names that begin alike", "database: x\n\ndata : y\n\n", nil},
	{"byte order mark", "\xef\xbb\xbfdata: a\n\n", []string{"a"}},
	{"a line longer than the buffer", "data: " + strings.Repeat("x", 40<<10) + "\n\ndata: y\n\n",
		[]string{strings.Repeat("x", 40<<10), "y"}},
}

func readAll(r io.Reader) (events []string, err error) {
	e := newEventReader(r)
	for {
		data, err := e.next()
		if err != nil {
			return events, err
		}
		events = append(events, string(data))
	}
}

func TestEvents(t *testing.T) {
	for _, tt := range streams {
		t.Run(tt.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{
				"whole": strings.NewReader(tt.in), "bytes": iotest.OneByteReader(strings.NewReader(tt.in)),
			} {
				got, err := readAll(r)
				if err != io.EOF || !slices.Equal(got, tt.want) {
					t.Errorf("%s: got %q, %v, want %q", name, got, err, tt.want)
				}
			}
		})
	}
}

func TestEventTooLong(t *testing.T) {
	line := "data: " + strings.Repeat("x", 1<<20)
	for name, in := range map[string]string{
		"line": "data: " + strings.Repeat("x", maxEvent+1), "lines": strings.Repeat(line+"\n", 17),
	} {
		if got, err := readAll(strings.NewReader(in)); err != errTooLong {
			t.Errorf("%s: got %d events, %v", name, len(got), err)
		}
	}
}

func TestBrokenStreamKeepsNoHalfEvent(t *testing.T) {
	r := io.MultiReader(strings.NewReader("data: a\n\ndata: b"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if got, err := readAll(r); err != io.ErrUnexpectedEOF || !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzEvents(f *testing.F) {
	for _, tt := range streams {
		f.Add([]byte(tt.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := readAll(bytes.NewReader(in))
		if err != io.EOF {
			t.Fatalf("got %v", err)
		}
		for _, e := range got {
			if e == "" || strings.Count(e, "\n") > bytes.Count(in, []byte("\n")) {
				t.Fatalf("event %q out of %q", e, in)
			}
		}
		slow, _ := readAll(iotest.OneByteReader(bytes.NewReader(in)))
		if !slices.Equal(got, slow) {
			t.Fatalf("%q read at once, %q byte by byte", got, slow)
		}
	})
}

package daytona

import (
	"bytes"
	"strings"
	"testing"
)

const seedLog = "\x01\x01\x01o aGkK\n\x02\x02\x02e b29wcwo=\n\x01\x01\x01x 3\n\x02\x02\x02x\n"

// FuzzOutput: a log comes to the same in whatever parts it is received, also when the connection is made again.
func FuzzOutput(f *testing.F) {
	f.Add([]byte(seedLog), 3)
	f.Add([]byte("o aG\x01\x02e \nx y\nx\n\x02x"), 1)
	f.Fuzz(func(t *testing.T, log []byte, at int) {
		if at < 0 || at > len(log) {
			return
		}
		read := func(parts ...[]byte) (string, *output) {
			var stdout, stderr bytes.Buffer
			o := &output{stdout: &stdout, stderr: &stderr}
			s := &skipping{to: o}
			for _, part := range parts {
				s.begin()
				if _, err := s.Write(part); err != nil {
					t.Fatal(err)
				}
			}
			return stdout.String() + "|" + stderr.String(), o
		}
		whole, o := read(log)
		again, p := read(log[:at], log)
		if whole != again || o.status != p.status || o.ended() != p.ended() {
			t.Errorf("whole: %q %+v; in parts: %q %+v", whole, o, again, p)
		}
	})
}

func TestOutput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	o := &output{stdout: &stdout, stderr: &stderr}
	for i := range seedLog {
		if _, err := o.Write([]byte(seedLog[i : i+1])); err != nil {
			t.Fatal(err)
		}
		if o.ended() != (i == len(seedLog)-1) {
			t.Errorf("after %d bytes: ended %t", i+1, o.ended())
		}
	}
	if stdout.String() != "hi\n" || stderr.String() != "oops\n" || o.status != 3 {
		t.Errorf("%q, %q, %d", &stdout, &stderr, o.status)
	}
}

// FuzzParseStat: what is taken for a name has no more in it than stat wrote.
func FuzzParseStat(f *testing.F) {
	f.Add("81a4 12 1767225600 ./a b")
	f.Add("a1ff 3 -5 ./new\nline")
	f.Fuzz(func(t *testing.T, entry string) {
		one, ok := parseStat(entry)
		if ok && !strings.HasSuffix(entry, " ./"+one.Name()) {
			t.Errorf("%q gave %q", entry, one.Name())
		}
	})
}

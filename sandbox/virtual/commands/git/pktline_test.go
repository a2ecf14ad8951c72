package git

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzLines: what is written is read, and what is read from anything is no longer than it.
func FuzzLines(f *testing.F) {
	f.Add("want 1234\n", []byte("0008text0000"))
	f.Add("", []byte("0004000100020003"))
	f.Fuzz(func(t *testing.T, line string, raw []byte) {
		if len(line) <= maxLine-4 && !strings.HasPrefix(line, "ERR ") {
			in := &packets{r: bytes.NewReader(append(appendLine(nil, "%s", line), "0000"...))}
			if got, m, err := in.next(); string(got) != line || m != isText || err != nil {
				t.Errorf("%q became %q, %d, %v", line, got, m, err)
			}
			if _, m, err := in.next(); m != isFlush || err != nil {
				t.Errorf("behind it %d, %v", m, err)
			}
		}
		in, total := &packets{r: bytes.NewReader(raw)}, 0
		for {
			got, _, err := in.next()
			if err != nil {
				break
			}
			if total += len(got); total > len(raw) {
				t.Fatalf("%d bytes of %d", total, len(raw))
			}
		}
	})
}

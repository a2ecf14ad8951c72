package commands

import (
	"bufio"
	"bytes"
	"strconv"
)

// unhex writes what a hex dump stands for.
func unhex(out *bufio.Writer, data []byte, plain bool) {
	written := int64(0)
	for line := range bytes.Lines(data) {
		if !plain {
			head, rest, ok := bytes.Cut(line, []byte{':'})
			at, err := strconv.ParseInt(string(bytes.TrimSpace(head)), 16, 64)
			if !ok || err != nil {
				continue
			}
			for ; written < at && at < 1<<30; written++ {
				out.WriteByte(0)
			}
			line, _, _ = bytes.Cut(rest, []byte("  "))
		}
		high := -1
		for _, c := range line {
			var v int
			if c >= '0' && c <= '9' {
				v = int(c - '0')
			} else if lower := c | 0x20; lower >= 'a' && lower <= 'f' {
				v = int(lower-'a') + 10
			} else {
				continue
			}
			if high < 0 {
				high = v
				continue
			}
			out.WriteByte(byte(high<<4 | v))
			high = -1
			written++
		}
	}
}

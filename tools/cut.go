package tools

import (
	"bytes"
	"fmt"
	"strings"
)

// What one result holds at most of a file or of a command's output.
const (
	maxLines     = 2_000
	defaultLimit = 50 << 10 // bytes
)

func (e Env) limit() int {
	if e.Limit > 0 {
		return e.Limit
	}
	return defaultLimit
}

// window collects whole lines until a limit is reached.
type window struct {
	text  strings.Builder
	lines int
	limit int
	full  bool
}

// add takes a line, with its newline, and says whether it went in; after the first that did not, none does.
func (w *window) add(line []byte, most int) bool {
	if w.full || w.lines == most || w.text.Len()+len(line) > w.limit {
		w.full = true
		return false
	}
	w.text.Write(line)
	w.lines++
	return true
}

// tail is the end of text that fits, in whole lines, and how many lines and bytes were left out before it.
func tail(text string, limit int) (kept string, lines, size int) {
	if len(text) <= limit && lineCount(text) <= maxLines {
		return text, 0, 0
	}
	from, taken := len(text), 0
	for from > 0 && taken < maxLines {
		start := strings.LastIndexByte(text[:from-1], '\n') + 1
		if len(text)-start > limit {
			break
		}
		from = start
		taken++
	}
	return text[from:], strings.Count(text[:from], "\n"), from
}

func lineCount(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

// isBinary says whether the beginning of a file is not text.
func isBinary(head []byte) bool { return bytes.IndexByte(head, 0) >= 0 }

// valid makes text UTF-8, as every message must be.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// bytesText is a size as people write it.
func bytesText(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// count is "1 line" or "3 lines".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

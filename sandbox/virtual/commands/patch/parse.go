package patch

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// fileDiff is the part of a patch that is for one file.
type fileDiff struct {
	old, new string
	hunks    []*hunk
	line     int // of the patch where it begins
}

// hunk is a change with its context. Lines keep their newline; one that has none in the file has none here.
type hunk struct {
	oldStart, oldCount, newStart, newCount int
	lines                                  []hunkLine
}

type hunkLine struct {
	kind byte // ' ', '-', '+'
	text string
}

func (d *fileDiff) reverse() {
	d.old, d.new = d.new, d.old
	for _, h := range d.hunks {
		h.oldStart, h.newStart = h.newStart, h.oldStart
		h.oldCount, h.newCount = h.newCount, h.oldCount
		for i := range h.lines {
			switch h.lines[i].kind {
			case '-':
				h.lines[i].kind = '+'
			case '+':
				h.lines[i].kind = '-'
			}
		}
	}
}

// side is the lines of the old ('-') or the new ('+') file.
func (h *hunk) side(kind byte) (lines []string) {
	for _, l := range h.lines {
		if l.kind == ' ' || l.kind == kind {
			lines = append(lines, l.text)
		}
	}
	return lines
}

// text writes the hunk as in a unified diff.
func (h *hunk) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n", h.oldStart, h.oldCount, h.newStart, h.newCount)
	for _, l := range h.lines {
		b.WriteString(string(l.kind) + l.text)
		if !strings.HasSuffix(l.text, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
	return b.String()
}

var (
	unifiedHead = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)
	normalHead  = regexp.MustCompile(`^(\d+)(?:,(\d+))?([acd])(\d+)(?:,(\d+))?\s*$`)
)

// parse reads all diffs of a patch; what is between them is ignored.
func parse(text string) (files []*fileDiff, err error) {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	var current *fileDiff
	for i := 0; i < len(lines); {
		l := lines[i]
		switch {
		case strings.HasPrefix(l, "--- ") && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "+++ "):
			current = &fileDiff{old: fileName(l), new: fileName(lines[i+1]), line: i + 1}
			files = append(files, current)
			i += 2
		case strings.HasPrefix(l, "*** ") && i+2 < len(lines) && strings.HasPrefix(lines[i+1], "--- ") && strings.HasPrefix(lines[i+2], contextHead):
			current = &fileDiff{old: fileName(l), new: fileName(lines[i+1]), line: i + 1}
			files = append(files, current)
			i += 2
		case strings.HasPrefix(l, contextHead) && current != nil:
			var h *hunk
			if h, i, err = contextHunk(lines, i); err != nil {
				return nil, err
			}
			current.hunks = append(current.hunks, h)
		case unifiedHead.MatchString(l):
			if current == nil {
				current = &fileDiff{line: i + 1}
				files = append(files, current)
			}
			var h *hunk
			if h, i, err = unified(lines, i); err != nil {
				return nil, err
			}
			current.hunks = append(current.hunks, h)
		case normalHead.MatchString(l):
			if current == nil || current.old != "" {
				current = &fileDiff{line: i + 1}
				files = append(files, current)
			}
			var h *hunk
			h, i = normal(lines, i)
			current.hunks = append(current.hunks, h)
		default:
			if strings.HasPrefix(l, "diff ") {
				current = nil
			}
			i++
		}
	}
	kept := files[:0]
	for _, f := range files {
		if len(f.hunks) > 0 {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// fileName is the name in a header line, without the time.
func fileName(l string) string {
	name := strings.TrimRight(l[4:], "\r\n")
	name, _, _ = strings.Cut(name, "\t")
	return strings.TrimSpace(name)
}

func atoi(s string, missing int) int {
	if s == "" {
		return missing
	}
	n, _ := strconv.Atoi(s)
	return n
}

func unified(lines []string, i int) (*hunk, int, error) {
	m := unifiedHead.FindStringSubmatch(lines[i])
	h := &hunk{oldStart: atoi(m[1], 0), oldCount: atoi(m[2], 1), newStart: atoi(m[3], 0), newCount: atoi(m[4], 1)}
	old, added := h.oldCount, h.newCount
	for i++; old > 0 || added > 0; i++ {
		if i >= len(lines) {
			return nil, i, fmt.Errorf("unexpected end of file in patch")
		}
		l := lines[i]
		kind := l[0]
		switch {
		case kind == '\\':
			h.withoutNewline()
			continue
		case l == "\n" || l == "\r\n": // a context line that lost its blank
			kind, l = ' ', " "+l
		case kind != ' ' && kind != '-' && kind != '+':
			return nil, i, fmt.Errorf("malformed patch at line %d: %s", i+1, strings.TrimRight(l, "\n"))
		}
		if kind != '+' {
			old--
		}
		if kind != '-' {
			added--
		}
		h.lines = append(h.lines, hunkLine{kind, l[1:]})
	}
	if i < len(lines) && strings.HasPrefix(lines[i], `\`) {
		h.withoutNewline()
		i++
	}
	return h, i, nil
}

// withoutNewline takes the newline off the last line.
func (h *hunk) withoutNewline() {
	if n := len(h.lines); n > 0 {
		h.lines[n-1].text = strings.TrimSuffix(h.lines[n-1].text, "\n")
	}
}

func normal(lines []string, i int) (*hunk, int) {
	m := normalHead.FindStringSubmatch(lines[i])
	h := &hunk{oldStart: atoi(m[1], 0), newStart: atoi(m[4], 0)}
	for i++; i < len(lines); i++ {
		switch l := lines[i]; {
		case strings.HasPrefix(l, "< "):
			h.lines = append(h.lines, hunkLine{'-', l[2:]})
			h.oldCount++
		case strings.HasPrefix(l, "> "):
			h.lines = append(h.lines, hunkLine{'+', l[2:]})
			h.newCount++
		case strings.HasPrefix(l, `\`):
			h.withoutNewline()
		case l != "---\n":
			return h, i
		}
	}
	return h, i
}

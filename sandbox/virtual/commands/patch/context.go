package patch

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	contextOld = regexp.MustCompile(`^\*\*\* (\d+)(?:,(\d+))? \*\*\*\*\s*$`)
	contextNew = regexp.MustCompile(`^--- (\d+)(?:,(\d+))? ----\s*$`)
)

const contextHead = "***************"

// contextHunk reads the hunk of a context diff whose head is at i: the lines of the old file, then those of the new one. A
// side without changes may be left out.
func contextHunk(lines []string, i int) (*hunk, int, error) {
	h := &hunk{}
	i++
	if i >= len(lines) || !contextOld.MatchString(lines[i]) {
		return nil, i, fmt.Errorf("malformed patch at line %d: the lines of the old file are missing", i+1)
	}
	h.oldStart = atoi(contextOld.FindStringSubmatch(lines[i])[1], 0)
	old, i := contextSide(lines, i+1, "-!")
	if i >= len(lines) || !contextNew.MatchString(lines[i]) {
		return nil, i, fmt.Errorf("malformed patch at line %d: the lines of the new file are missing", i+1)
	}
	h.newStart = atoi(contextNew.FindStringSubmatch(lines[i])[1], 0)
	added, i := contextSide(lines, i+1, "+!")
	if len(old) == 0 {
		old = only(added, ' ')
	}
	if len(added) == 0 {
		added = only(old, ' ')
	}
	for len(old) > 0 || len(added) > 0 {
		switch {
		case len(old) > 0 && old[0].kind != ' ':
			h.lines, old = append(h.lines, hunkLine{'-', old[0].text}), old[1:]
			h.oldCount++
		case len(added) > 0 && added[0].kind != ' ':
			h.lines, added = append(h.lines, hunkLine{'+', added[0].text}), added[1:]
			h.newCount++
		case len(old) == 0 || len(added) == 0 || old[0].text != added[0].text:
			return nil, i, fmt.Errorf("malformed patch at line %d: the context of the two sides differs", i)
		default:
			h.lines, old, added = append(h.lines, old[0]), old[1:], added[1:]
			h.oldCount++
			h.newCount++
		}
	}
	return h, i, nil
}

// contextSide reads lines that begin with a blank or a mark, and a blank.
func contextSide(lines []string, i int, marks string) (side []hunkLine, next int) {
	for ; i < len(lines); i++ {
		l := lines[i]
		switch {
		case len(l) > 1 && (l[0] == ' ' || strings.IndexByte(marks, l[0]) >= 0) && l[1] == ' ':
			side = append(side, hunkLine{l[0], l[2:]})
		case l[0] == '\\' && len(side) > 0:
			last := &side[len(side)-1]
			last.text = strings.TrimSuffix(last.text, "\n")
		default:
			return side, i
		}
	}
	return side, i
}

func only(lines []hunkLine, kind byte) (some []hunkLine) {
	for _, l := range lines {
		if l.kind == kind {
			some = append(some, l)
		}
	}
	return some
}

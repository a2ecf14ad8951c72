package jq

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// match is one match of a regular expression. Offsets and lengths count characters; -1 is a group that took no part.
type match struct {
	start, length int
	text          string
	groups        []group
	from, to      int // bytes
}

type group struct {
	name          any
	start, length int
	text          any
}

// search finds matches with the linear-time engine, or with the backtracking one what only that can express.
func (m *machine) search(pattern, mode, s string, global bool) ([]match, error) {
	limit := 1
	if global {
		limit = -1
	}
	prefix := ""
	if mode := strings.ReplaceAll(mode, "x", ""); mode != "" {
		prefix = "(?" + mode + ")"
	}
	if re := m.compiled(prefix + pattern); re != nil && !strings.Contains(mode, "x") {
		var found []match
		names := re.SubexpNames()
		at := position{s: s}
		for _, loc := range re.FindAllStringSubmatchIndex(s, limit) {
			f := match{from: loc[0], to: loc[1], start: at.runes(loc[0]), text: s[loc[0]:loc[1]]}
			f.length = utf8.RuneCountInString(f.text)
			for g := 1; g < len(names); g++ {
				out := group{start: -1}
				if names[g] != "" {
					out.name = names[g]
				}
				if a, b := loc[2*g], loc[2*g+1]; a >= 0 {
					out.text, out.length = s[a:b], utf8.RuneCountInString(s[a:b])
					out.start = utf8.RuneCountInString(s[:a])
				}
				f.groups = append(f.groups, out)
			}
			found = append(found, f)
		}
		return found, nil
	}
	return backtrack(pattern, mode, s, limit)
}

// maxPatterns is how many compiled patterns a program keeps.
const maxPatterns = 64

// compiled is a pattern for the linear-time engine, or nil where that cannot express it.
func (m *machine) compiled(pattern string) *regexp.Regexp {
	re, ok := m.patterns[pattern]
	if !ok {
		re, _ = regexp.Compile(pattern)
		if len(m.patterns) == maxPatterns {
			clear(m.patterns)
		}
		m.patterns[pattern] = re
	}
	return re
}

// position converts rising byte offsets to character offsets.
type position struct {
	s         string
	byte, run int
}

func (p *position) runes(at int) int {
	p.run += utf8.RuneCountInString(p.s[p.byte:at])
	p.byte = at
	return p.run
}

func backtrack(pattern, mode, s string, limit int) ([]match, error) {
	opts := regexp2.None
	for _, c := range mode {
		switch c {
		case 'i':
			opts |= regexp2.IgnoreCase
		case 'x':
			opts |= regexp2.IgnorePatternWhitespace
		case 's':
			opts |= regexp2.Singleline
		}
	}
	re, err := regexp2.Compile(pattern, opts, regexp2.OptionMaxBacktrackingStackSize(8<<20))
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = 2 * time.Second
	runes := []rune(s)
	var found []match
	bytes := func(n int) int { return len(string(runes[:n])) }
	x, err := re.FindRunesMatch(runes)
	for ; x != nil && limit != 0; x, err = re.FindNextMatch(x) {
		f := match{start: x.RuneIndex, length: x.RuneLength, text: x.String(), from: bytes(x.RuneIndex), to: bytes(x.RuneIndex + x.RuneLength)}
		for i, g := range x.Groups() {
			if i == 0 {
				continue
			}
			out := group{start: -1}
			if g.Name != "" && (g.Name[0] < '0' || g.Name[0] > '9') {
				out.name = g.Name
			}
			if len(g.Captures) > 0 {
				out.start, out.length, out.text = g.RuneIndex, g.RuneLength, g.String()
			}
			f.groups = append(f.groups, out)
		}
		found = append(found, f)
		limit--
	}
	return found, err
}

package regex

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Match says whether text contains a match.
func (re *Regexp) Match(text []byte) bool {
	switch {
	case re.literal != nil:
		return bytes.Contains(text, re.literal)
	case re.literals != nil && re.literals.knows(text):
		return re.literals.match(text)
	case len(re.must) > 0 && !bytes.Contains(text, re.must):
		return false
	case re.re != nil && (!re.bytes || isASCII(text)):
		if re.automatic(len(text)) {
			return matchDFA(re.dfa, text)
		}
		return re.re.Match(text)
	}
	return re.Find(text, 0) != nil
}

// MatchString is Match for a string.
func (re *Regexp) MatchString(text string) bool {
	switch {
	case re.literal != nil:
		return strings.Contains(text, string(re.literal))
	case re.literals != nil:
		return re.Match([]byte(text))
	case len(re.must) > 0 && !strings.Contains(text, string(re.must)):
		return false
	case re.re != nil && !re.bytes:
		if re.automatic(len(text)) {
			return matchDFA(re.dfa, text)
		}
		return re.re.MatchString(text)
	}
	return re.Find([]byte(text), 0) != nil
}

// Find returns the first match at or after from: the offsets of its begin and end, then those of its groups, -1 for a
// group that took no part; nil when there is none. What is before from counts for ^ and word boundaries. A from above
// zero must be for the same text as the call before. The result is valid until the next call.
func (re *Regexp) Find(text []byte, from int) []int {
	if re.literal != nil {
		i := bytes.Index(text[from:], re.literal)
		if i < 0 {
			return nil
		}
		re.literalAt = [2]int{from + i, from + i + len(re.literal)}
		return re.literalAt[:]
	}
	if re.literals != nil && re.literals.knows(text) {
		return re.literals.find(text, from)
	}
	if from == 0 && len(re.must) > 0 && !bytes.Contains(text, re.must) {
		return nil
	}
	var m []int
	switch {
	case re.back != nil:
		m = re.findBacktracking(text, from)
	case re.bytes && !re.onlyASCII(text, from):
		m = re.findBytes(text, from)
	default:
		m = re.find(text, from)
	}
	if m != nil && re.keep > 0 && m[2*re.keep] >= 0 {
		m[0] = m[2*re.keep]
	}
	return m
}

// automatic says whether dfa answers for a text of n bytes: it is made once there was enough text.
func (re *Regexp) automatic(n int) bool {
	if re.read < worthADFA {
		if re.read += n; re.read >= worthADFA {
			re.dfa = newDFA(re.re.String())
		}
	}
	return re.dfa != nil
}

func (re *Regexp) find(text []byte, from int) []int {
	shift := 0
	var m []int
	switch {
	case from == 0:
		if re.automatic(len(text)) && !matchDFA(re.dfa, text) {
			return nil
		}
		m = re.re.FindSubmatchIndex(text)
	case !re.context && !re.words:
		shift = from
		m = re.re.FindSubmatchIndex(text[from:])
	default:
		if re.after == nil {
			re.after = regexp.MustCompile(re.afterSource)
			if !re.perl {
				re.after.Longest()
			}
		}
		_, size := utf8.DecodeLastRune(text[:from])
		shift = from - size
		if m = re.after.FindSubmatchIndex(text[shift:]); m != nil && !re.words {
			_, size = utf8.DecodeRune(text[shift+m[0]:])
			m[0] += size
		}
	}
	if m != nil && re.words {
		m = m[2:]
	}
	if shift > 0 {
		for i := range m {
			if m[i] >= 0 {
				m[i] += shift
			}
		}
	}
	return m
}

func (re *Regexp) onlyASCII(text []byte, from int) bool {
	if from == 0 {
		re.ascii = isASCII(text)
	}
	return re.ascii
}

// findBytes matches with every byte of text made a rune of its own.
func (re *Regexp) findBytes(text []byte, from int) []int {
	if from == 0 {
		re.wide, re.offsets = re.wide[:0], re.offsets[:0]
		for i, c := range text {
			if c >= utf8.RuneSelf {
				re.offsets = append(re.offsets, i)
			}
			re.wide = utf8.AppendRune(re.wide, rune(c))
		}
	}
	wideFrom := from
	for _, o := range re.offsets {
		if o >= from {
			break
		}
		wideFrom++
	}
	m := re.find(re.wide, wideFrom)
	for i, o := range m {
		if o < 0 {
			continue
		}
		for k, at := range re.offsets {
			if at+k >= o {
				break
			}
			m[i]--
		}
	}
	return m
}

func (re *Regexp) findBacktracking(text []byte, from int) []int {
	if from == 0 {
		re.runes, re.offsets = re.runes[:0], re.offsets[:0]
		for i := 0; i < len(text); {
			r, size := rune(text[i]), 1
			if r >= utf8.RuneSelf && !re.bytes {
				if r, size = utf8.DecodeRune(text[i:]); size == 1 {
					r = 0xDC00 + rune(text[i])
				}
			}
			re.runes = append(re.runes, r)
			re.offsets = append(re.offsets, i)
			i += size
		}
		re.offsets = append(re.offsets, len(text))
	}
	start := 0
	if from > 0 {
		for start = min(from, len(re.runes)); re.offsets[start] > from; start-- {
		}
	}
	found, err := re.back.FindRunesMatchStartingAt(re.runes, start)
	if err != nil {
		re.err = ErrTime
	}
	if found == nil {
		return nil
	}
	m := make([]int, 2*(re.groups+1))
	for i := range m {
		m[i] = -1
	}
	for i := 0; i <= re.groups; i++ {
		if g := found.GroupByNumber(i); g != nil && len(g.Captures) > 0 {
			m[2*i], m[2*i+1] = re.offsets[g.RuneIndex], re.offsets[g.RuneIndex+g.RuneLength]
		}
	}
	return m
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

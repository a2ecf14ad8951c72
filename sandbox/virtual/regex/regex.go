// Package regex is the regular expressions of the sandbox: POSIX basic and extended ones with GNU's extensions, awk's,
// and Perl's, for grep, sed, awk, find, expr and [[ =~ ]]. Start at Compile.
//
// A pattern is parsed here (parse.go), written again for Go's regexp, which matches leftmost-longest in linear time
// (emit.go), and, when it has back-references or look-arounds, for regexp2, which backtracks under a time limit. Whether
// there is a match at all, an automaton says faster (dfa.go).
package regex

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// Syntax is a language of patterns.
type Syntax int

// The languages.
const (
	BRE     Syntax = iota // grep, sed
	ERE                   // grep -E, sed -E, [[ =~ ]]
	Awk                   // ERE with awk's escapes, in brackets too
	Perl                  // grep -P
	Literal               // grep -F
)

// Flags change how a pattern is read or matched.
type Flags int

// The flags.
const (
	IgnoreCase Flags = 1 << iota
	Multiline        // ^ and $ match at newlines as well
	Escapes          // \n \t \xHH \dNNN \oNNN \cX stand for characters: sed
	Strict           // a misplaced operator is an error and not a literal: sed, [[ =~ ]]
	Bytes            // every byte is a character: LC_ALL=C
	Words            // what matches must have no word character before or behind it: grep -w
	Lines            // the match must be the whole text: grep -x
)

// timeLimit bounds one match that backtracks.
const timeLimit = 2 * time.Second

// ErrTime is what Err returns after a match that backtracked for too long.
var ErrTime = errors.New("exceeded the time limit of backtracking")

// Regexp is a compiled pattern. It is for one goroutine at a time.
type Regexp struct {
	groups  int
	literal []byte // the whole pattern, when it is no more than that
	must    []byte // bytes that every match contains
	bytes   bool
	context bool // the pattern looks at what is before the match
	// Warnings are of what in the pattern is valid, but perhaps not what was meant.
	Warnings []string
	keep     int // group that marks Perl's \K, or 0

	perl        bool
	words       bool // group 1 of re and after is the match
	re          *regexp.Regexp
	after       *regexp.Regexp // matches one character and then the pattern; made from afterSource when needed
	afterSource string
	back        *regexp2.Regexp
	dfa         *dfa // says faster than re whether there is a match; nil before it is worth making
	read        int  // bytes of text before it was

	// Of the text of the last Find:
	ascii    bool // the text of the last Find is only ASCII
	wide     []byte
	runes    []rune
	offsets  []int
	err      error
	literal2 [2]int
}

// Compile reads a pattern. Its errors have the texts of GNU's regcomp.
func Compile(pattern string, syntax Syntax, flags Flags) (*Regexp, error) {
	return CompileAny([]string{pattern}, syntax, flags)
}

// maxSize is how many bytes all patterns may have: a program takes 170 times as much, and time to make.
const maxSize = 512 << 10

// CompileAny reads patterns of which any one has to match; Perl takes only one.
func CompileAny(patterns []string, syntax Syntax, flags Flags) (*Regexp, error) {
	re := &Regexp{bytes: flags&Bytes != 0}
	size := 0
	for _, pattern := range patterns {
		if size += len(pattern) + 1; size > maxSize {
			return nil, errTooBig
		}
		re.bytes = re.bytes || !utf8.ValidString(pattern)
	}
	if syntax == Perl {
		return re, re.compilePerl(patterns[0], flags)
	}
	tree := &node{kind: alternation}
	backrefs := false
	for _, pattern := range patterns {
		p := &parser{syntax: syntax, flags: flags, bytes: re.bytes, text: runesOf(pattern, re.bytes), base: re.groups}
		n, err := p.parse()
		if err != nil {
			return nil, err
		}
		tree.sub = append(tree.sub, n)
		re.Warnings = append(re.Warnings, p.warnings...)
		re.groups += p.groups
		re.context = re.context || p.context
		backrefs = backrefs || p.backrefs
	}
	if len(tree.sub) == 1 {
		tree = tree.sub[0]
	}
	if flags&Lines != 0 {
		tree = &node{kind: sequence, sub: []*node{{kind: textStart}, tree, {kind: textEnd}}}
		re.context = true
	}
	if flags&IgnoreCase == 0 {
		re.must = []byte(required(tree, re.bytes))
		if text, ok := plain(tree, re.bytes); ok && text != "" && flags&Words == 0 {
			re.literal = []byte(text)
			return re, nil
		}
	}
	if !backrefs {
		e := &emitter{flags: flags, bytes: re.bytes}
		source, ok := e.write(tree)
		re.after, re.words = nil, flags&Words != 0
		if ok {
			re.afterSource = "(?s:.)(?:" + source + ")"
			if re.words {
				word := classes["word"][0]
				if re.bytes {
					word = classes["word"][1]
				}
				end := "(" + source + `)(?:\z|[^` + word + `])`
				source, re.afterSource = `(?:\A|[^`+word+`])`+end, "[^"+word+"]"+end
			}
			var err error
			if re.re, err = regexp.Compile(source); err != nil {
				return nil, errTooBig
			}
			re.re.Longest()
			return re, nil
		}
	}
	e := &emitter{flags: flags, bytes: re.bytes, lookaround: true}
	source, _ := e.write(tree)
	if flags&Words != 0 {
		source = wordPattern(source)
	}
	return re, re.compileBacktracking(source)
}

func wordPattern(source string) string { return `(?<!\w)(?:` + source + `)(?!\w)` }

func (re *Regexp) compileBacktracking(source string) (err error) {
	if re.back, err = regexp2.Compile(source, regexp2.None, regexp2.OptionMaxBacktrackingStackSize(8<<20)); err != nil {
		return errors.New("Invalid regular expression")
	}
	re.back.MatchTimeout = timeLimit
	return nil
}

// Quote writes text so that it matches itself in every syntax but Literal.
func Quote(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(`\.[]*^$`, text[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// Groups is the number of groups in the pattern.
func (re *Regexp) Groups() int { return re.groups }

// Required is a text that is in every match, or empty where none is known: a fast way to leave lines out.
func (re *Regexp) Required() []byte { return re.must }

// IsLiteral says whether matching is the same as searching for Required.
func (re *Regexp) IsLiteral() bool { return re.literal != nil }

// Err is the error of a match that was given up; the match counted as none.
func (re *Regexp) Err() error { return re.err }

// Match says whether text contains a match.
func (re *Regexp) Match(text []byte) bool {
	switch {
	case re.literal != nil:
		return bytes.Contains(text, re.literal)
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
		re.literal2 = [2]int{from + i, from + i + len(re.literal)}
		return re.literal2[:]
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

// runesOf decodes a pattern; in bytes mode each byte is a rune.
func runesOf(s string, single bool) []rune {
	if !single {
		return []rune(s)
	}
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return r
}

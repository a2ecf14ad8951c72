// Package regex is the regular expressions of the sandbox: POSIX basic and extended ones with GNU's extensions, awk's,
// and Perl's, for grep, sed, awk, find, expr and [[ =~ ]]. Start at Compile.
//
// A pattern is parsed here (parse.go; perl.go for Perl's), written again for Go's regexp, which matches leftmost-longest in
// linear time (emit.go), and, when it has back-references or look-arounds, for regexp2, which backtracks under a time
// limit. find.go looks for matches; whether there is one at all, an automaton says faster (dfa.go).
package regex

import (
	"errors"
	"regexp"
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

	literals    *literals // the whole pattern, when it is texts of which any has to match
	perl        bool
	words       bool // group 1 of re and after is the match
	re          *regexp.Regexp
	after       *regexp.Regexp // matches one character and then the pattern; made from afterSource when needed
	afterSource string
	back        *regexp2.Regexp
	dfa         *dfa // says faster than re whether there is a match; nil before it is worth making
	read        int  // bytes of text before it was

	// Of the text of the last Find:
	ascii     bool // it is only ASCII
	wide      []byte
	runes     []rune
	offsets   []int
	err       error
	literalAt [2]int
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
		size += len(pattern) + 1
		re.bytes = re.bytes || !utf8.ValidString(pattern)
	}
	if syntax == Literal && len(patterns) > 1 && size <= maxLiterals && flags&IgnoreCase == 0 {
		if re.literals = newLiterals(patterns, flags, re.bytes); re.literals != nil {
			return re, nil
		}
	}
	if size > maxSize {
		return nil, errTooBig
	}
	if syntax == Perl {
		return re, re.compilePerl(patterns[0], flags)
	}
	patterns = unique(patterns)
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
	if texts := alternatives(tree, re.bytes); len(texts) > 1 {
		if re.literals = newLiterals(texts, flags, re.bytes); re.literals != nil && flags&IgnoreCase == 0 {
			return re, nil // else there are texts of which they do not know
		}
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
		if source, ok := e.write(tree); ok {
			re.words = flags&Words != 0
			return re, re.compileLinear(source)
		}
	}
	e := &emitter{flags: flags, bytes: re.bytes, lookaround: true}
	source, _ := e.write(tree)
	if flags&Words != 0 {
		source = wordPattern(source)
	}
	return re, re.compileBacktracking(source)
}

func unique(patterns []string) []string {
	seen := map[string]bool{}
	var list []string
	for _, p := range patterns {
		if !seen[p] {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list
}

// compileLinear compiles a pattern for Go's regexp.
func (re *Regexp) compileLinear(source string) (err error) {
	re.afterSource = "(?s:.)(?:" + source + ")"
	if re.words {
		word := classes["word"][0]
		if re.bytes {
			word = classes["word"][1]
		}
		end := "(" + source + `)(?:\z|[^` + word + `])`
		source, re.afterSource = `(?:\A|[^`+word+`])`+end, "[^"+word+"]"+end
	}
	if re.re, err = regexp.Compile(source); err != nil {
		return errTooBig
	}
	re.re.Longest()
	return nil
}

// wordPattern is a pattern for regexp2 that has no word character before or behind what it matches.
func wordPattern(source string) string { return `(?<!\w)(?:` + source + `)(?!\w)` }

func (re *Regexp) compileBacktracking(source string) (err error) {
	if re.back, err = regexp2.Compile(source, regexp2.None, regexp2.OptionMaxBacktrackingStackSize(8<<20)); err != nil {
		return errors.New("Invalid regular expression")
	}
	re.back.MatchTimeout = timeLimit
	return nil
}

// Groups is the number of groups in the pattern.
func (re *Regexp) Groups() int { return re.groups }

// Required is a text that is in every match, or empty where none is known: a fast way to leave lines out.
func (re *Regexp) Required() []byte { return re.must }

// IsLiteral says whether matching is the same as searching for Required.
func (re *Regexp) IsLiteral() bool { return re.literal != nil }

// Err is the error of a match that was given up; the match counted as none.
func (re *Regexp) Err() error { return re.err }

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

// Package grammar says which arguments an agent may pass to a privileged command: the lines of `args`, the patterns of
// `match` and the words of `deny`. Start at Parse, which makes Rules; Rules.Check judges one call.
package grammar

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Bounds of one call, in bytes. MaxArg is also that of a placeholder's text.
const (
	MaxArg  = 64 << 10
	MaxArgs = 1 << 20
	maxNest = 16   // groups within groups
	maxLine = 8192 // bytes of a line
)

// Source is what a command file says of arguments.
type Source struct {
	Any   bool     // args: any; Lines is empty then
	Lines []string // a call must match one
	Match map[string]string
	Deny  []string
}

// Rules judge calls. They do not change and may be used from several goroutines.
type Rules struct {
	any   bool
	lines []*line
	deny  []string
}

// Error is a mistake in a command's rules.
type Error struct {
	Line int // index in Lines; -1: in Match or Deny
	Name string
	Text string
}

func (e *Error) Error() string {
	switch {
	case e.Line >= 0:
		return fmt.Sprintf("args, line %d: %s", e.Line+1, e.Text)
	case e.Name != "":
		return fmt.Sprintf("match.%s: %s", e.Name, e.Text)
	}
	return "deny: " + e.Text
}

// Parse reads a command's rules. The first mistake is an *Error.
func Parse(s Source) (*Rules, error) {
	r := &Rules{any: s.Any, deny: s.Deny}
	patterns := map[string]*regexp.Regexp{}
	for name, pattern := range s.Match {
		// Parsed alone first: a pattern must not close the group that makes it match whole texts, nor leave a \Q open in it.
		alone, err := syntax.Parse(pattern, syntax.Perl)
		if err == nil {
			patterns[name], err = regexp.Compile(`\A(?:` + alone.String() + `)\z`)
		}
		if err != nil {
			return nil, &Error{-1, name, fmt.Sprintf("not a regular expression: %v", err)}
		}
	}
	used := map[string]bool{}
	for i, text := range s.Lines {
		l, err := parseLine(text, s.Match, patterns)
		if err != nil {
			return nil, &Error{Line: i, Text: err.Error()}
		}
		for _, n := range l.nodes {
			used[n.name] = true
		}
		r.lines = append(r.lines, l)
	}
	for name := range s.Match {
		if !used[name] && !s.Any {
			return nil, &Error{-1, name, fmt.Sprintf("no line of args has a placeholder {%s}", name)}
		}
	}
	if slices.Contains(s.Deny, "") {
		return nil, &Error{Line: -1, Text: "an empty word denies nothing"}
	}
	return r, nil
}

// line is one form that a call may have: a graph whose paths from node 0 to the end are the allowed calls.
type line struct {
	text  string
	nodes []node
}

// node takes one argument, or none where it is a fork.
type node struct {
	kind           kind
	literal        string // of a word
	name           string // of a placeholder
	prefix, suffix string // of the word that holds the placeholder
	pattern        *regexp.Regexp
	source         string // of pattern
	dash           bool   // the pattern itself begins with -, so that a value may
	next, other    int    // other: where a fork leads besides
}

type kind int

const (
	word kind = iota
	placeholder
	fork // goes on at next or at other, without taking an argument
	end
)

// parseLine reads "issue view {number} [--json {fields}]".
func parseLine(text string, sources map[string]string, patterns map[string]*regexp.Regexp) (*line, error) {
	if len(text) > maxLine {
		return nil, fmt.Errorf("longer than %d bytes", maxLine)
	}
	l := &line{text: strings.Join(strings.Fields(text), " ")}
	var open []int // the forks of groups that are open
	for _, field := range strings.Fields(text) {
		if strings.ContainsFunc(field, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return nil, fmt.Errorf("%q has a character that cannot be seen", field)
		}
		for strings.HasPrefix(field, "[") {
			if field = field[1:]; len(open) == maxNest {
				return nil, fmt.Errorf("more than %d groups within groups", maxNest)
			}
			open = append(open, l.add(node{kind: fork}))
		}
		closes := 0
		for strings.HasSuffix(field, "]") {
			field = field[:len(field)-1]
			closes++
		}
		if field != "" {
			if err := l.word(field, sources, patterns); err != nil {
				return nil, err
			}
		}
		for range closes {
			if len(open) == 0 {
				return nil, fmt.Errorf("a ] has no [ before it")
			}
			last := open[len(open)-1]
			if open = open[:len(open)-1]; last == len(l.nodes)-1 {
				return nil, fmt.Errorf("[] is empty")
			}
			l.nodes[last].other = len(l.nodes)
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("a [ is not closed")
	}
	l.nodes = append(l.nodes, node{kind: end})
	return l, nil
}

// add puts a node behind the ones there are.
func (l *line) add(n node) int {
	n.next = len(l.nodes) + 1
	l.nodes = append(l.nodes, n)
	return len(l.nodes) - 1
}

// word adds a word that stands for itself, or one with a placeholder.
func (l *line) word(field string, sources map[string]string, patterns map[string]*regexp.Regexp) error {
	field, repeated := strings.CutSuffix(field, "…")
	from, to := strings.IndexByte(field, '{'), strings.IndexByte(field, '}')
	switch {
	case strings.ContainsAny(field, "[]"):
		return fmt.Errorf("%q: a [ begins a word and a ] ends one", field)
	case strings.Contains(field, "…"):
		return fmt.Errorf("%q: … stands behind a placeholder", field)
	case from < 0 && to < 0 && repeated:
		return fmt.Errorf("%q: … repeats a placeholder, not a word", field)
	case from < 0 && to < 0:
		l.add(node{kind: word, literal: field})
		return nil
	case from < 0 || to < from || strings.ContainsAny(field[to+1:], "{}") || strings.ContainsAny(field[from+1:to], "{"):
		return fmt.Errorf("%q: write a placeholder as {name}, at most one in a word", field)
	case repeated && to != len(field)-1:
		return fmt.Errorf("%q: … stands behind a placeholder", field)
	}
	n := node{kind: placeholder, name: field[from+1 : to], prefix: field[:from], suffix: field[to+1:]}
	if !isName(n.name) {
		return fmt.Errorf("{%s}: a placeholder's name is letters, digits, _ and -", n.name)
	}
	n.pattern, n.source = patterns[n.name], sources[n.name]
	// "[a-z-]+" hardly means to let an option in: only a pattern that begins with a dash does.
	n.dash = strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(n.source, "^("), `\A`), `([?:\`), "-")
	at := l.add(n)
	if repeated {
		again := l.add(node{kind: fork})
		l.nodes[again].other = at
	}
	return nil
}

func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
}

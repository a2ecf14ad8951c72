package grammar

import (
	"fmt"
	"slices"
	"strings"
)

// Refusal is the rule that refused a call.
type Refusal struct{ Rule string }

func (r *Refusal) Error() string { return r.Rule }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// Check judges one call; args are without the command's name. An error is a *Refusal. It takes time in proportion to
// the lines' words times the arguments, whatever they hold.
func (r *Rules) Check(args []string) error {
	total := 0
	for i, arg := range args {
		total += len(arg) + 1
		switch {
		case strings.IndexByte(arg, 0) >= 0:
			return refuse("argument %d holds a NUL byte", i+1)
		case len(arg) > MaxArg:
			return refuse("argument %d has %d bytes; at most %d are allowed", i+1, len(arg), MaxArg)
		case total > MaxArgs:
			return refuse("the arguments have more than %d bytes together", MaxArgs)
		}
	}
	for _, arg := range args {
		for _, denied := range r.deny {
			if Denies(denied, arg) {
				return refuse("%s is denied (deny: %s)", shown(arg), denied)
			}
		}
	}
	if r.any {
		return nil
	}
	best, why := -1, ""
	for _, l := range r.lines {
		at, expected := l.match(args)
		if expected == "" {
			return nil
		}
		if at > best {
			best, why = at, fmt.Sprintf("%s (args: %s)", expected, l.text)
		}
	}
	if best > 0 {
		return refuse("%s", why)
	}
	allowed := make([]string, len(r.lines))
	for i, l := range r.lines {
		allowed[i] = "\n  " + l.text
	}
	return refuse("the arguments fit no line of args; allowed are:%s", strings.Join(allowed, ""))
}

// match follows all paths at once. It returns how many arguments fit and what was expected next, "" for a match.
func (l *line) match(args []string) (int, string) {
	seen := make([]bool, len(l.nodes))
	now := l.reach(nil, seen, 0)
	for i, arg := range args {
		var next []int
		var expected []string
		clear(seen)
		for _, at := range now {
			n := &l.nodes[at]
			if why := n.takes(arg); why != "" {
				expected = append(expected, why)
				continue
			}
			next = l.reach(next, seen, n.next)
		}
		if len(next) == 0 {
			return i, fmt.Sprintf("argument %d, %s: expected %s", i+1, shown(arg), strings.Join(slices.Compact(expected), " or "))
		}
		now = next
	}
	var expected []string
	for _, at := range now {
		n := &l.nodes[at]
		if n.kind == end {
			return len(args), ""
		}
		expected = append(expected, n.wants())
	}
	return len(args), fmt.Sprintf("ends too early: expected %s", strings.Join(slices.Compact(expected), " or "))
}

// reach adds a node to a set, or those that a fork leads to; seen are the nodes that were reached before.
func (l *line) reach(set []int, seen []bool, at int) []int {
	if seen[at] {
		return set
	}
	seen[at] = true
	if l.nodes[at].kind == fork {
		return l.reach(l.reach(set, seen, l.nodes[at].next), seen, l.nodes[at].other)
	}
	return append(set, at)
}

// takes says "" where the node accepts an argument, else what it wants.
func (n *node) takes(arg string) string {
	switch n.kind {
	case end:
		return "nothing more"
	case word:
		if arg != n.literal {
			return n.wants()
		}
		return ""
	}
	rest, ok := strings.CutPrefix(arg, n.prefix)
	if ok {
		rest, ok = strings.CutSuffix(rest, n.suffix)
	}
	switch {
	case ok && strings.HasPrefix(rest, "-") && !n.dash:
		return n.wants() + ", which must not begin with -"
	case !ok || n.pattern != nil && !n.pattern.MatchString(rest):
		return n.wants()
	}
	return ""
}

// wants describes what a node takes.
func (n *node) wants() string {
	switch {
	case n.kind == end:
		return "nothing more"
	case n.kind == word:
		return n.literal
	case n.pattern != nil:
		return fmt.Sprintf("%s{%s}%s to match %s", n.prefix, n.name, n.suffix, n.source)
	}
	return fmt.Sprintf("%s{%s}%s", n.prefix, n.name, n.suffix)
}

// Denies says whether an argument is a denied word: the word itself, a long option with a value (--flag=value), a short
// one with a value behind it or among others (-Rvalue, -vR).
func Denies(denied, arg string) bool {
	if arg == denied {
		return true
	}
	if !strings.HasPrefix(denied, "-") || len(denied) < 2 {
		return false
	}
	name, _, _ := strings.Cut(arg, "=")
	if name == denied {
		return true
	}
	if strings.HasPrefix(denied, "--") || strings.HasPrefix(arg, "--") || !strings.HasPrefix(arg, "-") {
		return false
	}
	if len(denied) == 2 {
		return strings.Contains(name[1:], denied[1:])
	}
	return false
}

// shown is an argument as messages show it: quoted and not long.
func shown(arg string) string {
	if len(arg) > 80 {
		return fmt.Sprintf("%q…", arg[:80])
	}
	return fmt.Sprintf("%q", arg)
}

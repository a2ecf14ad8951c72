package shell

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// replace is ${x/pattern/with}.
func (s *shell) replace(r *syntax.Replace, vals []string) []string {
	pattern := s.wordPattern(r.Orig)
	anchor := byte(0)
	if !r.All && pattern != "" && (pattern[0] == '#' || pattern[0] == '%') {
		anchor, pattern = pattern[0], pattern[1:]
	}
	with := s.replacement(r.With)
	if pattern == "" && anchor == 0 {
		return vals
	}
	out := make([]string, len(vals))
	for i, v := range vals {
		s.work(len(v))
		out[i] = s.replaceIn(v, pattern, anchor, r.All, with)
		s.work(len(out[i]))
	}
	return out
}

// replacement is the text of ${x/p/with}, cut where an unquoted & stands for what matched.
func (s *shell) replacement(w *syntax.Word) []string {
	if w == nil {
		return []string{""}
	}
	b := builder{s: s, masked: true}
	b.parts(w.Parts, quoteNone)
	if s.opts&optPatsubReplacement == 0 {
		return []string{string(b.text)}
	}
	pieces := []string{}
	from := []byte{}
	for i := 0; i < len(b.text); i++ {
		switch {
		case b.mask[i]:
			from = append(from, b.text[i])
		case b.text[i] == '\\' && i+1 < len(b.text) && (b.text[i+1] == '&' || b.text[i+1] == '\\'):
			i++
			from = append(from, b.text[i])
		case b.text[i] == '&':
			pieces = append(pieces, string(from))
			from = from[:0]
		default:
			from = append(from, b.text[i])
		}
	}
	return append(pieces, string(from))
}

func (s *shell) replaceIn(v, pattern string, anchor byte, all bool, with []string) string {
	if !hasMeta(pattern) && s.opts&optNocasematch == 0 {
		text := literalPattern(pattern)
		repl := strings.Join(with, text)
		switch {
		case anchor == '#':
			if rest, ok := strings.CutPrefix(v, text); ok {
				return repl + rest
			}
			return v
		case anchor == '%':
			if rest, ok := strings.CutSuffix(v, text); ok {
				return rest + repl
			}
			return v
		case all:
			if n := strings.Count(v, text); n > 0 {
				s.work(n * len(repl))
				s.hold(n * len(repl))
				s.hold(-n * len(repl))
			}
			return strings.ReplaceAll(v, text, repl)
		}
		return strings.Replace(v, text, repl, 1)
	}
	find := s.finder(pattern, anchor)
	var b strings.Builder
	held := 0
	for at := 0; at <= len(v); {
		from, to := find(v, at)
		if from < 0 {
			b.WriteString(v[at:])
			break
		}
		if from == to && v != "" && anchor == 0 { // an empty match replaces nothing by itself
			if from == len(v) {
				b.WriteString(v[at:])
				break
			}
			next := from + runeSize(v[from:])
			if all {
				b.WriteString(v[at:from] + strings.Join(with, "") + v[from:next])
			} else {
				b.WriteString(v[at:from] + strings.Join(with, "") + v[from:])
				break
			}
			at = next
			continue
		}
		b.WriteString(v[at:from])
		b.WriteString(strings.Join(with, v[from:to]))
		if grown := b.Len() - held; grown > 0 {
			s.hold(grown)
			held = b.Len()
		}
		at = to
		if !all || at >= len(v) {
			b.WriteString(v[at:])
			break
		}
	}
	s.hold(-held)
	return b.String()
}

// finder returns a search for the leftmost longest match of a pattern from a position on.
func (s *shell) finder(pattern string, anchor byte) func(v string, at int) (from, to int) {
	if s.opts&optNocasematch != 0 && anchor != 0 {
		pattern = strings.ToLower(pattern)
	}
	if re, ok := patternRegexp(pattern); ok {
		switch anchor {
		case '#':
			re = "^(?:" + re + ")"
		case '%':
			re = "(?:" + re + ")$"
		}
		flags := "(?s)"
		if s.opts&optNocasematch != 0 {
			flags = "(?si)"
		}
		if rx, err := s.regexp(flags + re); err == nil {
			return func(v string, at int) (int, int) {
				loc := rx.FindStringIndex(v[at:])
				if loc == nil {
					s.work(len(v) - at)
					return -1, -1
				}
				s.work(loc[1] + 1) // what was read, but for patterns that look ahead in vain
				return at + loc[0], at + loc[1]
			}
		}
	}
	return func(v string, at int) (int, int) {
		for from := at; from <= len(v); from++ {
			if anchor == '#' && from > 0 {
				return -1, -1
			}
			for to := len(v); to >= from; to-- {
				if anchor == '%' && to < len(v) {
					break
				}
				if s.match(pattern, v[from:to]) {
					return from, to
				}
			}
		}
		return -1, -1
	}
}

// regexp compiles a leftmost-longest expression, remembering the last few.
func (s *shell) regexp(expr string) (*regexp.Regexp, error) {
	w := s.world
	w.arithMu.Lock()
	defer w.arithMu.Unlock()
	if rx := w.regexps[expr]; rx != nil {
		return rx, nil
	}
	rx, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	rx.Longest()
	if len(w.regexps) >= 100 || w.regexps == nil {
		w.regexps = map[string]*regexp.Regexp{}
	}
	w.regexps[expr] = rx
	return rx, nil
}

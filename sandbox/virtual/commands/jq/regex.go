package jq

import (
	"strings"
	"unicode/utf8"
)

// matchers are the builtins of regular expressions.
func matchers() map[string]filter {
	return map[string]filter{
		"match/1":   matcher(false, emitMatches),
		"match/2":   matcher(false, emitMatches),
		"test/1":    matcher(false, emitTest),
		"test/2":    matcher(false, emitTest),
		"capture/1": matcher(false, emitCaptures),
		"capture/2": matcher(false, emitCaptures),
		"scan/1":    matcher(true, emitScan),
		"scan/2":    matcher(true, emitScan),
		"splits/1":  matcher(true, emitSplits),
		"splits/2":  matcher(true, emitSplits),
		"split/2": matcher(true, func(m *machine, in value, found []match, out yield) error {
			items := []any{}
			err := emitSplits(m, value{v: in.v}, found, func(v value) error { items = append(items, v.v); return nil })
			if err != nil {
				return err
			}
			return out(in.just(NewArray(items)))
		}),
		"sub/2":  substitute(false),
		"sub/3":  substitute(false),
		"gsub/2": substitute(true),
		"gsub/3": substitute(true),
	}
}

// matcher makes a builtin of a regular expression: its arguments are a pattern, or [pattern, flags], and flags.
func matcher(global bool, emit func(*machine, value, []match, yield) error) filter {
	return func(m *machine, args []*code, env *scope, in value, out yield) error {
		run := func(re, flags any) error {
			found, err := m.match(in.v, re, flags, global)
			if err != nil {
				return err
			}
			return emit(m, in, found, out)
		}
		if len(args) == 1 {
			return m.values(args[0], env, in, func(re any) error { return run(re, nil) })
		}
		return m.values(args[1], env, in, func(flags any) error {
			return m.values(args[0], env, in, func(re any) error { return run(re, flags) })
		})
	}
}

func (m *machine) match(in, re, flags any, global bool) ([]match, error) {
	if a, ok := re.(*Array); ok && flags == nil && len(a.items) > 0 {
		re = a.items[0]
		if len(a.items) > 1 {
			flags = a.items[1]
		}
	}
	s, ok := in.(string)
	if !ok {
		return nil, fail("%s cannot be matched, as it is not a string", describe(in))
	}
	pattern, ok := re.(string)
	if !ok {
		return nil, fail("%s cannot be matched, as it is not a string", describe(re))
	}
	opts, ok := flags.(string)
	if !ok && flags != nil {
		return nil, fail("%s is not a string", describe(flags))
	}
	var mode strings.Builder
	empties := true
	for _, c := range opts {
		switch c {
		case 'g':
			global = true
		case 'i':
			mode.WriteByte('i')
		case 'x':
			mode.WriteByte('x')
		case 's':
			mode.WriteByte('s')
		case 'n':
			empties = false
		case 'l', 'p':
			if c == 'p' {
				mode.WriteByte('s')
			}
		default:
			return nil, fail("%s is not a valid modifier string", opts)
		}
	}
	if err := m.work(len(s) + len(pattern)); err != nil {
		return nil, err
	}
	found, err := m.search(pattern, mode.String(), s, global)
	if err != nil {
		return nil, fail("%s (at offset 0) is not a valid regex: %v", pattern, err)
	}
	found = beforeEnd(found, s)
	if !empties {
		kept := found[:0]
		for _, f := range found {
			if f.length > 0 {
				kept = append(kept, f)
			}
		}
		found = kept
	}
	return found, nil
}

// beforeEnd drops what a search that begins at the end of s finds: jq does not begin one there.
func beforeEnd(found []match, s string) []match {
	for i := 1; i < len(found); i++ {
		last := found[i-1]
		next := last.to
		if last.from == last.to && next < len(s) {
			_, size := utf8.DecodeRuneInString(s[next:])
			next += size
		}
		if next == len(s) {
			return found[:i]
		}
	}
	return found
}

func emitTest(_ *machine, in value, found []match, out yield) error {
	return out(in.just(len(found) > 0))
}

func emitMatches(_ *machine, in value, found []match, out yield) error {
	for _, f := range found {
		groups := make([]any, len(f.groups))
		for i, g := range f.groups {
			groups[i] = NewObject("offset", float64(g.start), "length", float64(g.length), "string", g.text, "name", g.name)
		}
		o := NewObject("offset", float64(f.start), "length", float64(f.length), "string", f.text, "captures", NewArray(groups))
		if err := out(in.just(o)); err != nil {
			return err
		}
	}
	return nil
}

// captures is the object of a match's named groups.
func captures(f match) *Object {
	o := NewObject()
	for _, g := range f.groups {
		if name, ok := g.name.(string); ok {
			o = o.With(name, g.text)
		}
	}
	return o
}

func emitCaptures(_ *machine, in value, found []match, out yield) error {
	for _, f := range found {
		if err := out(in.just(captures(f))); err != nil {
			return err
		}
	}
	return nil
}

func emitScan(_ *machine, in value, found []match, out yield) error {
	for _, f := range found {
		var v any = f.text
		if len(f.groups) > 0 {
			items := make([]any, len(f.groups))
			for i, g := range f.groups {
				items[i] = g.text
			}
			v = NewArray(items)
		}
		if err := out(in.just(v)); err != nil {
			return err
		}
	}
	return nil
}

func emitSplits(_ *machine, in value, found []match, out yield) error {
	s, at := in.v.(string), 0
	for _, f := range found {
		if err := out(in.just(s[at:f.from])); err != nil {
			return err
		}
		at = f.to
	}
	return out(in.just(s[at:]))
}

// substitute is sub and gsub: for each output of the replacement there is one result.
func substitute(global bool) filter {
	return func(m *machine, args []*code, env *scope, in value, out yield) error {
		run := func(re, flags any) error {
			found, err := m.match(in.v, re, flags, global)
			if err != nil {
				return err
			}
			return m.replace(found, args[1], env, in, out)
		}
		if len(args) == 2 {
			return m.values(args[0], env, in, func(re any) error { return run(re, nil) })
		}
		return m.values(args[2], env, in, func(flags any) error {
			return m.values(args[0], env, in, func(re any) error { return run(re, flags) })
		})
	}
}

// replace builds one result from the first replacements of all matches, one from the second ones, and so on.
func (m *machine) replace(found []match, with *code, env *scope, in value, out yield) error {
	s := in.v.(string)
	if len(found) == 0 {
		return out(in.just(s))
	}
	texts := make([][]any, len(found))
	for i, f := range found {
		made, err := m.collect(with, env, captures(f))
		if err != nil {
			return err
		}
		texts[i] = made.items
	}
	for k := 0; ; k++ {
		var b strings.Builder
		at := 0
		for i, f := range found {
			if k >= len(texts[i]) {
				return nil
			}
			b.WriteString(s[at:f.from])
			text, ok := texts[i][k].(string)
			if !ok {
				return fail("%s and %s cannot be added", describe(b.String()), describe(texts[i][k]))
			}
			b.WriteString(text)
			at = f.to
		}
		b.WriteString(s[at:])
		if err := m.emit(in, b.String(), out); err != nil {
			return err
		}
	}
}

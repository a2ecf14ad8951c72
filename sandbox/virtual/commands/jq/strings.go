package jq

import (
	"strings"
	"unicode"
)

func stringFunctions(table map[string]function) {
	affix := func(name string, test func(s, affix string) bool) function {
		return func(_ *machine, in any, args []any) (any, error) {
			s, ok1 := in.(string)
			a, ok2 := args[0].(string)
			if !ok1 || !ok2 {
				return nil, fail("%s() requires string inputs", name)
			}
			return test(s, a), nil
		}
	}
	cut := func(trim func(s, affix string) string) function {
		return func(_ *machine, in any, args []any) (any, error) {
			s, ok1 := in.(string)
			a, ok2 := args[0].(string)
			if !ok1 || !ok2 {
				return in, nil
			}
			return trim(s, a), nil
		}
	}
	change := func(problem string, f func(string) string) function {
		return func(_ *machine, in any, _ []any) (any, error) {
			s, ok := in.(string)
			if !ok {
				if strings.Contains(problem, "%s") {
					return nil, fail(problem, describe(in))
				}
				return nil, &Error{problem}
			}
			return f(s), nil
		}
	}
	table["startswith/1"] = affix("startswith", strings.HasPrefix)
	table["endswith/1"] = affix("endswith", strings.HasSuffix)
	table["ltrimstr/1"] = cut(strings.TrimPrefix)
	table["rtrimstr/1"] = cut(func(s, affix string) string {
		if affix == "" {
			return s
		}
		return strings.TrimSuffix(s, affix)
	})
	table["trimstr/1"] = cut(func(s, affix string) string { return strings.TrimSuffix(strings.TrimPrefix(s, affix), affix) })
	table["ascii_downcase/0"] = change("ascii_downcase input must be a string", lower)
	table["ascii_upcase/0"] = change("ascii_upcase input must be a string", upper)
	table["trim/0"] = change("%s cannot be trimmed", strings.TrimSpace)
	table["ltrim/0"] = change("%s cannot be trimmed", func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) })
	table["rtrim/0"] = change("%s cannot be trimmed", func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) })
	table["split/1"] = func(_ *machine, in any, args []any) (any, error) {
		s, ok1 := in.(string)
		sep, ok2 := args[0].(string)
		if !ok1 || !ok2 {
			return nil, &Error{"split input and separator must be strings"}
		}
		return split(s, sep), nil
	}
	table["join/1"] = join
	table["explode/0"] = explode
	table["implode/0"] = implode
}

func join(m *machine, in any, args []any) (any, error) {
	items, err := elements(in)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return "", nil
	}
	sep, ok := args[0].(string)
	if !ok && (args[0] != nil || len(items) > 1) {
		if len(items) == 1 {
			items = items[:1]
		}
		return nil, fail("%s and %s cannot be added", describe(args[0]), describe(toString(items[0])))
	}
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		switch x := item.(type) {
		case nil:
		case string:
			b.WriteString(x)
		case bool, float64, Literal:
			b.WriteString(toJSON(x))
		default:
			return nil, fail("%s and %s cannot be added", describe(b.String()), describe(item))
		}
	}
	return b.String(), m.work(b.Len())
}

func explode(m *machine, in any, _ []any) (any, error) {
	s, ok := in.(string)
	if !ok {
		return nil, fail("%s cannot be exploded", describe(in))
	}
	items := make([]any, 0, len(s))
	for _, r := range s {
		items = append(items, float64(r))
	}
	return NewArray(items), m.work(len(s))
}

func implode(_ *machine, in any, _ []any) (any, error) {
	a, ok := in.(*Array)
	if !ok {
		return nil, fail("implode input must be an array")
	}
	var b strings.Builder
	for _, item := range a.items {
		f, ok := number(item)
		if !ok {
			return nil, fail("Unicode codepoint must be numeric")
		}
		r := rune(toInt64(f))
		if f < 0 || f > 0x10FFFF || r >= 0xD800 && r < 0xE000 {
			r = 0xFFFD
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}

// lower and upper change ASCII letters alone.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func upper(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

package regex

import "unicode"

// charSet is a bracket expression.
type charSet struct {
	negated bool
	ranges  []rune   // pairs, both ends included
	names   []string // classes, as in [:name:], and "word"
}

// classes maps a class to its text inside a bracket expression of Go's regexp and regexp2: in UTF-8, and for bytes.
var classes = map[string][2]string{
	"alpha":  {`\p{L}`, `A-Za-z`},
	"digit":  {`0-9`, `0-9`},
	"alnum":  {`\p{L}\p{N}`, `A-Za-z0-9`},
	"upper":  {`\p{Lu}`, `A-Z`},
	"lower":  {`\p{Ll}`, `a-z`},
	"space":  {"\t-\r \u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000", "\t-\r "},
	"blank":  {"\t \u1680\u2000-\u2006\u2008-\u200a\u205f\u3000", "\t "},
	"punct":  {"!-/:-@\\[-`{-~\\p{P}\\p{S}", "!-/:-@\\[-`{-~"},
	"print":  {` -~\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}`, ` -~`},
	"graph":  {`!-~\p{L}\p{M}\p{N}\p{P}\p{S}`, `!-~`},
	"cntrl":  {`\x00-\x1f\x7f\p{Cc}`, `\x00-\x1f\x7f`},
	"xdigit": {`0-9A-Fa-f`, `0-9A-Fa-f`},
	"word":   {`_\p{L}\p{N}`, `_A-Za-z0-9`},
}

// bracket reads a bracket expression, whose "[" is next.
func (p *parser) bracket() (*node, error) {
	s := &charSet{}
	i := p.pos + 1
	if i == len(p.text) {
		return nil, errInvalid
	}
	if p.text[i] == '^' {
		s.negated = true
		i++
	}
	for first := true; ; first = false {
		if i >= len(p.text) {
			return nil, errBracket
		}
		if p.text[i] == ']' && !first {
			break
		}
		low, next, name, err := p.member(i)
		if err != nil {
			return nil, err
		}
		i = next
		if name != "" {
			if i+1 < len(p.text) && p.text[i] == '-' && p.text[i+1] != ']' && p.syntax != Awk {
				return nil, errRange
			}
			s.names = append(s.names, name)
			continue
		}
		high := low
		if i+1 < len(p.text) && p.text[i] == '-' && p.text[i+1] != ']' {
			if high, i, name, err = p.member(i + 1); err != nil {
				return nil, err
			}
			if name != "" || high < low {
				return nil, errRange
			}
		}
		s.ranges = append(s.ranges, low, high)
	}
	if i-p.pos > 3 && p.text[p.pos+1] == ':' && p.text[i-1] == ':' && p.syntax != Awk {
		return nil, errColons
	}
	p.pos = i + 1
	return &node{kind: set, set: s}, nil
}

// member reads one character or class inside brackets.
func (p *parser) member(i int) (r rune, next int, name string, err error) {
	c := p.text[i]
	if c == '[' && i+1 < len(p.text) {
		switch d := p.text[i+1]; d {
		case ':', '.', '=':
			for end := i + 2; end+1 < len(p.text); end++ {
				if p.text[end] != d || p.text[end+1] != ']' {
					continue
				}
				return p.named(string(p.text[i+2:end]), d, end+2)
			}
			if d == ':' {
				return c, i + 1, "", nil
			}
			return 0, 0, "", errBracket
		}
	}
	if c == '\\' && (p.syntax == Awk || p.flags&Escapes != 0) {
		if r, size := p.charEscape(i); size > 0 {
			return r, i + size, "", nil
		}
		if p.syntax == Awk && i+1 < len(p.text) {
			return p.text[i+1], i + 2, "", nil
		}
	}
	return c, i + 1, "", nil
}

// named reads what is inside [: :], [. .] or [= =].
func (p *parser) named(inside string, d rune, next int) (rune, int, string, error) {
	if d == ':' {
		if _, ok := classes[inside]; !ok || inside == "word" {
			return 0, 0, "", errClass
		}
		if p.flags&IgnoreCase != 0 && (inside == "upper" || inside == "lower") {
			inside = "alpha"
		}
		return 0, next, inside, nil
	}
	if r := []rune(inside); len(r) == 1 {
		return r[0], next, "", nil
	}
	return 0, 0, "", errCollation // C.UTF-8 has no others
}

// words says whether all of the set is word characters, and whether none is.
func (s *charSet) words() (all, none bool) {
	if s.negated {
		return false, len(s.names) == 1 && s.names[0] == "word"
	}
	all, none = true, true
	for _, name := range s.names {
		switch name {
		case "alpha", "digit", "alnum", "upper", "lower", "xdigit", "word":
			none = false
		case "space", "blank", "cntrl":
			all = false
		default:
			return false, false
		}
	}
	for i := 0; i < len(s.ranges); i += 2 {
		if s.ranges[i+1]-s.ranges[i] > 128 {
			return false, false
		}
		for r := s.ranges[i]; r <= s.ranges[i+1]; r++ {
			if isWord(r) {
				none = false
			} else {
				all = false
			}
		}
	}
	return all, none
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

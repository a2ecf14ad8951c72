package regex

import (
	"errors"
	"regexp"
	"strings"
)

// compilePerl compiles a PCRE pattern: for Go's regexp where it can match it, else for regexp2.
func (re *Regexp) compilePerl(pattern string, flags Flags) (err error) {
	if err := perlRefuses(pattern); err != nil {
		return err
	}
	source, keep := perl(pattern)
	re.context = true
	re.perl = true
	switch {
	case flags&Lines != 0:
		source = "^(?:" + source + ")$"
	case flags&Words != 0:
		source = wordPattern(source)
	}
	mode := "(?"
	if flags&IgnoreCase != 0 {
		mode += "i"
	}
	if flags&Multiline != 0 {
		mode += "m"
	}
	if mode != "(?" {
		source = mode + ")" + source
	}
	if re.re, err = regexp.Compile(source); err == nil {
		re.groups = re.re.NumSubexp()
		re.afterSource = "(?s:.)(?:" + source + ")"
	} else {
		if err := re.compileBacktracking(source); err != nil {
			return perlError(pattern)
		}
		re.groups = len(re.back.GetGroupNumbers()) - 1
	}
	if keep && re.re != nil {
		re.keep = re.re.SubexpIndex(keepGroup)
	} else if keep {
		re.keep = re.back.GroupNumberFromName(keepGroup)
	}
	return nil
}

// keepGroup is an empty group where \K stands: the match is reported from there.
const keepGroup = "flue_keep"

// perl rewrites what neither Go's regexp nor regexp2 knows.
func perl(p string) (source string, keep bool) {
	var b strings.Builder
	inSet := false
	for i := 0; i < len(p); i++ {
		two := p[i:min(i+2, len(p))]
		switch {
		case two == `\K` && !inSet:
			b.WriteString("(?P<" + keepGroup + ">)")
			keep = true
			i++
		case two == `\h`:
			bracketed(&b, inSet, ` \t`)
			i++
		case two == `\d` || two == `\w` || two == `\s`:
			b.WriteString(two)
			i++
		case two == `\N` && !inSet:
			b.WriteString(`[^\n]`)
			i++
		case two == `\e`:
			b.WriteString(`\x1b`)
			i++
		case two == `\Q`:
			text, rest, _ := strings.Cut(p[i+2:], `\E`)
			b.WriteString(regexp.QuoteMeta(text))
			i = len(p) - len(rest) - 1
		case p[i] == '\\' && len(two) == 2:
			b.WriteString(two)
			i++
		case strings.HasPrefix(p[i:], "(?P=") && !inSet:
			name, rest, _ := strings.Cut(p[i+4:], ")")
			b.WriteString(`\k<` + name + ">")
			i = len(p) - len(rest) - 1
		case strings.HasPrefix(p[i:], "(?P<") && !inSet:
			b.WriteString("(?<")
			i += 3
		case inSet && strings.HasPrefix(p[i:], "[:") && strings.Contains(p[i:], ":]"):
			name, rest, _ := strings.Cut(p[i+2:], ":]")
			if class, ok := classes[name]; ok {
				b.WriteString(class[0])
				i = len(p) - len(rest) - 1
				break
			}
			b.WriteByte('[')
		case p[i] == '[' && !inSet:
			inSet = true
			b.WriteByte('[')
			if i+1 < len(p) && p[i+1] == '^' {
				b.WriteByte('^')
				i++
			}
			if i+1 < len(p) && p[i+1] == ']' {
				b.WriteString(`\]`)
				i++
			}
		case p[i] == '[':
			b.WriteString(`\[`)
		case p[i] == ']' && inSet:
			inSet = false
			b.WriteByte(']')
		default:
			b.WriteByte(p[i])
		}
	}
	return strings.ReplaceAll(b.String(), "(?P<"+keepGroup, "(?<"+keepGroup), keep
}

func bracketed(b *strings.Builder, inSet bool, members string) {
	if !inSet {
		members = "[" + members + "]"
	}
	b.WriteString(members)
}

// perlRefuses finds what PCRE2 takes for a mistake, and others do not.
func perlRefuses(p string) error {
	set := false
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\':
			i++
			if i+1 < len(p) && !set && strings.IndexByte("bBAzZG", p[i]) >= 0 && strings.IndexByte("*+?", p[i+1]) >= 0 {
				return errRepeat
			}
		case set && p[i] == ']':
			set = false
		case p[i] == '[' && i+1 < len(p) && (p[i+1] == '.' || p[i+1] == '=') && set && strings.Contains(p[i:], p[i+1:i+2]+"]"):
			return errors.New("POSIX collating elements are not supported")
		case set:
		case p[i] == '[':
			set = true
			if i+1 < len(p) && p[i+1] == '^' {
				i++
			}
			if i+1 < len(p) && p[i+1] == ']' {
				i++
			}
		case (p[i] == '^' || p[i] == '$') && i+1 < len(p) && strings.IndexByte("*+?", p[i+1]) >= 0:
			return errRepeat
		}
	}
	return nil
}

var errRepeat = errors.New("quantifier does not follow a repeatable item")

// perlError words the usual mistakes as PCRE2 does.
func perlError(p string) error {
	open, set := 0, false
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\':
			if i++; i == len(p) {
				return errors.New(`\ at end of pattern`)
			}
		case set:
			set = p[i] != ']'
		case p[i] == '[':
			set = true
		case p[i] == '(':
			open++
		case p[i] == ')':
			if open--; open < 0 {
				return errors.New("unmatched closing parenthesis")
			}
		}
	}
	switch {
	case set:
		return errors.New("missing terminating ] for character class")
	case open > 0:
		return errors.New("missing closing parenthesis")
	case p != "" && strings.IndexByte("*+?", p[0]) >= 0:
		return errors.New("quantifier does not follow a repeatable item")
	}
	return errors.New("the pattern is not supported")
}

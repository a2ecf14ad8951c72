package awk

import (
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/regex"
)

// maxRegexes is how many regular expressions made from text are kept.
const maxRegexes = 500

// dynamic compiles a regular expression that is text.
func (in *interp) dynamic(source string) *regex.Regexp {
	if re := in.regexes[source]; re != nil {
		return re
	}
	flags := regex.Flags(0)
	if in.ignoreCase {
		flags |= regex.IgnoreCase
	}
	if !in.utf8 {
		flags |= regex.Bytes
	}
	known, unknown := knownEscapes(source, in.prog != nil && in.prog.standard)
	for _, c := range unknown {
		if warning := fmt.Sprintf("regexp escape sequence `\\%c' is not a known regexp operator", c); !in.warned[warning] {
			if in.warned == nil {
				in.warned = map[string]bool{}
			}
			in.warned[warning] = true
			in.warn("%s", warning)
		}
	}
	re, err := regex.Compile(known, regex.Awk, flags)
	if err != nil {
		in.fatal("invalid regexp: %v: /%s/", err, source)
	}
	if len(in.regexes) >= maxRegexes {
		clear(in.regexes)
	}
	in.regexes[source] = re
	return re
}

// regexOf is the regular expression that an operand of ~ or an argument stands for.
func (in *interp) regexOf(e expr) *regex.Regexp {
	if re, ok := e.(*regexExpr); ok {
		if in.ignoreCase {
			return in.dynamic(re.source)
		}
		return re.re
	}
	return in.dynamic(e.eval(in).str(in.convfmt))
}

func (in *interp) matches(re *regex.Regexp, s string) bool { return re.MatchString(s) }

// knownEscapes drops the backslashes that mean nothing in a regular expression, and says what was behind them. The
// operators that only gawk has are none where standard is true.
func knownEscapes(source string, standard bool) (known string, unknown []byte) {
	if strings.IndexByte(source, '\\') < 0 {
		return source, nil
	}
	const everywhere = "()|*+?.^$\\[]/-abfnrtvxu01234567\"&{}\n"
	var b strings.Builder
	for i := 0; i < len(source); i++ {
		if source[i] != '\\' || i+1 == len(source) {
			b.WriteByte(source[i])
			continue
		}
		i++
		c := source[i]
		switch {
		case strings.IndexByte(everywhere, c) >= 0 || !standard && strings.IndexByte("<>`'BywWsS", c) >= 0 || c >= 0x80:
			b.WriteByte('\\')
		default:
			unknown = append(unknown, c)
		}
		b.WriteByte(c)
	}
	return b.String(), unknown
}

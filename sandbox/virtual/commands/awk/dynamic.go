package awk

import "github.com/flue-run/flue/sandbox/virtual/regex"

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
	re, err := regex.Compile(source, regex.Awk, flags)
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

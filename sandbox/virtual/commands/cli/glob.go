package cli

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/pattern"
)

// Glob compiles a wildcard pattern as fnmatch(3) reads it without flags: "*" and "?" match slashes and leading dots
// too. A pattern that is malformed matches its own text.
func Glob(glob string) func(name string) bool {
	if !strings.ContainsAny(glob, `*?[\`) {
		return func(name string) bool { return name == glob }
	}
	source, err := pattern.Regexp(glob, pattern.EntireString)
	if err == nil {
		if re, err := regexp.Compile(source); err == nil {
			return re.MatchString
		}
	}
	return func(name string) bool { return name == glob }
}

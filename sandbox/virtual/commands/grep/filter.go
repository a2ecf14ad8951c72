package grep

import (
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// filter is one --include, --exclude or --exclude-dir.
type filter struct {
	match   func(string) bool
	include bool
	slash   bool // the pattern has a slash, so it is for whole names and their ends
}

func newFilter(glob string, include bool) filter {
	return filter{cli.Glob(glob), include, strings.Contains(glob, "/")}
}

// excluded says whether the filters leave a file out; the last one that matches decides. For an operand, which may be
// a path, a name's end after a slash may match as well.
func excluded(filters []filter, name string, operand bool) bool {
	if len(filters) == 0 {
		return false
	}
	result := filters[0].include
	for _, f := range filters {
		matches := f.match(path.Base(name))
		if operand && !matches {
			matches = f.match(name)
			for rest := name; !matches; {
				_, after, found := strings.Cut(rest, "/")
				if !found {
					break
				}
				rest = after
				matches = f.match(rest)
			}
		}
		if matches {
			result = !f.include
		}
	}
	return result
}

package git

import (
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// paths is a set of operands that name files: themselves, what is below them, or what a wildcard matches.
type paths struct {
	list []string
	glob []func(string) bool
	said []string
	used []bool
}

func (r *repo) paths(operands []string) (*paths, error) {
	p := &paths{}
	for _, operand := range operands {
		operand = strings.TrimPrefix(operand, ":/")
		name, err := r.path(operand)
		if err != nil {
			return nil, err
		}
		var match func(string) bool
		if strings.ContainsAny(name, "*?[") {
			match = cli.Glob(name)
		}
		p.list, p.glob, p.said, p.used = append(p.list, name), append(p.glob, match), append(p.said, operand), append(p.used, false)
	}
	return p, nil
}

// pathsAndIndex is what commands need that choose files of the index.
func (r *repo) pathsAndIndex(operands []string) (*paths, *index, error) {
	p, err := r.paths(operands)
	if err != nil {
		return nil, nil, err
	}
	x, err := r.readIndex()
	return p, x, err
}

// match says whether the set has a file; the empty set has all.
func (p *paths) match(name string) bool {
	found := len(p.list) == 0
	for i, want := range p.list {
		if want == "" || name == want || strings.HasPrefix(name, want) && name[len(want)] == '/' || p.glob[i] != nil && p.glob[i](name) {
			p.used[i], found = true, true
		}
	}
	return found
}

// unused is an operand that matched nothing, or "".
func (p *paths) unused() string {
	for i, used := range p.used {
		if !used {
			return p.said[i]
		}
	}
	return ""
}

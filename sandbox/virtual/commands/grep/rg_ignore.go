package grep

import (
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// ignoreRule is a line of a .gitignore.
type ignoreRule struct {
	base   string // the directory of the file
	match  func(string) bool
	not    bool
	dirs   bool // for directories only
	rooted bool // the pattern has a slash: it is for paths below base
}

// ignores adds the rules of a directory to those of the ones above.
func (r *ripgrep) ignores(rules []ignoreRule, dir string) []ignoreRule {
	if r.noIgnore {
		return nil
	}
	rules = rules[:len(rules):len(rules)]
	for _, file := range []string{".gitignore", ".ignore", ".rgignore"} {
		data, err := r.inv.FS.ReadFile(r.inv.Path(strings.TrimSuffix(dir, "/") + "/" + file))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, " \t\r\n")
			if line == "" || line[0] == '#' {
				continue
			}
			rule := ignoreRule{base: dir}
			line, rule.not = strings.CutPrefix(line, "!")
			line, rule.dirs = strings.CutSuffix(line, "/")
			line = strings.TrimPrefix(line, "**/")
			rule.rooted = strings.Contains(line, "/")
			rule.match = cli.Glob(strings.TrimPrefix(line, "/"))
			rules = append(rules, rule)
		}
	}
	return rules
}

// ignored says whether the rules leave a path out; the last one that matches decides.
func ignored(rules []ignoreRule, name string, isDir bool) bool {
	for i := len(rules) - 1; i >= 0; i-- {
		rule := &rules[i]
		subject := path.Base(name)
		if rule.rooted {
			subject = strings.TrimPrefix(strings.TrimPrefix(name, rule.base), "/")
		}
		if (!rule.dirs || isDir) && rule.match(subject) {
			return !rule.not
		}
	}
	return false
}

package git

import (
	"regexp"
)

// filter says which commits the options want.
func (r *repo) filter(f flags) (func(*commit) bool, error) {
	var tests []func(*commit) bool
	match := func(key string, of func(*commit) string) error {
		for _, text := range f[key] {
			if f.has("regexp-ignore-case") {
				text = "(?i)" + text
			}
			re, err := regexp.Compile("(?m)" + text)
			if err != nil {
				return fatal("command line, '%s': %v", text, err)
			}
			tests = append(tests, func(c *commit) bool { return re.MatchString(of(c)) })
		}
		return nil
	}
	for key, of := range map[string]func(*commit) string{"author": func(c *commit) string { return c.author.name + " <" + c.author.email + ">" },
		"committer": func(c *commit) string { return c.committer.name + " <" + c.committer.email + ">" }, "grep": func(c *commit) string { return c.message }} {
		if err := match(key, of); err != nil {
			return nil, err
		}
	}
	for key, sign := range map[string]int64{"since": 1, "until": -1} {
		if !f.has(key) {
			continue
		}
		when, ok := r.ago(f.last(key))
		if !ok {
			return nil, fatal("invalid date '%s'; write YYYY-MM-DD, or a number of units ago", f.last(key))
		}
		tests = append(tests, func(c *commit) bool { return sign*(c.committer.when-when) >= 0 })
	}
	if f.has("no-merges") {
		tests = append(tests, func(c *commit) bool { return len(c.parents) < 2 })
	}
	if f.has("merges") {
		tests = append(tests, func(c *commit) bool { return len(c.parents) > 1 })
	}
	return func(c *commit) bool {
		for _, t := range tests {
			if !t(c) {
				return false
			}
		}
		return true
	}, nil
}

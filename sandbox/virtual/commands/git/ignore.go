package git

import (
	"path"
	"regexp"
	"strings"
)

// ignorer knows what .gitignore files leave out, read as directories are met.
type ignorer struct {
	r     *repo
	rules map[string][]ignoreRule // by directory: "" or "a/b/"
}

type ignoreRule struct {
	re      *regexp.Regexp
	not     bool // "!": it is not ignored after all
	dirOnly bool
	base    bool // it looks at the last part of a path only
}

func (r *repo) ignorer() *ignorer { return &ignorer{r, map[string][]ignoreRule{}} }

// in are the rules of one directory.
func (g *ignorer) in(dir string) []ignoreRule {
	rules, ok := g.rules[dir]
	if ok {
		return rules
	}
	if dir == "" {
		text, _ := g.r.gitFile("info/exclude")
		rules = parseIgnore(text)
	}
	if data, err := g.r.inv.FS.ReadFile(g.r.file(dir + ".gitignore")); err == nil && len(data) < 1<<20 {
		rules = append(rules, parseIgnore(string(data))...)
	}
	g.rules[dir] = rules
	return rules
}

// ignored says whether a path is ignored, whose directories are not.
func (g *ignorer) ignored(name string, isDir bool) bool {
	for dir := name; ; {
		if dir = path.Dir(dir); dir == "." {
			dir = ""
		} else {
			dir += "/"
		}
		rules := g.in(dir)
		for i := len(rules) - 1; i >= 0; i-- {
			rule := rules[i]
			text := name[len(dir):]
			if rule.base {
				text = path.Base(name)
			}
			if (isDir || !rule.dirOnly) && rule.re.MatchString(text) {
				return !rule.not
			}
		}
		if dir == "" {
			return false
		}
		dir = strings.TrimSuffix(dir, "/")
	}
}

// under says whether a path or a directory above it is ignored.
func (g *ignorer) under(name string, isDir bool) bool {
	for at := 0; ; {
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			return g.ignored(name, isDir)
		}
		if at += next; g.ignored(name[:at], true) {
			return true
		}
		at++
	}
}

func parseIgnore(text string) []ignoreRule {
	var rules []ignoreRule
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
			line = line[:len(line)-1]
		}
		if line == "" || line[0] == '#' {
			continue
		}
		rule := ignoreRule{}
		if line, rule.not = strings.CutPrefix(line, "!"); line == "" {
			continue
		}
		line, rule.dirOnly = strings.CutSuffix(line, "/")
		rule.base = !strings.Contains(line, "/")
		re, err := regexp.Compile("^(?s:" + globRegexp(strings.TrimPrefix(line, "/")) + ")$")
		if err != nil {
			continue
		}
		rule.re = re
		rules = append(rules, rule)
	}
	return rules
}

// globRegexp is a wildcard pattern of git: "*" and "?" stop at slashes, "**" does not.
func globRegexp(glob string) string {
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		rest := glob[i:]
		switch {
		case strings.HasPrefix(rest, "**/") && (i == 0 || glob[i-1] == '/'):
			b.WriteString("(?:.*/)?")
			i += 2
		case rest == "**" && i > 0 && glob[i-1] == '/':
			b.WriteString(".+")
			i++
		case rest[0] == '*':
			b.WriteString("[^/]*")
			for i+1 < len(glob) && glob[i+1] == '*' {
				i++
			}
		case rest[0] == '?':
			b.WriteString("[^/]")
		case rest[0] == '[':
			end := strings.IndexByte(rest[1:], ']')
			if end <= 0 {
				b.WriteString(`\[`)
				continue
			}
			class := rest[1 : end+1]
			if class[0] == '!' {
				class = "^" + class[1:]
			}
			b.WriteString("[" + strings.ReplaceAll(class, `\`, `\\`) + "]")
			i += end + 1
		case rest[0] == '\\' && len(rest) > 1:
			i++
			b.WriteString(regexp.QuoteMeta(glob[i : i+1]))
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
	}
	return b.String()
}

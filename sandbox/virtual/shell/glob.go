package shell

import (
	"io/fs"
	"sort"
	"strings"
)

// globField expands a pattern to the paths that it matches, or to text when there are none.
func (s *shell) globField(out []string, pattern, text string) []string {
	if !hasMeta(pattern) {
		return append(out, text)
	}
	found := s.glob(pattern)
	if len(found) > 0 {
		return append(out, found...)
	}
	switch {
	case s.opts&optFailglob != 0:
		s.discard("no match: %s", text)
	case s.opts&optNullglob != 0:
		return out
	}
	return append(out, text)
}

// glob returns the paths that a pattern matches, sorted.
func (s *shell) glob(pattern string) []string {
	g := globber{s: s, ignore: s.globIgnore()}
	g.nocase = s.opts&optNocaseglob != 0
	dir := ""
	rest := pattern
	if strings.HasPrefix(pattern, "/") {
		rest = strings.TrimLeft(pattern, "/")
		dir = pattern[:len(pattern)-len(rest)]
	}
	g.walk(dir, rest)
	sort.Strings(g.found)
	return g.found
}

func (s *shell) globIgnore() []string {
	if v := s.get("GLOBIGNORE"); v != "" {
		return strings.Split(v, ":")
	}
	return nil
}

type globber struct {
	s      *shell
	ignore []string
	nocase bool
	found  []string
}

func (g *globber) add(path string) {
	for _, p := range g.ignore {
		if g.s.match(p, path) {
			return
		}
	}
	g.found = append(g.found, path)
	g.s.work(len(path))
}

// walk matches the components of pattern below dir, which ends in a slash or is empty.
func (g *globber) walk(dir, pattern string) {
	part, rest, more := cutComponent(pattern)
	if part == "" && !more { // the pattern ended in a slash
		if dir != "" {
			g.add(dir)
		}
		return
	}
	if part == "**" && g.s.opts&optGlobstar != 0 {
		g.star(dir, rest, more)
		return
	}
	if !hasMeta(part) {
		name := dir + literalPattern(part)
		info, err := g.s.FS.Lstat(g.s.abs(name))
		if err != nil {
			return
		}
		if !more {
			g.add(name)
			return
		}
		if info.IsDir() || info.Mode&fs.ModeSymlink != 0 {
			g.walk(name+slashes(pattern, part), rest)
		}
		return
	}
	for _, name := range g.names(dir, part) {
		if !more {
			g.add(dir + name)
			continue
		}
		if info, err := g.s.FS.Stat(g.s.abs(dir + name)); err == nil && info.IsDir() {
			g.walk(dir+name+"/", rest)
		}
	}
}

// slashes are those that follow a component.
func slashes(pattern, part string) string {
	rest := pattern[len(part):]
	return rest[:len(rest)-len(strings.TrimLeft(rest, "/"))]
}

// cutComponent splits a pattern at its first slash outside brackets and pattern lists.
func cutComponent(p string) (part, rest string, more bool) {
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		case '/':
			if depth <= 0 {
				return p[:i], strings.TrimLeft(p[i:], "/"), true
			}
		}
	}
	return p, "", false
}

// names lists the entries of dir that match one component.
func (g *globber) names(dir, part string) []string {
	path := dir
	if path == "" {
		path = "."
	}
	list, err := g.s.FS.ReadDir(g.s.abs(path))
	if err != nil {
		return nil
	}
	dots := part[0] == '.' || strings.HasPrefix(part, `\.`) || len(part) > 2 && part[1] == '(' && strings.Contains(part, ".") && part[2] == '.'
	var names []string
	match := func(name string) {
		g.s.work(len(name) + 1)
		p, n := part, name
		if g.nocase {
			p, n = strings.ToLower(p), strings.ToLower(n)
		}
		if g.s.match(p, n) {
			names = append(names, name)
		}
	}
	for _, info := range list {
		if info.Name[0] == '.' && !dots && g.s.opts&optDotglob == 0 && g.ignore == nil {
			continue
		}
		match(info.Name)
	}
	return names
}

// star is **: this directory and all below it, without following symbolic links.
func (g *globber) star(dir, rest string, more bool) {
	if more {
		g.walk(dir, rest)
	} else if dir != "" {
		g.add(dir)
	}
	path := dir
	if path == "" {
		path = "."
	}
	list, err := g.s.FS.ReadDir(g.s.abs(path))
	if err != nil {
		return
	}
	for _, info := range list {
		g.s.work(1)
		if info.Name[0] == '.' && g.s.opts&optDotglob == 0 {
			continue
		}
		switch {
		case info.IsDir():
			if more {
				g.star(dir+info.Name+"/", rest, true)
			} else {
				g.add(dir + info.Name)
				g.starBelow(dir + info.Name + "/")
			}
		case !more:
			g.add(dir + info.Name)
		}
	}
}

func (g *globber) starBelow(dir string) {
	before := len(g.found)
	g.star(dir, "", false)
	if len(g.found) > before && g.found[before] == dir { // the directory itself was added without its slash
		g.found = append(g.found[:before], g.found[before+1:]...)
	}
}

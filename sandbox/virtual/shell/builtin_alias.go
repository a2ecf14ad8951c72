package shell

import "strings"

func builtinAlias(s *shell, args []string) int {
	_, rest, ok := s.flags(args, "p")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		for _, name := range sortedKeys(s.aliases) {
			s.text("alias " + name + "=" + quoteSingle(s.aliases[name]) + "\n")
		}
		return 0
	}
	status := 0
	for _, a := range rest {
		name, value, isDef := strings.Cut(a, "=")
		if !isDef || name == "" {
			text, known := s.aliases[a]
			if !known {
				s.warnf("alias: %s: not found", a)
				status = 1
				continue
			}
			s.text("alias " + a + "=" + quoteSingle(text) + "\n")
			continue
		}
		if strings.ContainsAny(name, " \t\n/$`\"'\\|&;()<>") {
			s.warnf("alias: `%s': invalid alias name", name)
			status = 1
			continue
		}
		s.unshare()
		s.aliases[name] = value
		s.aliasGen++
	}
	return status
}

func builtinUnalias(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "a")
	if !ok {
		return 2
	}
	s.unshare()
	s.aliasGen++
	if has(opts, "a") {
		s.aliases = map[string]string{}
		return 0
	}
	if len(rest) == 0 {
		return s.misused("unalias")
	}
	status := 0
	for _, name := range rest {
		if _, known := s.aliases[name]; !known {
			s.warnf("unalias: %s: not found", name)
			status = 1
		}
		delete(s.aliases, name)
	}
	return status
}

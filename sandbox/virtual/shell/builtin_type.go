package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func builtinBuiltin(s *shell, args []string) int {
	args, ok := s.noOptions(args)
	if !ok {
		return 2
	}
	if len(args) == 0 {
		return 0
	}
	return s.call(args, nil, callBuiltin)
}

// standardPath finds the programs of every system, for command -p.
const standardPath = "/bin:/usr/bin"

func builtinCommand(s *shell, args []string) int {
	opts, rest, ok := s.flags(args, "pvV")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return 0
	}
	if has(opts, "p") && (has(opts, "v") || has(opts, "V")) {
		for _, name := range rest {
			if kind, _ := s.kindOf(name); kind == "file" && !strings.Contains(name, "/") {
				for _, file := range s.searchPath(standardPath, name, false) {
					s.text(file + "\n")
				}
				return 0
			}
		}
	}
	if has(opts, "v") || has(opts, "V") {
		status := 1
		for _, name := range rest {
			if s.describeCommand(name, has(opts, "V")) {
				status = 0
			} else if has(opts, "V") {
				s.warnf("command: %s: not found", name)
			}
		}
		return status
	}
	if has(opts, "p") {
		temp := &scope{temp: true, outer: s.scope}
		temp.put("PATH", &variable{set: true, str: standardPath})
		return s.call(rest, temp, callNoFunc)
	}
	return s.call(rest, nil, callNoFunc)
}

// programKey is what programQuiet found.
type programKey struct{ path string }

// programQuiet finds a program without a word about it.
func (s *shell) programQuiet(name string) (programKey, bool) {
	if s.Granted != nil {
		if _, ok := s.Granted(name); ok {
			return programKey{name}, true
		}
	}
	if strings.Contains(name, "/") {
		return programKey{name}, s.executable(name)
	}
	file := s.findProgram(name)
	return programKey{file}, file != ""
}

// describeCommand is command -v and -V.
func (s *shell) describeCommand(name string, long bool) bool {
	kind, detail := s.kindOf(name)
	if kind == "" {
		return false
	}
	if long {
		s.text(s.typeText(name, kind, detail) + "\n")
		return true
	}
	switch kind {
	case "alias":
		s.text("alias " + name + "=" + quoteSingle(detail) + "\n")
	case "file":
		s.text(detail + "\n")
	default:
		s.text(name + "\n")
	}
	return true
}

// kindOf says what a name runs: alias, keyword, function, builtin, file, or "".
func (s *shell) kindOf(name string) (kind, detail string) {
	if text, ok := s.aliases[name]; ok && s.opts&optExpandAliases != 0 {
		return "alias", text
	}
	if isKeyword(name) {
		return "keyword", ""
	}
	if s.funcs[name] != nil {
		return "function", ""
	}
	if builtins[name] != nil && !s.disabled(name) {
		return "builtin", ""
	}
	if p, ok := s.programQuiet(name); ok {
		return "file", p.path
	}
	return "", ""
}

func isKeyword(name string) bool {
	switch name {
	case "time", "[[", "]]", "coproc", "function", "select", "in", "until":
		return true
	case "declare", "let", "export", "local", "readonly", "typeset", "nameref":
		return false
	}
	return syntax.IsKeyword(name)
}

func (s *shell) typeText(name, kind, detail string) string {
	switch kind {
	case "alias":
		return name + " is aliased to `" + detail + "'"
	case "keyword":
		return name + " is a shell keyword"
	case "function":
		return name + " is a function\n" + s.funcs[name].text()
	case "builtin":
		if s.opts&optPosix != 0 && isSpecialBuiltin(name) {
			return name + " is a special shell builtin"
		}
		return name + " is a shell builtin"
	}
	if _, ok := s.hashed[name]; ok {
		return name + " is hashed (" + detail + ")"
	}
	return name + " is " + detail
}

func builtinType(s *shell, args []string) int {
	opts, names, ok := s.flags(args, "afptP")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range names {
		if !s.typeOne(name, opts) {
			status = 1
			if !has(opts, "t") && !has(opts, "p") && !has(opts, "P") {
				s.warnf("type: %s: not found", name)
			}
		}
	}
	return status
}

func (s *shell) typeOne(name string, opts []string) bool {
	type entry struct{ kind, detail string }
	var found []entry
	if !has(opts, "P") {
		if text, ok := s.aliases[name]; ok && s.opts&optExpandAliases != 0 {
			found = append(found, entry{"alias", text})
		}
		if isKeyword(name) {
			found = append(found, entry{"keyword", ""})
		}
		if s.funcs[name] != nil && !has(opts, "f") {
			found = append(found, entry{"function", ""})
		}
		if builtins[name] != nil && !s.disabled(name) {
			found = append(found, entry{"builtin", ""})
		}
	}
	if strings.Contains(name, "/") {
		if p, ok := s.programQuiet(name); ok {
			found = append(found, entry{"file", p.path})
		}
	} else {
		if s.Granted != nil {
			if _, ok := s.Granted(name); ok {
				found = append(found, entry{"file", name})
			}
		}
		for _, file := range s.searchPath(s.get("PATH"), name, has(opts, "a")) {
			found = append(found, entry{"file", file})
		}
	}
	if len(found) == 0 {
		return false
	}
	if !has(opts, "a") {
		found = found[:1]
	}
	for _, e := range found {
		switch {
		case has(opts, "t"):
			s.text(e.kind + "\n")
		case has(opts, "p") || has(opts, "P"):
			if e.kind == "file" {
				s.text(e.detail + "\n")
			}
		default:
			s.text(s.typeText(name, e.kind, e.detail) + "\n")
		}
	}
	return true
}

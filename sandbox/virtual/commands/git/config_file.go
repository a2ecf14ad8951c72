package git

import (
	"fmt"
	"slices"
	"strings"
)

// setting is one line of a configuration.
type setting struct{ key, value string }

// settings are the user's and the repository's, in order. Includes are not followed.
func (r *repo) settings() []setting {
	var list []setting
	for _, file := range r.configFiles() {
		if text, err := r.inv.FS.ReadFile(file); err == nil && len(text) < 1<<20 {
			list = append(list, parseConfig(string(text))...)
		}
	}
	return append(list, r.given...)
}

func (r *repo) configFiles() []string {
	home, _ := r.inv.Env.Get("HOME")
	list := []string{home + "/.gitconfig"}
	if r.dir != "" {
		list = append(list, r.dir+"/config")
	}
	return list
}

// config is the value of a key; the last one counts.
func (r *repo) config(key string) string {
	value := ""
	for _, s := range r.settings() {
		if s.key == key {
			value = s.value
		}
	}
	return value
}

// parseConfig reads a configuration file.
func parseConfig(text string) []setting {
	var list []setting
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			name, rest, _ := strings.Cut(line[1:], "]")
			head, sub, has := strings.Cut(name, " ")
			section = strings.ToLower(head)
			if has {
				section += "." + strings.ReplaceAll(strings.Trim(strings.TrimSpace(sub), `"`), `\"`, `"`)
			}
			if line = strings.TrimSpace(rest); line == "" {
				continue
			}
		}
		if line == "" || line[0] == '#' || line[0] == ';' || section == "" {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			value = "true"
		}
		list = append(list, setting{section + "." + strings.ToLower(strings.TrimSpace(key)), configValue(strings.TrimSpace(value))})
	}
	return list
}

func configValue(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(text):
			i++
			if at := strings.IndexByte("nt", text[i]); at >= 0 {
				b.WriteByte("\n\t"[at])
			} else {
				b.WriteByte(text[i])
			}
		case !quoted && (c == '#' || c == ';'):
			return strings.TrimSpace(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// setConfig writes one setting into a file, in the place of the old one or behind its section.
func (r *repo) setConfig(file, key, value string, unset, more bool) error {
	old, _ := r.inv.FS.ReadFile(file)
	last := strings.LastIndexByte(key, '.')
	head := sectionHead(key[:last])
	line := fmt.Sprintf("\t%s = %s\n", key[last+1:], quoteConfig(value))
	var out []string
	section, done, at := "", false, -1
	for l := range strings.Lines(string(old)) {
		if !strings.HasSuffix(l, "\n") {
			l += "\n"
		}
		trimmed := strings.TrimSpace(l)
		if strings.HasPrefix(trimmed, "[") {
			section = trimmed
		} else if parsed := parseConfig(section + "\n" + l); len(parsed) == 1 && parsed[0].key == key && !more {
			if !unset && !done {
				out = append(out, line)
			}
			done = true
			continue
		}
		out = append(out, l)
		if parsed := parseConfig(section + "\nx = y\n"); len(parsed) > 0 && parsed[len(parsed)-1].key == key[:last]+".x" {
			at = len(out)
		}
	}
	switch {
	case unset && !done:
		return exit(5)
	case done || unset:
	case at >= 0:
		out = slices.Insert(out, at, line)
	default:
		out = append(out, head+"\n", line)
	}
	if err := r.inv.FS.WriteFile(file, []byte(strings.Join(out, "")), 0o644); err != nil {
		return &failure{4, fmt.Sprintf("error: could not write config file %s: %v", file, err)}
	}
	return nil
}

func quoteConfig(value string) string {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(value)
	if strings.ContainsAny(value, "#;") || strings.TrimSpace(value) != value {
		return `"` + escaped + `"`
	}
	return escaped
}

// renameSection gives a section of the repository's configuration another name; without one it is removed.
func (r *repo) renameSection(old, name string) error {
	file := r.dir + "/config"
	text, _ := r.inv.FS.ReadFile(file)
	var b strings.Builder
	inside := false
	for l := range strings.Lines(string(text)) {
		if trimmed := strings.TrimSpace(l); strings.HasPrefix(trimmed, "[") {
			parsed := parseConfig(trimmed + "\nx = y\n")
			inside = len(parsed) > 0 && parsed[len(parsed)-1].key == old+".x"
			if inside && name != "" {
				l = sectionHead(name) + "\n"
			}
		}
		if !inside || name != "" {
			b.WriteString(l)
		}
	}
	if err := r.inv.FS.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		return &failure{4, fmt.Sprintf("error: could not write config file %s: %v", file, err)}
	}
	return nil
}

// dropEmptySection removes a section of the repository's configuration in which nothing is left.
func (r *repo) dropEmptySection(name string) error {
	for _, s := range r.settings() {
		if strings.HasPrefix(s.key, name+".") {
			return nil
		}
	}
	return r.renameSection(name, "")
}

// sectionHead is the line that begins a section: "remote.origin" is [remote "origin"].
func sectionHead(name string) string {
	head, sub, ok := strings.Cut(name, ".")
	if !ok {
		return "[" + head + "]"
	}
	return fmt.Sprintf("[%s \"%s\"]", head, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(sub))
}

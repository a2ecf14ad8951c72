package git

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

func initCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("quiet=q initial-branch:=b bare template: shared?", args)
	if err != nil {
		return err
	}
	dir := r.at
	if len(operands) > 0 {
		child := *r.inv
		child.Dir = r.at
		dir = path.Clean(child.Path(operands[0]))
	}
	git := path.Join(dir, ".git")
	if f.has("bare") {
		git = dir
	}
	verb := "Initialized empty"
	if r.isRepo(git) {
		verb = "Reinitialized existing"
	}
	branch := f.last("initial-branch")
	if branch == "" {
		branch = r.config("init.defaultbranch")
	}
	if branch == "" {
		branch = "main"
	}
	if !validRef("refs/heads/" + branch) {
		return fatal("invalid initial branch name: '%s'", branch)
	}
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"} {
		if err := r.inv.FS.MkdirAll(git+"/"+sub, 0o755); err != nil {
			return fatal("cannot mkdir %s: %v", dir, err)
		}
	}
	if verb[0] == 'I' {
		r.dir = git
		config := fmt.Sprintf("[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = %v\n", f.has("bare"))
		if !f.has("bare") {
			config += "\tlogallrefupdates = true\n"
		}
		for name, text := range map[string]string{"HEAD": "ref: refs/heads/" + branch + "\n", "config": config,
			"description": "Unnamed repository; edit this file 'description' to name the repository.\n"} {
			if err := r.writeGit(name, text); err != nil {
				return err
			}
		}
	}
	if !f.has("quiet") {
		fmt.Fprintf(r.out, "%s Git repository in %s/\n", verb, git)
	}
	return nil
}

func configCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("global local system get get-all list=l unset add show-origin bool int type: null=z worktree unset-all name-only get-regexp", args)
	if err != nil {
		return err
	}
	files := r.configFiles()
	if f.has("global") {
		files = files[:1]
	} else if f.has("local") && r.dir != "" {
		files = files[1:]
	}
	target := files[len(files)-1]
	if f.has("system") {
		return fatal("there is no system configuration in this sandbox")
	}
	var all []setting
	for _, file := range files {
		text, _ := r.inv.FS.ReadFile(file)
		all = append(all, parseConfig(string(text))...)
	}
	if !f.has("global") {
		all = append(all, r.given...)
	}
	if f.has("list") {
		for _, s := range all {
			fmt.Fprintf(r.out, "%s=%s\n", s.key, s.value)
		}
		return nil
	}
	if len(operands) == 0 {
		return &failure{129, "usage: git config [<options>]"}
	}
	key := lowerKey(operands[0])
	if !strings.Contains(key, ".") {
		return &failure{min(len(operands), 2), "error: key does not contain a section: " + operands[0]}
	}
	if len(operands) > 1 && !f.has("get") && !f.has("get-all") || f.has("unset") || f.has("unset-all") {
		if !f.has("global") && r.dir == "" {
			return fatal("not in a git directory")
		}
		value := ""
		if len(operands) > 1 {
			value = operands[1]
		}
		return r.setConfig(target, key, value, f.has("unset") || f.has("unset-all"), f.has("add"))
	}
	var values []string
	for _, s := range all {
		if s.key == key {
			values = append(values, s.value)
		}
	}
	if len(values) == 0 {
		return exit(1)
	}
	if !f.has("get-all") {
		values = values[len(values)-1:]
	}
	for _, v := range values {
		fmt.Fprintln(r.out, v)
	}
	return nil
}

// lowerKey lowers the section and the name of "section.Sub Section.name".
func lowerKey(key string) string {
	first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
	if first < 0 {
		return strings.ToLower(key)
	}
	return strings.ToLower(key[:first]) + key[first:last] + strings.ToLower(key[last:])
}

// setConfig writes one setting into a file, in the place of the old one or behind its section.
func (r *repo) setConfig(file, key, value string, unset, more bool) error {
	old, _ := r.inv.FS.ReadFile(file)
	first, last := strings.IndexByte(key, '.'), strings.LastIndexByte(key, '.')
	head := "[" + key[:first] + "]"
	if first < last {
		head = fmt.Sprintf("[%s \"%s\"]", key[:first], strings.ReplaceAll(key[first+1:last], `"`, `\"`))
	}
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

func remote(r *repo, args []string) error {
	f, operands, _, _, err := parse("verbose=v", args)
	if err != nil {
		return err
	}
	urls := map[string]string{}
	for _, s := range r.settings() {
		if name, ok := strings.CutPrefix(s.key, "remote."); ok && strings.HasSuffix(name, ".url") {
			urls[strings.TrimSuffix(name, ".url")] = s.value
		}
	}
	names := make([]string, 0, len(urls))
	for name := range urls {
		names = append(names, name)
	}
	slices.Sort(names)
	switch {
	case len(operands) == 0:
		for _, name := range names {
			if f.has("verbose") {
				fmt.Fprintf(r.out, "%s\t%s (fetch)\n%s\t%s (push)\n", name, urls[name], name, urls[name])
			} else {
				fmt.Fprintln(r.out, name)
			}
		}
		return nil
	case operands[0] == "get-url" && len(operands) == 2:
		if urls[operands[1]] == "" {
			return &failure{2, fmt.Sprintf("error: No such remote '%s'", operands[1])}
		}
		fmt.Fprintln(r.out, urls[operands[1]])
		return nil
	case operands[0] == "add" && len(operands) == 3:
		name := operands[1]
		if urls[name] != "" {
			return &failure{3, fmt.Sprintf("error: remote %s already exists.", name)}
		}
		if !validRef("refs/remotes/" + name) {
			return fatal("'%s' is not a valid remote name", name)
		}
		if err := r.setConfig(r.dir+"/config", "remote."+name+".url", operands[2], false, false); err != nil {
			return err
		}
		return r.setConfig(r.dir+"/config", "remote."+name+".fetch", "+refs/heads/*:refs/remotes/"+name+"/*", false, false)
	case operands[0] == "set-url" && len(operands) == 3:
		return r.setConfig(r.dir+"/config", "remote."+operands[1]+".url", operands[2], false, false)
	case (operands[0] == "remove" || operands[0] == "rm") && len(operands) == 2:
		if urls[operands[1]] == "" {
			return &failure{2, fmt.Sprintf("error: No such remote: '%s'", operands[1])}
		}
		for _, key := range []string{"url", "fetch"} {
			if err := r.setConfig(r.dir+"/config", "remote."+operands[1]+"."+key, "", true, false); err != nil {
				return err
			}
		}
		return nil
	}
	return &failure{129, "usage: git remote [-v] | add <name> <url> | remove <name> | get-url <name> | set-url <name> <url>"}
}

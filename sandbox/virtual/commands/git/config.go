package git

import (
	"fmt"
	"strings"
)

func configCommand(r *repo, args []string) error {
	// What is behind the name is a value, whatever it looks like.
	options := 0
	for options < len(args) && strings.HasPrefix(args[options], "-") && args[options] != "-" {
		if args[options] == "--type" {
			options++
		}
		options++
	}
	options = min(options, len(args))
	f, operands, after, _, err := parse("global local system get get-all list=l unset add show-origin bool int type: null=z worktree unset-all name-only get-regexp", args[:options])
	if err != nil {
		return err
	}
	operands = append(append(operands, after...), args[options:]...)
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
		return misuse("config", "")
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

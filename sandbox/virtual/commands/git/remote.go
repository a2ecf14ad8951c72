package git

import (
	"fmt"
	"slices"
	"strings"
)

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

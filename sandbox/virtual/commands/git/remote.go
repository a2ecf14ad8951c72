package git

import (
	"fmt"
	"slices"
	"strings"
)

func remote(r *repo, args []string) error {
	f, operands, _, _, err := parse("verbose=v fetch=f tags no-tags push add delete=d all auto=a dry-run=n track:=t master:=m mirror? prune=p no-progress progress", args)
	if err != nil {
		return err
	}
	if len(operands) == 0 {
		return r.listRemotes(f.has("verbose"))
	}
	verb, operands := operands[0], operands[1:]
	verbs := map[string]struct {
		least, most int
		run         func(f flags, args []string) error
	}{
		"add": {2, 2, r.addRemote}, "remove": {1, 1, r.removeRemote}, "rm": {1, 1, r.removeRemote}, "rename": {2, 2, r.renameRemote}, "get-url": {1, 1, r.remoteURL},
		"set-url": {2, 3, r.setRemoteURL}, "show": {0, 100, r.showRemotes}, "prune": {1, 100, r.pruneRemotes}, "update": {0, 100, r.updateRemotes}, "set-head": {1, 2, r.setRemoteHead},
	}
	v, ok := verbs[verb]
	switch {
	case !ok:
		return misuse("remote", fmt.Sprintf("error: unknown subcommand: `%s'", verb))
	case len(operands) < v.least || len(operands) > v.most:
		return misuse("remote", "")
	case len(operands) > 0 && verb != "add" && verb != "show" && verb != "update" && !slices.Contains(r.remotes(), operands[0]):
		text := "error: No such remote: '%s'"
		if verb == "get-url" || verb == "set-url" {
			text = "error: No such remote '%s'"
		}
		return &failure{2, fmt.Sprintf(text, operands[0])}
	}
	return v.run(f, operands)
}

func (r *repo) listRemotes(verbose bool) error {
	for _, name := range r.remotes() {
		c, err := r.remoteOf(name)
		switch {
		case err != nil:
			return err
		case verbose:
			fmt.Fprintf(r.out, "%s\t%s (fetch)\n%s\t%s (push)\n", name, c.url, name, c.push)
		default:
			fmt.Fprintln(r.out, name)
		}
	}
	return nil
}

func (r *repo) addRemote(f flags, args []string) error {
	name := args[0]
	if slices.Contains(r.remotes(), name) {
		return &failure{3, fmt.Sprintf("error: remote %s already exists.", name)}
	}
	if !validRef("refs/remotes/"+name) || strings.HasPrefix(name, "-") {
		return fatal("'%s' is not a valid remote name", name)
	}
	settings := []setting{{"url", args[1]}}
	for _, branch := range f["track"] {
		settings = append(settings, setting{"fetch", "+refs/heads/" + branch + ":refs/remotes/" + name + "/" + branch})
	}
	if !f.has("track") {
		settings = append(settings, setting{"fetch", "+refs/heads/*:refs/remotes/" + name + "/*"})
	}
	for _, key := range []string{"tags", "no-tags"} {
		if f.has(key) {
			settings = append(settings, setting{"tagopt", "--" + key})
		}
	}
	for _, s := range settings {
		if err := r.setConfig(r.dir+"/config", "remote."+name+"."+s.key, s.value, false, s.key == "fetch"); err != nil {
			return err
		}
	}
	if !f.has("fetch") {
		return nil
	}
	fmt.Fprintf(r.out, "Updating %s\n", name)
	return fetchCommand(r, []string{name})
}

// branchesOf are the branches that follow a remote.
func (r *repo) branchesOf(name string) []string {
	var list []string
	for _, s := range r.settings() {
		if branch, ok := strings.CutSuffix(s.key, ".remote"); ok && strings.HasPrefix(branch, "branch.") && s.value == name {
			list = append(list, strings.TrimPrefix(branch, "branch."))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (r *repo) removeRemote(_ flags, args []string) error {
	name := args[0]
	for _, branch := range r.branchesOf(name) {
		for _, key := range []string{"remote", "merge"} {
			if err := r.setConfig(r.dir+"/config", "branch."+branch+"."+key, "", true, false); err != nil {
				return err
			}
		}
	}
	for short := range r.refs("refs/remotes/" + name + "/") {
		if err := r.deleteRef("refs/remotes/" + name + "/" + short); err != nil {
			return err
		}
	}
	return r.renameSection("remote."+name, "")
}

func (r *repo) renameRemote(_ flags, args []string) error {
	old, name := args[0], args[1]
	switch {
	case slices.Contains(r.remotes(), name):
		return fatal("remote %s already exists.", name)
	case !validRef("refs/remotes/"+name) || strings.HasPrefix(name, "-"):
		return fatal("'%s' is not a valid remote name", name)
	}
	c, err := r.remoteOf(old)
	if err != nil {
		return err
	}
	branches := r.branchesOf(old)
	if err := r.renameSection("remote."+old, "remote."+name); err != nil {
		return err
	}
	file := r.dir + "/config"
	if err := r.setConfig(file, "remote."+name+".fetch", "", true, false); err != nil && len(c.fetch) > 0 {
		return err
	}
	for _, s := range c.fetch {
		text := s.src + ":" + strings.Replace(s.dst, "refs/remotes/"+old+"/", "refs/remotes/"+name+"/", 1)
		if s.force {
			text = "+" + text
		}
		if err := r.setConfig(file, "remote."+name+".fetch", text, false, true); err != nil {
			return err
		}
	}
	for _, branch := range branches {
		if err := r.setConfig(file, "branch."+branch+".remote", name, false, false); err != nil {
			return err
		}
	}
	return r.moveRefs("refs/remotes/"+old+"/", "refs/remotes/"+name+"/")
}

// moveRefs gives all refs below a prefix another one.
func (r *repo) moveRefs(old, now string) error {
	head, symbolic := r.gitFile(old + "HEAD")
	all := r.refs(old)
	for _, short := range sortedNames(all) {
		if err := r.deleteRef(old + short); err != nil {
			return err
		}
		if short == "HEAD" && symbolic {
			continue
		}
		if err := r.setRef(now+short, all[short], fmt.Sprintf("remote: renamed %s%s to %s%s", old, short, now, short)); err != nil {
			return err
		}
	}
	if !symbolic {
		return nil
	}
	return r.writeGit(now+"HEAD", strings.Replace(head, old, now, 1)+"\n")
}

func (r *repo) remoteURL(f flags, args []string) error {
	c, err := r.remoteOf(args[0])
	if err != nil {
		return err
	}
	if f.has("push") {
		c.url = c.push
	}
	fmt.Fprintln(r.out, c.url)
	return nil
}

func (r *repo) setRemoteURL(f flags, args []string) error {
	key := "url"
	if f.has("push") {
		key = "pushurl"
	}
	if f.has("delete") || f.has("add") {
		return fatal("a remote has one URL in this sandbox; set it without --add and --delete")
	}
	return r.setConfig(r.dir+"/config", "remote."+args[0]+"."+key, args[1], false, false)
}

func (r *repo) pruneRemotes(f flags, args []string) error {
	for _, name := range args {
		t := &fetching{repo: r, f: flags{}}
		if f.has("dry-run") {
			t.f["dry-run"] = []string{""}
		}
		var err error
		if t.remote, err = r.remoteOf(name); err != nil {
			return err
		}
		p, err := r.open(t.remote.url, false)
		if err != nil {
			return err
		}
		theirs, err := p.refs(prefixes(t.remote.fetch))
		if err != nil {
			return err
		}
		gone := t.stale(theirs, t.remote.fetch)
		if len(gone) > 0 {
			fmt.Fprintf(r.out, "Pruning %s\nURL: %s\n", name, masked(t.remote.url))
		}
		for _, ref := range gone {
			word := "pruned"
			if f.has("dry-run") {
				word = "would prune"
			} else if err := r.deleteRef(ref); err != nil {
				return err
			}
			fmt.Fprintf(r.out, " * [%s] %s\n", word, shortRef(ref))
		}
	}
	return nil
}

func (r *repo) updateRemotes(f flags, args []string) error {
	if len(args) == 0 {
		args = r.remotes()
	}
	given := []string{"--multiple"}
	if f.has("prune") {
		given = append(given, "--prune")
	}
	return fetchCommand(r, append(given, args...))
}

func (r *repo) setRemoteHead(f flags, args []string) error {
	name := args[0]
	at := "refs/remotes/" + name + "/"
	switch {
	case f.has("delete"):
		return r.deleteRef(at + "HEAD")
	case f.has("auto"):
		c, err := r.remoteOf(name)
		if err != nil {
			return err
		}
		p, err := r.open(c.url, false)
		if err != nil {
			return err
		}
		theirs, err := p.refs([]string{"HEAD", "refs/heads/"})
		if err != nil {
			return err
		}
		head, _ := findRef(theirs, "HEAD")
		branch, ok := strings.CutPrefix(head.target, "refs/heads/")
		if !ok {
			return problem("Cannot determine remote HEAD")
		}
		args = []string{name, branch}
	case len(args) < 2:
		return misuse("remote", "")
	}
	if _, ok := r.ref(at + args[1]); !ok {
		return problem("Not a valid ref: %s%s", at, args[1])
	}
	if f.has("auto") {
		fmt.Fprintf(r.out, "%s/HEAD set to %s\n", name, args[1])
	}
	return r.writeGit(at+"HEAD", "ref: "+at+args[1]+"\n")
}

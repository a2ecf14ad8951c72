package git

import "strings"

// remoteConfig is another repository as the configuration or the command line names it.
type remoteConfig struct {
	name  string // "" where the command line has a URL
	url   string
	push  string // where it is pushed to
	fetch []refspec
	tags  string // "--no-tags", "--tags" or ""
	prune bool
	sends []string // remote.NAME.push
}

// remoteOf finds a remote by its name, or takes the name for a URL.
func (r *repo) remoteOf(name string) (remoteConfig, error) {
	f := remoteConfig{prune: r.config("fetch.prune") == "true"}
	var specs []string
	for _, s := range r.settings() {
		key, ok := strings.CutPrefix(s.key, "remote."+name+".")
		if !ok {
			continue
		}
		switch key {
		case "url":
			if f.name = name; f.url == "" {
				f.url = s.value
			}
		case "pushurl":
			f.push = s.value
		case "fetch":
			specs = append(specs, s.value)
		case "push":
			f.sends = append(f.sends, s.value)
		case "tagopt":
			f.tags = s.value
		case "prune":
			f.prune = s.value == "true"
		}
	}
	if f.name == "" {
		f.url = name
	}
	if f.push == "" {
		f.push = f.url
	}
	f.url, f.push = r.instead(f.url), r.instead(f.push)
	var err error
	f.fetch, err = parseRefspecs(specs)
	return f, err
}

// remotes are the names of the remotes, in order.
func (r *repo) remotes() []string {
	all := map[string]id{}
	for _, s := range r.settings() {
		if name, ok := strings.CutPrefix(s.key, "remote."); ok && strings.LastIndexByte(name, '.') > 0 {
			all[name[:strings.LastIndexByte(name, '.')]] = id{}
		}
	}
	return sortedNames(all)
}

// instead applies url.BASE.insteadOf; the longest match counts.
func (r *repo) instead(url string) string {
	longest, result := 0, url
	for _, s := range r.settings() {
		base, ok := strings.CutPrefix(s.key, "url.")
		if !ok || !strings.HasSuffix(base, ".insteadof") || len(s.value) <= longest {
			continue
		}
		if rest, ok := strings.CutPrefix(url, s.value); ok {
			longest, result = len(s.value), strings.TrimSuffix(base, ".insteadof")+rest
		}
	}
	return result
}

// defaultRemote is the one that a branch follows, or origin.
func (r *repo) defaultRemote(branch string) string {
	if name := r.config("branch." + strings.TrimPrefix(branch, "refs/heads/") + ".remote"); name != "" {
		return name
	}
	return "origin"
}

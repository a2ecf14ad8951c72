package git

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const fetchFlags = "all multiple prune=p tags=t no-tags depth: unshallow deepen: force=f dry-run quiet=q verbose=v append=a update-head-ok=u no-progress progress jobs:=j set-upstream refmap: no-prune no-recurse-submodules recurse-submodules? keep=k no-auto-gc no-auto-maintenance ipv4=4 ipv6=6"

func fetchCommand(r *repo, args []string) error {
	f, operands, after, _, err := parse(fetchFlags, args)
	if err != nil {
		return err
	}
	operands = append(operands, after...)
	remotes := operands
	switch {
	case f.has("all"):
		if len(operands) > 0 {
			return fatal("fetch --all does not take a repository argument")
		}
		remotes = r.remotes()
	case !f.has("multiple"):
		t := &fetching{repo: r, f: f, reason: strings.Join(append([]string{"fetch"}, args...), " ")}
		if len(operands) > 0 {
			return t.run(operands[0], operands[1:])
		}
		branch, _ := r.head()
		return t.run(r.defaultRemote(branch), nil)
	}
	for i, name := range remotes {
		if !f.has("quiet") && len(remotes) > 1 {
			fmt.Fprintf(r.out, "Fetching %s\n", name)
			r.out.Flush()
		}
		t := &fetching{repo: r, f: f, reason: "fetch " + name}
		if i > 0 {
			t.f["append"] = []string{""}
		}
		if err := t.run(name, nil); err != nil {
			return err
		}
	}
	return nil
}

// fetching is a fetch from one repository.
type fetching struct {
	*repo
	f      flags
	reason string // for the logs of refs

	remote  remoteConfig
	list    []fetched
	width   [2]int // of the ids and the names in what is said
	from    bool   // "From" has been said
	refused bool
	stuck   bool // a ref could not be written
}

// fetched is a ref to fetch.
type fetched struct {
	farRef
	dst    string // the ref here that becomes it; "" for none
	force  bool
	merge  bool // pull merges it
	silent bool // FETCH_HEAD does not have it
}

// run fetches what the refspecs of the command line, or those of the configuration, say.
func (t *fetching) run(name string, args []string) error {
	var err error
	if t.remote, err = t.remoteOf(name); err != nil {
		return err
	}
	if t.remote.name == "" && len(args) == 0 && name == "origin" && len(t.remotes()) == 0 {
		if _, ok := t.locate(name); !ok {
			return nil
		}
	}
	for i := range args {
		if args[i] == "tag" && i+1 < len(args) {
			args = slices.Replace(slices.Clone(args), i, i+2, "refs/tags/"+args[i+1]+":refs/tags/"+args[i+1])
			break
		}
	}
	specs, err := parseRefspecs(args)
	if err != nil {
		return err
	}
	depth, err := t.depth()
	if err != nil {
		return err
	}
	p, err := t.open(t.remote.url, false)
	if err != nil {
		return err
	}
	theirs, err := p.refs(prefixes(append(slices.Clone(specs), t.remote.fetch...)))
	if err != nil {
		return err
	}
	if err := t.choose(theirs, specs); err != nil {
		return err
	}
	tags := !t.f.has("no-tags") && t.remote.tags != "--no-tags" && !t.f.has("tags") && slices.ContainsFunc(t.list, func(f fetched) bool { return f.dst != "" && !f.silent })
	var wants []id
	for _, f := range t.list {
		wants = append(wants, f.id)
	}
	t.measure()
	if t.f.has("prune") || t.remote.prune && !t.f.has("no-prune") {
		if err := t.prune(theirs, specs); err != nil {
			return err
		}
	}
	if len(theirs) == 0 && len(args) == 0 {
		return nil
	}
	if err := t.obtain(p, theirs, query{wants: wants, depth: depth, relative: t.f.has("deepen"), tags: tags}, true); err != nil {
		return err
	}
	if tags {
		if err := t.followTags(p, theirs); err != nil {
			return err
		}
	}
	return t.finish()
}

// finish updates the refs here, and FETCH_HEAD.
func (t *fetching) finish() error {
	for _, f := range t.list {
		if err := t.update(f); err != nil {
			return err
		}
	}
	if !t.f.has("dry-run") {
		if err := t.writeFetchHead(); err != nil {
			return err
		}
	}
	if t.stuck {
		return problem("some local refs could not be updated; try running\n 'git remote prune %s' to remove any old, conflicting branches", t.remote.label())
	}
	if t.refused {
		return exit(1)
	}
	if t.f.has("set-upstream") && !t.f.has("dry-run") {
		return t.setUpstreamTo()
	}
	return nil
}

// setUpstreamTo lets the branch follow the one that the command line named.
func (t *fetching) setUpstreamTo() error {
	branch, _ := t.head()
	for _, f := range t.list {
		if f.merge && strings.HasPrefix(f.name, "refs/heads/") && branch != "" {
			return t.repo.setUpstream(shortRef(branch), t.remote.label(), f.name)
		}
	}
	return nil
}

func (t *fetching) depth() (int, error) {
	text := t.f.last("depth") + t.f.last("deepen")
	switch {
	case t.f.has("depth") && t.f.has("deepen"):
		return 0, fatal("options '--deepen' and '--depth' cannot be used together")
	case t.f.has("unshallow"):
		if len(t.shallow()) == 0 {
			return 0, fatal("--unshallow on a complete repository does not make sense")
		}
		return wholeHistory, nil
	case text == "":
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 || n > wholeHistory {
		return 0, fatal("depth %s is not a positive number", text)
	}
	return n, nil
}

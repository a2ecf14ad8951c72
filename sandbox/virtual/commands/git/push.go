package git

import (
	"fmt"
	"slices"
	"strings"
)

const pushFlags = "all=branches tags delete=d force=f force-with-lease? no-force-with-lease force-if-includes set-upstream=u dry-run=n quiet=q verbose=v follow-tags no-follow-tags prune mirror atomic porcelain no-verify verify progress no-progress thin no-thin repo: push-option:=o signed? recurse-submodules: no-recurse-submodules ipv4=4 ipv6=6"

func pushCommand(r *repo, args []string) error {
	f, operands, after, _, err := parse(pushFlags, args)
	if err != nil {
		return err
	}
	operands = append(operands, after...)
	for _, key := range []string{"mirror", "prune", "porcelain", "push-option", "signed"} {
		if f.has(key) {
			return fatal("push --%s is not supported in this sandbox", key)
		}
	}
	branch, _ := r.head()
	name := f.last("repo")
	switch {
	case len(operands) > 0:
		name, operands = operands[0], operands[1:]
	case name == "":
		name = r.pushRemote(branch)
	}
	t := &pushing{repo: r, f: f, branch: branch}
	if t.remote, err = r.remoteOf(name); err != nil {
		return err
	}
	if t.remote.name == "" && name == "origin" && !f.has("repo") && len(operands) == 0 {
		if _, ok := r.locate(name); !ok {
			return fatal("No configured push destination.\nEither specify the URL from the command-line or configure a remote repository using\n\n    git remote add <name> <url>\n\nand then push using the remote name\n\n    git push <name>\n")
		}
	}
	if t.specs, err = t.wanted(operands); err != nil {
		return err
	}
	return t.run()
}

// pushRemote is where a branch is pushed to.
func (r *repo) pushRemote(branch string) string {
	for _, key := range []string{"branch." + strings.TrimPrefix(branch, "refs/heads/") + ".pushremote", "remote.pushdefault"} {
		if name := r.config(key); name != "" {
			return name
		}
	}
	return r.defaultRemote(branch)
}

// pushing is a push to one repository.
type pushing struct {
	*repo
	f      flags
	branch string // that HEAD names
	remote remoteConfig
	specs  []refspec
	theirs []farRef
	list   []*pushed
}

// pushed is one ref of a push.
type pushed struct {
	update
	src    string // as it is shown; "" to delete
	full   string // the ref here that it is; "" where it is none
	force  bool
	same   bool   // nothing to do
	denied string // why this side does not even ask
	forced bool   // what was there is not within what comes
}

// wanted are the refspecs that the command line asks for, or else the configuration.
func (t *pushing) wanted(operands []string) ([]refspec, error) {
	if t.f.has("delete") {
		if len(operands) == 0 {
			return nil, fatal("--delete doesn't make sense without any refs")
		}
		for i, name := range operands {
			if strings.Contains(name, ":") {
				return nil, fatal("--delete only accepts plain target ref names")
			}
			operands[i] = ":" + name
		}
	}
	if t.f.has("all") {
		if len(operands) > 0 {
			return nil, fatal("--all can't be combined with refspecs")
		}
		operands = []string{"refs/heads/*:refs/heads/*"}
	}
	if len(operands) == 0 && !t.f.has("tags") {
		operands = t.remote.sends
	}
	if t.f.has("tags") {
		operands = append(operands, "refs/tags/*:refs/tags/*")
	}
	if len(operands) > 0 {
		for i := range operands {
			if operands[i] == "tag" && i+1 < len(operands) {
				operands = slices.Replace(slices.Clone(operands), i, i+2, "refs/tags/"+operands[i+1])
				break
			}
		}
		return parseRefspecs(operands)
	}
	return t.usual()
}

// usual is what "git push" alone pushes: what push.default says.
func (t *pushing) usual() ([]refspec, error) {
	short := strings.TrimPrefix(t.branch, "refs/heads/")
	how := t.config("push.default")
	switch {
	case how == "nothing":
		return nil, fatal("You didn't specify any refspecs to push, and push.default is \"nothing\".")
	case how == "matching":
		return []refspec{{paired: true}}, nil
	case t.branch == "":
		return nil, fatal("You are not currently on a branch.\nTo push the history leading to the current (detached HEAD)\nstate now, use\n\n    git push %s HEAD:<name-of-remote-branch>\n", t.remote.label())
	case how == "current":
		return []refspec{{src: t.branch, dst: t.branch, paired: true}}, nil
	}
	u, follows := t.upstream(t.branch)
	there := t.remote.name != "" && u.remote == t.remote.name
	switch {
	case !follows && t.config("push.autosetupremote") == "true" && t.remote.name != "":
		t.f["set-upstream"] = []string{""}
		return []refspec{{src: t.branch, dst: t.branch, paired: true}}, nil
	case follows && !there, !follows && t.remote.label() != t.defaultRemote(t.branch):
		return []refspec{{src: t.branch, dst: t.branch, paired: true}}, nil
	case !follows:
		return nil, fatal("The current branch %s has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n    git push --set-upstream %s %s\n\nTo have this happen automatically for branches without a tracking\nupstream, see 'push.autoSetupRemote' in 'git help config'.\n", short, t.remote.label(), short)
	case how != "upstream" && how != "tracking" && u.merge != t.branch:
		permanently := "\nTo choose either option permanently, see push.default in 'git help config'.\n"
		if how != "" {
			permanently = ""
		}
		return nil, fatal("The upstream branch of your current branch does not match\nthe name of your current branch.  To push to the upstream branch\non the remote, use\n\n    git push %s HEAD:%s\n\nTo push to the branch of the same name on the remote, use\n\n    git push %s HEAD\n%s\nTo avoid automatically configuring an upstream branch when its name\nwon't match the local branch, see option 'simple' of branch.autoSetupMerge\nin 'git help config'.\n",
			t.remote.label(), strings.TrimPrefix(u.merge, "refs/heads/"), t.remote.label(), permanently)
	}
	return []refspec{{src: t.branch, dst: u.merge, paired: true}}, nil
}

// label is how the remote is named: as configured, or by its URL.
func (c remoteConfig) label() string {
	if c.name != "" {
		return c.name
	}
	return c.url
}

func (t *pushing) run() error {
	if t.f.has("verbose") {
		fmt.Fprintf(t.inv.Stderr, "Pushing to %s\n", masked(t.remote.push))
	}
	p, err := t.open(t.remote.push, true)
	if err != nil {
		return err
	}
	if t.theirs, err = p.refs(nil); err != nil {
		return err
	}
	failed := false
	for _, s := range t.specs {
		if err := t.match(s); err != nil {
			wrong, ok := err.(*failure)
			if !ok || wrong.code != 1 {
				return err
			}
			fmt.Fprintln(t.inv.Stderr, wrong.text) // and what else is wrong is said, too
			failed = true
		}
	}
	if t.f.has("follow-tags") {
		if err := t.addTags(); err != nil {
			return err
		}
	}
	if failed {
		return problem("failed to push some refs to '%s'", masked(t.remote.push))
	}
	if len(t.list) == 0 {
		fmt.Fprintf(t.inv.Stderr, "No refs in common and none specified; doing nothing.\nPerhaps you should specify a branch.\n")
		return problem("failed to push some refs to '%s'", masked(t.remote.push))
	}
	if err := t.judge(); err != nil {
		return err
	}
	if err := t.send(p); err != nil {
		return err
	}
	return t.finish()
}

// send carries out what neither side has denied so far.
func (t *pushing) send(p peer) error {
	var updates []*update
	var starts, known []id
	denied := slices.ContainsFunc(t.list, func(u *pushed) bool { return u.denied != "" })
	for _, u := range t.list {
		switch {
		case u.denied != "" || u.same:
			continue
		case denied && t.f.has("atomic"):
			u.denied = "atomic push failed"
			continue
		}
		updates = append(updates, &u.update)
		if !u.now.zero() {
			starts = append(starts, u.now)
		}
	}
	if len(updates) == 0 || t.f.has("dry-run") {
		return nil
	}
	for _, ref := range t.theirs {
		if t.has(ref.id) {
			known = append(known, ref.id)
		}
	}
	var pack []byte
	if len(starts) > 0 {
		list, err := t.reach(starts, known, nil)
		if err != nil {
			return err
		}
		if pack, err = t.writePack(list); err != nil {
			return err
		}
	}
	return p.push(updates, pack)
}

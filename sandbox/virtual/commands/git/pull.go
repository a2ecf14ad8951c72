package git

import (
	"fmt"
	"slices"
	"strings"
)

const pullFlags = fetchFlags + " rebase?=r no-rebase ff no-ff ff-only commit no-commit edit=e no-edit squash no-squash stat=n no-stat strategy:=s strategy-option:=X allow-unrelated-histories autostash no-autostash no-verify verify signoff"

func pullCommand(r *repo, args []string) error {
	f, operands, after, _, err := parse(pullFlags, args)
	if err != nil {
		return err
	}
	operands = append(operands, after...)
	if err := r.needWork(); err != nil {
		return err
	}
	if err := r.onlyOrt(f); err != nil {
		return err
	}
	branch, head := r.head()
	p := &pulling{repo: r, f: f, reason: strings.Join(append([]string{"pull"}, args...), " "), branch: branch, head: head}
	if err := p.ready(); err != nil {
		return err
	}
	name := r.defaultRemote(branch)
	if len(operands) > 0 {
		name, operands = operands[0], operands[1:]
	}
	p.fetch = &fetching{repo: r, f: f, reason: p.reason}
	if err := p.fetch.run(name, operands); err != nil {
		if f, ok := err.(*failure); ok {
			f.code = 1
		}
		return err
	}
	if f.has("dry-run") {
		return nil
	}
	return p.bringIn(operands)
}

// pulling is a pull on its way.
type pulling struct {
	*repo
	f      flags
	reason string
	branch string
	head   id // before the fetch
	fetch  *fetching
	rebase bool
	said   bool // how to reconcile was said, on the command line or in the configuration
}

// ready finds how the two sides are to be brought together, and that nothing stands against it.
func (p *pulling) ready() error {
	x, err := p.readIndex()
	if err != nil {
		return err
	}
	if len(x.conflicts) > 0 {
		return &failure{128, "error: Pulling is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict."}
	}
	if _, merging := p.gitFile("MERGE_HEAD"); merging {
		return &failure{128, "error: You have not concluded your merge (MERGE_HEAD exists).\nhint: Please, commit your changes before merging.\nfatal: Exiting because of unfinished merge."}
	}
	how := p.config("branch." + strings.TrimPrefix(p.branch, "refs/heads/") + ".rebase")
	if how == "" {
		how = p.config("pull.rebase")
	}
	if ff := p.config("pull.ff"); !p.f.has("ff") && !p.f.has("no-ff") && !p.f.has("ff-only") && !p.f.has("rebase") {
		if key, ok := map[string]string{"only": "ff-only", "false": "no-ff", "true": "ff"}[ff]; ok {
			p.f[key] = []string{""}
		}
	}
	p.said = how != ""
	if p.f.has("rebase") {
		if how, p.said = p.f.last("rebase"), true; how == "" {
			how = "true"
		}
	}
	if p.f.has("no-rebase") {
		how, p.said = "false", true
	}
	switch how {
	case "", "false":
	case "true", "merges", "interactive":
		p.rebase = true
	default:
		return fatal("invalid value for '--rebase': '%s'", how)
	}
	if !p.rebase || p.head.zero() {
		return nil
	}
	err = p.needClean("pull with rebase")
	if f, ok := err.(*failure); ok && p.f.has("autostash") {
		f.text += "\nerror: --autostash is not supported in this sandbox; use git stash"
	}
	return err
}

// needClean is for commands that move what is committed, and nothing else.
func (r *repo) needClean(what string) error {
	s, err := r.state(nil, false, false)
	if err != nil {
		return err
	}
	text := ""
	if len(s.unstaged) > 0 {
		text = fmt.Sprintf("error: cannot %s: You have unstaged changes.\n", what)
	}
	if len(s.staged) > 0 {
		if text == "" {
			text = fmt.Sprintf("error: cannot %s: Your index contains uncommitted changes.\n", what)
		} else {
			text += "error: additionally, your index contains uncommitted changes.\n"
		}
	}
	if text == "" {
		return nil
	}
	return &failure{128, text + "error: please commit or stash them."}
}

// bringIn merges or rebases what was fetched.
func (p *pulling) bringIn(specs []string) error {
	var heads []fetched
	var err error
	for _, f := range p.fetch.list {
		if f.merge {
			heads = append(heads, f)
		}
	}
	switch {
	case len(heads) == 0:
		return p.nothing(specs)
	case len(heads) > 1 && !p.rebase:
		if heads, err = p.missing(heads); err != nil {
			return err
		}
		if len(heads) > 1 {
			return fatal("pull merges one branch at a time in this sandbox")
		}
	case len(heads) > 1:
		return fatal("Cannot rebase onto multiple branches.")
	}
	theirs, err := p.commit(heads[0].id)
	if err != nil {
		return err
	}
	f := flags{}
	for _, key := range []string{"no-ff", "ff-only", "quiet", "no-commit", "allow-unrelated-histories"} {
		if p.f.has(key) {
			f[key] = []string{""}
		}
	}
	m := mergeOf{theirs: theirs, label: theirs.id.String(), title: "Merge " + p.fetch.note(heads[0]), reason: p.reason}
	if p.head.zero() {
		return p.repo.merge(f, m)
	}
	forward, err := p.isAncestor(p.head, theirs.id)
	if err != nil {
		return err
	}
	done, err := p.isAncestor(theirs.id, p.head)
	if err != nil {
		return err
	}
	switch diverged := !forward && !done; {
	case p.f.has("ff-only") && diverged:
		return fatal("Not possible to fast-forward, aborting.")
	case diverged && !p.said && !p.f.has("ff") && !p.f.has("no-ff"):
		return &failure{128, divergedAdvice + "fatal: Need to specify how to reconcile divergent branches."}
	case p.rebase && !forward:
		return p.repo.rebaseOnto(theirs.id, theirs.id, theirs.id.String(), p.f.has("quiet"))
	}
	return p.repo.merge(f, m)
}

// missing are those of several branches that HEAD does not have, or the last where it has all.
func (p *pulling) missing(heads []fetched) ([]fetched, error) {
	var list []fetched
	for _, f := range heads {
		c, err := p.commit(f.id)
		if err != nil {
			return nil, err
		}
		if done, err := p.isAncestor(c.id, p.head); err != nil {
			return nil, err
		} else if !done || p.head.zero() {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		list = heads[len(heads)-1:]
	}
	return list, nil
}

const divergedAdvice = "hint: You have divergent branches and need to specify how to reconcile them.\nhint: You can do so by running one of the following commands sometime before\nhint: your next pull:\nhint:\n" +
	"hint:   git config pull.rebase false  # merge\nhint:   git config pull.rebase true   # rebase\nhint:   git config pull.ff only       # fast-forward only\nhint:\n" +
	"hint: You can replace \"git config\" with \"git config --global\" to set a default\nhint: preference for all repositories. You can also pass --rebase, --no-rebase,\nhint: or --ff-only on the command line to override the configured default per\nhint: invocation.\n"

// nothing says why there is nothing to merge.
func (p *pulling) nothing(specs []string) error {
	verb := "merge with"
	if p.rebase {
		verb = "rebase against"
	}
	short := strings.TrimPrefix(p.branch, "refs/heads/")
	remote := p.fetch.remote.name
	u, follows := p.upstream(p.branch)
	switch {
	case len(specs) > 0:
		return &failure{1, fmt.Sprintf("There are no candidates for %s among the refs that you just fetched.\nGenerally this means that you provided a wildcard refspec which had no\nmatches on the remote end.", map[bool]string{true: "rebasing against", false: "merging"}[p.rebase])}
	case p.branch == "":
		return &failure{1, fmt.Sprintf("You are not currently on a branch.\nPlease specify which branch you want to %s.\nSee git-pull(1) for details.\n\n    git pull <remote> <branch>\n", verb)}
	case remote != "" && follows && u.remote != remote, remote != "" && !follows && slices.Contains(p.remotes(), remote) && p.defaultRemote(p.branch) != remote:
		return &failure{1, fmt.Sprintf("You asked to pull from the remote '%s', but did not specify\na branch. Because this is not the default configured remote\nfor your current branch, you must specify a branch on the command line.", remote)}
	case !follows:
		if remote == "" {
			remote = "<remote>"
		}
		return &failure{1, fmt.Sprintf("There is no tracking information for the current branch.\nPlease specify which branch you want to %s.\nSee git-pull(1) for details.\n\n    git pull <remote> <branch>\n\nIf you wish to set tracking information for this branch you can do so with:\n\n    git branch --set-upstream-to=%s/<branch> %s\n", verb, remote, short)}
	}
	return &failure{1, fmt.Sprintf("Your configuration specifies to merge with the ref '%s'\nfrom the remote, but no such ref was fetched.", u.merge)}
}

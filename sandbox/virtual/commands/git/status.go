package git

import (
	"slices"
)

// state is how index and working tree differ from HEAD.
type state struct {
	index     *index
	staged    []change
	unstaged  []change
	untracked []string
	ignored   []string
	hidden    bool // what is untracked is not looked at
}

func (r *repo) state(p *paths, every, ignored bool) (*state, error) {
	s := &state{}
	var err error
	if s.index, err = r.readIndex(); err != nil {
		return nil, err
	}
	head, err := r.headTree()
	if err != nil {
		return nil, err
	}
	for name := range s.index.conflicts {
		delete(head, name)
	}
	if s.staged, err = r.changes(head, s.index.flat(), p, true, false); err != nil {
		return nil, err
	}
	work, err := r.workFiles(s.index)
	if err != nil {
		return nil, err
	}
	for name := range s.index.conflicts {
		delete(work, name)
	}
	if s.unstaged, err = r.changes(s.index.flat(), work, p, false, false); err != nil {
		return nil, err
	}
	if s.untracked, err = r.untracked(s.index, every, false); err != nil {
		return nil, err
	}
	s.untracked = slices.DeleteFunc(s.untracked, func(name string) bool { return p != nil && !p.match(name) })
	if ignored {
		s.ignored, err = r.untracked(s.index, false, true)
	}
	return s, err
}

// conflictWords are what status says of a file in conflict, by which of base, ours and theirs it has.
var conflictWords = map[[3]bool][2]string{
	{true, true, true}: {"UU", "both modified:   "}, {false, true, true}: {"AA", "both added:      "}, {true, true, false}: {"UD", "deleted by them: "},
	{true, false, true}: {"DU", "deleted by us:   "}, {true, false, false}: {"DD", "both deleted:    "}, {false, true, false}: {"AU", "added by us:     "},
	{false, false, true}: {"UA", "added by them:   "},
}

func conflictWord(c [3]entry) [2]string {
	return conflictWords[[3]bool{c[0].mode != 0, c[1].mode != 0, c[2].mode != 0}]
}

func status(r *repo, args []string) error {
	f, operands, after, _, err := parse("short=s branch=b porcelain? long untracked-files?=u ignored? null=z no-renames verbose=v show-stash ahead-behind", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	p, err := r.paths(append(operands, after...))
	if err != nil {
		return err
	}
	s, err := r.state(p, f.last("untracked-files") == "all", f.has("ignored"))
	if err != nil {
		return err
	}
	if f.last("untracked-files") == "no" {
		s.untracked, s.hidden = nil, true
	}
	if f.last("porcelain") == "v2" || f.last("porcelain") == "2" {
		return fatal("status --porcelain=v2 is not supported in this sandbox; use --porcelain")
	}
	if f.has("short") || f.has("porcelain") || f.has("null") {
		r.shortStatus(s, f)
		return nil
	}
	r.longStatus(r.out, s, false)
	return nil
}

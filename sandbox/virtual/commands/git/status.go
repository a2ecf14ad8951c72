package git

import (
	"fmt"
	"io"
	"slices"
	"strings"
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

var kindWords = map[byte]string{'A': "new file:   ", 'M': "modified:   ", 'D': "deleted:    ", 'R': "renamed:    ", 'T': "typechange: "}

// longStatus is the status in words. committing leaves out the advice that nothing was committed.
func (r *repo) longStatus(w io.Writer, s *state, committing bool) {
	branch, h := r.head()
	switch rebasing := r.rebaseStatus(len(s.index.conflicts) > 0); {
	case rebasing != "":
		fmt.Fprint(w, rebasing)
	case branch == "":
		said := r.detached()
		if said == "" {
			said = "Not currently on any branch."
		}
		fmt.Fprintln(w, said)
	default:
		fmt.Fprintf(w, "On branch %s\n", strings.TrimPrefix(branch, "refs/heads/"))
		if text, err := r.divergence(branch); err == nil && text != "" {
			fmt.Fprintln(w, text)
		}
	}
	_, merging := r.gitFile("MERGE_HEAD")
	if merging {
		if len(s.index.conflicts) > 0 {
			fmt.Fprint(w, "You have unmerged paths.\n  (fix conflicts and run \"git commit\")\n  (use \"git merge --abort\" to abort the merge)\n\n")
		} else {
			fmt.Fprint(w, "All conflicts fixed but you are still merging.\n  (use \"git commit\" to conclude merge)\n\n")
		}
	}
	if h.zero() {
		word := "No commits yet"
		if committing {
			word = "Initial commit"
		}
		fmt.Fprintf(w, "\n%s\n\n", word)
	}
	section := func(title string, advice ...string) {
		fmt.Fprintf(w, "%s\n", title)
		for _, a := range advice {
			fmt.Fprintf(w, "  (%s)\n", a)
		}
	}
	unstage := `use "git restore --staged <file>..." to unstage`
	if h.zero() {
		unstage = `use "git rm --cached <file>..." to unstage`
	}
	if len(s.staged) > 0 {
		if merging {
			section("Changes to be committed:")
		} else {
			section("Changes to be committed:", unstage)
		}
		for _, c := range s.staged {
			if c.kind == 'R' {
				fmt.Fprintf(w, "\t%s%s -> %s\n", kindWords[c.kind], quote(r.shown(c.old)), quote(r.shown(c.new)))
			} else {
				fmt.Fprintf(w, "\t%s%s\n", kindWords[c.kind], quote(r.shown(c.new)))
			}
		}
		fmt.Fprintln(w)
	}
	if len(s.index.conflicts) > 0 {
		resolve := `use "git add <file>..." to mark resolution`
		for _, c := range s.index.conflicts {
			if c[1].mode == 0 || c[2].mode == 0 {
				resolve = `use "git add/rm <file>..." as appropriate to mark resolution`
			}
		}
		if merging {
			section("Unmerged paths:", resolve)
		} else {
			section("Unmerged paths:", unstage, resolve)
		}
		for _, name := range s.index.names() {
			if c, ok := s.index.conflicts[name]; ok {
				fmt.Fprintf(w, "\t%s%s\n", conflictWord(c)[1], quote(r.shown(name)))
			}
		}
		fmt.Fprintln(w)
	}
	if len(s.unstaged) > 0 {
		update := `use "git add <file>..." to update what will be committed`
		if slices.ContainsFunc(s.unstaged, func(c change) bool { return c.kind == 'D' }) {
			update = `use "git add/rm <file>..." to update what will be committed`
		}
		section("Changes not staged for commit:", update, `use "git restore <file>..." to discard changes in working directory`)
		for _, c := range s.unstaged {
			fmt.Fprintf(w, "\t%s%s\n", kindWords[c.kind], quote(r.shown(c.new)))
		}
		fmt.Fprintln(w)
	}
	if len(s.untracked) > 0 {
		section("Untracked files:", `use "git add <file>..." to include in what will be committed`)
		for _, name := range s.untracked {
			fmt.Fprintf(w, "\t%s\n", quote(r.shown(name)))
		}
		fmt.Fprintln(w)
	}
	if len(s.ignored) > 0 {
		section("Ignored files:", `use "git add -f <file>..." to include in what will be committed`)
		for _, name := range s.ignored {
			fmt.Fprintf(w, "\t%s\n", quote(r.shown(name)))
		}
		fmt.Fprintln(w)
	}
	if s.hidden {
		fmt.Fprintln(w, "Untracked files not listed (use -u option to show untracked files)")
	}
	switch {
	case len(s.staged) > 0 || merging && len(s.index.conflicts) == 0:
	case len(s.unstaged) > 0 || len(s.index.conflicts) > 0:
		fmt.Fprintln(w, `no changes added to commit (use "git add" and/or "git commit -a")`)
	case len(s.untracked) > 0:
		fmt.Fprintln(w, `nothing added to commit but untracked files present (use "git add" to track)`)
	case h.zero():
		fmt.Fprintln(w, `nothing to commit (create/copy files and use "git add" to track)`)
	default:
		fmt.Fprintln(w, "nothing to commit, working tree clean")
	}
}

package git

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

var kindWords = map[byte]string{'A': "new file:   ", 'M': "modified:   ", 'D': "deleted:    ", 'R': "renamed:    ", 'T': "typechange: "}

// longStatus is the status in words. committing leaves out the advice that nothing was committed.
func (r *repo) longStatus(w io.Writer, s *state, committing bool) {
	branch, h := r.head()
	_, merging := r.gitFile("MERGE_HEAD")
	r.statusHead(w, s, branch, merging)
	if h.zero() {
		word := "No commits yet"
		if committing {
			word = "Initial commit"
		}
		fmt.Fprintf(w, "\n%s\n\n", word)
	}
	unstage := `use "git restore --staged <file>..." to unstage`
	if h.zero() {
		unstage = `use "git rm --cached <file>..." to unstage`
	}
	r.statusSections(w, s, unstage, merging)
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

// statusHead says on which branch one is, and what is under way there.
func (r *repo) statusHead(w io.Writer, s *state, branch string, merging bool) {
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
	if merging {
		if len(s.index.conflicts) > 0 {
			fmt.Fprint(w, "You have unmerged paths.\n  (fix conflicts and run \"git commit\")\n  (use \"git merge --abort\" to abort the merge)\n\n")
		} else {
			fmt.Fprint(w, "All conflicts fixed but you are still merging.\n  (use \"git commit\" to conclude merge)\n\n")
		}
	}
}

// statusSections lists the files, section by section, with what can be done about each.
func (r *repo) statusSections(w io.Writer, s *state, unstage string, merging bool) {
	section := func(title string, advice ...string) {
		fmt.Fprintf(w, "%s\n", title)
		for _, a := range advice {
			fmt.Fprintf(w, "  (%s)\n", a)
		}
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
}

package git

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

func add(r *repo, args []string) error {
	f, operands, after, _, err := parse("all=A update=u force=f verbose=v dry-run=n intent-to-add=N no-all ignore-errors chmod:", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	operands = append(operands, after...)
	if len(operands) == 0 && !f.has("all") && !f.has("update") {
		fmt.Fprintln(r.inv.Stderr, "Nothing specified, nothing added.\nhint: Maybe you wanted to say 'git add .'?\nhint: Turn this message off by running\nhint: \"git config advice.addEmptyPathspec false\"")
		return nil
	}
	p, err := r.paths(operands)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	names := x.names()
	if !f.has("update") {
		list, err := r.untracked(x, true, false)
		if err != nil {
			return err
		}
		names = append(names, list...)
		g := r.ignorer()
		var ignored []string
		for i, name := range p.list {
			if name == "" || p.glob[i] != nil || !r.exists(name) || !g.under(name, strings.HasSuffix(name, "/")) {
				continue
			}
			if _, known := x.files[name]; known {
				continue
			}
			if p.used[i] = true; f.has("force") {
				names = append(names, r.below(name)...)
			} else if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, name+"/") }) {
				ignored = append(ignored, p.said[i])
			}
		}
		if len(ignored) > 0 {
			return &failure{1, "The following paths are ignored by one of your .gitignore files:\n" + strings.Join(ignored, "\n") +
				"\nhint: Use -f if you really want to add them.\nhint: Turn this message off by running\nhint: \"git config advice.addIgnoredFile false\""}
		}
	}
	var chosen []string
	for _, name := range names {
		if p.match(name) {
			chosen = append(chosen, strings.TrimSuffix(name, "/"))
		}
	}
	for i, name := range p.list {
		if info, err := r.inv.FS.Stat(r.file(name)); err == nil && info.IsDir() || name == "" {
			p.used[i] = true // a directory may have nothing in it
		}
	}
	if name := p.unused(); name != "" {
		return fatal("pathspec '%s' did not match any files", name)
	}
	for _, name := range chosen {
		before, known := x.files[name]
		if before.mode == modeRepo {
			continue
		}
		if info, err := r.inv.FS.Lstat(r.file(name)); err == nil && info.IsDir() {
			if r.isRepo(r.file(name) + "/.git") {
				fmt.Fprintf(r.inv.Stderr, "warning: a repository within the repository is left out: %s\n", name)
			}
			continue
		}
		if err := r.stage(x, name); err != nil {
			return err
		}
		if f.has("verbose") || f.has("dry-run") {
			if now, ok := x.files[name]; !ok {
				fmt.Fprintf(r.out, "remove '%s'\n", name)
			} else if !known || now.entry != before.entry {
				fmt.Fprintf(r.out, "add '%s'\n", name)
			}
		}
		if mode := f.last("chmod"); mode != "" {
			e := x.files[name]
			e.mode = map[string]uint32{"+x": modeExec, "-x": modeFile}[mode]
			x.files[name] = e
		}
	}
	if f.has("dry-run") {
		return nil
	}
	return r.writeIndex(x)
}

// below lists the files at and below a path of the working tree.
func (r *repo) below(name string) []string {
	info, err := r.inv.FS.Lstat(r.file(name))
	if err != nil || r.spend(1) != nil {
		return nil
	}
	if !info.IsDir() {
		return []string{name}
	}
	var all []string
	list, _ := r.inv.FS.ReadDir(r.file(name))
	for _, f := range list {
		if f.Name != ".git" {
			all = append(all, r.below(name+"/"+f.Name)...)
		}
	}
	return all
}

func rm(r *repo, args []string) error {
	f, operands, after, _, err := parse("cached recursive=r force=f quiet=q ignore-unmatch dry-run=n", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if operands = append(operands, after...); len(operands) == 0 {
		return fatal("No pathspec was given. Which files should I remove?")
	}
	p, err := r.paths(operands)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	head, err := r.headTree()
	if err != nil {
		return err
	}
	var chosen, both, local, staged []string
	for _, name := range x.names() {
		if !p.match(name) {
			continue
		}
		chosen = append(chosen, name)
		if f.has("force") {
			continue
		}
		disk, _, there, err := r.onDisk(name)
		if err != nil {
			return err
		}
		inIndex, conflict := x.files[name].entry, x.conflicts[name] != [3]entry{}
		changed, new := there && disk != inIndex, head[name] != inIndex
		switch {
		case conflict:
		case changed && new:
			both = append(both, name)
		case f.has("cached"):
		case changed:
			local = append(local, name)
		case new:
			staged = append(staged, name)
		}
	}
	for i, name := range p.list {
		if p.used[i] && !f.has("recursive") && p.glob[i] == nil && !slices.Contains(chosen, name) {
			return fatal("not removing '%s' recursively without -r", p.said[i])
		}
	}
	if name := p.unused(); name != "" && !f.has("ignore-unmatch") {
		return fatal("pathspec '%s' did not match any files", name)
	}
	for _, c := range []struct {
		list         []string
		what, advice string
	}{{both, "staged content different from both the\nfile and the HEAD", "use -f to force removal"}, {staged, "changes staged in the index", "use --cached to keep the file, or -f to force removal"},
		{local, "local modifications", "use --cached to keep the file, or -f to force removal"}} {
		if len(c.list) > 0 {
			subject := "the following file has"
			if len(c.list) > 1 {
				subject = "the following files have"
			}
			return problem("%s %s:\n    %s\n(%s)", subject, c.what, strings.Join(c.list, "\n    "), c.advice)
		}
	}
	for _, name := range chosen {
		if !f.has("quiet") {
			fmt.Fprintf(r.out, "rm '%s'\n", name)
		}
		if f.has("dry-run") {
			continue
		}
		x.remove(name)
		if !f.has("cached") {
			if err := r.drop(name); err != nil {
				return err
			}
		}
	}
	if f.has("dry-run") {
		return nil
	}
	return r.writeIndex(x)
}

func mv(r *repo, args []string) error {
	f, operands, after, _, err := parse("force=f verbose=v dry-run=n k", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if operands = append(operands, after...); len(operands) < 2 {
		return &failure{129, "usage: git mv [<options>] <source>... <destination>"}
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	target, err := r.path(operands[len(operands)-1])
	if err != nil {
		return err
	}
	info, err := r.inv.FS.Stat(r.file(target))
	into := err == nil && info.IsDir()
	for _, operand := range operands[:len(operands)-1] {
		from, err := r.path(operand)
		if err != nil {
			return err
		}
		to := target
		if into {
			to = path.Join(target, path.Base(from))
		}
		bad := func(why string) error { return fatal("%s, source=%s, destination=%s", why, from, to) }
		var moved []string
		for _, name := range x.names() {
			if name == from || strings.HasPrefix(name, from+"/") {
				moved = append(moved, name)
			}
		}
		switch {
		case !r.exists(from):
			return bad("bad source")
		case len(moved) == 0:
			return bad("not under version control")
		case r.exists(to) && !f.has("force"):
			return bad("destination exists")
		case !r.inParent(to):
			return bad("destination directory does not exist")
		}
		if err := r.inv.FS.Rename(r.file(from), r.file(to)); err != nil {
			return fatal("renaming '%s' failed: %v", from, err)
		}
		for _, name := range moved {
			e := x.files[name]
			x.remove(name)
			x.set(to+strings.TrimPrefix(name, from), e)
		}
		if f.has("verbose") {
			fmt.Fprintf(r.out, "Renaming %s to %s\n", from, to)
		}
	}
	return r.writeIndex(x)
}

func (r *repo) inParent(name string) bool {
	info, err := r.inv.FS.Stat(path.Dir(r.file(name)))
	return err == nil && info.IsDir()
}

package git

import (
	"fmt"
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
	p, x, err := r.pathsAndIndex(operands)
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
		if names, err = r.withIgnored(x, p, names, f.has("force")); err != nil {
			return err
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
		if err := r.addFile(x, name, f); err != nil {
			return err
		}
	}
	if f.has("dry-run") {
		return nil
	}
	return r.writeIndex(x)
}

// withIgnored adds to names what the operands name although it is ignored, if it is forced; else that is a failure.
func (r *repo) withIgnored(x *index, p *paths, names []string, force bool) ([]string, error) {
	g := r.ignorer()
	var ignored []string
	for i, name := range p.list {
		if name == "" || p.glob[i] != nil || !r.exists(name) || !g.under(name, strings.HasSuffix(name, "/")) {
			continue
		}
		if _, known := x.files[name]; known {
			continue
		}
		if p.used[i] = true; force {
			names = append(names, r.below(name)...)
		} else if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, name+"/") }) {
			ignored = append(ignored, p.said[i])
		}
	}
	if len(ignored) > 0 {
		return nil, &failure{1, "The following paths are ignored by one of your .gitignore files:\n" + strings.Join(ignored, "\n") +
			"\nhint: Use -f if you really want to add them.\nhint: Turn this message off by running\nhint: \"git config advice.addIgnoredFile false\""}
	}
	return names, nil
}

// addFile stages one file, and says so if it is to.
func (r *repo) addFile(x *index, name string, f flags) error {
	before, known := x.files[name]
	if before.mode == modeRepo {
		return nil
	}
	if info, err := r.inv.FS.Lstat(r.file(name)); err == nil && info.IsDir() {
		if r.isRepo(r.file(name) + "/.git") {
			fmt.Fprintf(r.inv.Stderr, "warning: a repository within the repository is left out: %s\n", name)
		}
		return nil
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
	return nil
}

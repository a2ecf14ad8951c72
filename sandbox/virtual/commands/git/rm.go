package git

import (
	"fmt"
	"slices"
	"strings"
)

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
	p, x, err := r.pathsAndIndex(operands)
	if err != nil {
		return err
	}
	head, err := r.headTree()
	if err != nil {
		return err
	}
	var chosen []string
	var unsafe unsafeFiles
	for _, name := range x.names() {
		if !p.match(name) {
			continue
		}
		chosen = append(chosen, name)
		if f.has("force") {
			continue
		}
		if err := r.judge(x, head[name], name, f.has("cached"), &unsafe); err != nil {
			return err
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
	if err := unsafe.refusal(); err != nil {
		return err
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

// unsafeFiles are files whose content would be lost.
type unsafeFiles struct {
	both, local, staged []string // differ from the HEAD and from the file, from the file, from the HEAD
}

// judge adds a file if its content in the index, or in the working tree, is nowhere else.
func (r *repo) judge(x *index, head entry, name string, cached bool, unsafe *unsafeFiles) error {
	disk, _, there, err := r.onDisk(name)
	if err != nil {
		return err
	}
	inIndex, conflict := x.files[name].entry, x.conflicts[name] != [3]entry{}
	changed, new := there && disk != inIndex, head != inIndex
	switch {
	case conflict:
	case changed && new:
		unsafe.both = append(unsafe.both, name)
	case cached:
	case changed:
		unsafe.local = append(unsafe.local, name)
	case new:
		unsafe.staged = append(unsafe.staged, name)
	}
	return nil
}

// refusal says which files would lose what they have.
func (u *unsafeFiles) refusal() error {
	for _, c := range []struct {
		list         []string
		what, advice string
	}{{u.both, "staged content different from both the\nfile and the HEAD", "use -f to force removal"}, {u.staged, "changes staged in the index", "use --cached to keep the file, or -f to force removal"},
		{u.local, "local modifications", "use --cached to keep the file, or -f to force removal"}} {
		if len(c.list) > 0 {
			subject := "the following file has"
			if len(c.list) > 1 {
				subject = "the following files have"
			}
			return problem("%s %s:\n    %s\n(%s)", subject, c.what, strings.Join(c.list, "\n    "), c.advice)
		}
	}
	return nil
}

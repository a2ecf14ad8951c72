package git

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
)

// stdin reads standard input whole.
func (r *repo) stdin() ([]byte, error) {
	var b bytes.Buffer
	err := cli.Copy(r.ctx, r.inv.Budget, holder{r, &b}, r.inv.Stdin)
	return b.Bytes(), err
}

// holder counts what is read into memory.
type holder struct {
	r *repo
	b *bytes.Buffer
}

// Write holds p and keeps it.
func (h holder) Write(p []byte) (int, error) {
	if err := h.r.hold(len(p)); err != nil {
		return 0, err
	}
	return h.b.Write(p)
}

func revParse(r *repo, args []string) error {
	short, abbrev, verify, quiet, symbolic := false, false, false, false, false
	for i, arg := range args {
		switch {
		case arg == "--show-toplevel":
			if err := r.needWork(); err != nil {
				return err
			}
			fmt.Fprintln(r.out, r.work)
		case arg == "--git-dir" || arg == "--absolute-git-dir" || arg == "--git-common-dir":
			dir := r.dir
			if at, _ := r.inv.FS.Realpath(r.at); arg != "--absolute-git-dir" && r.work == at {
				dir = ".git"
			}
			fmt.Fprintln(r.out, dir)
		case arg == "--show-prefix":
			fmt.Fprintln(r.out, r.prefix)
		case arg == "--show-cdup":
			fmt.Fprintln(r.out, strings.Repeat("../", strings.Count(r.prefix, "/")))
		case arg == "--is-inside-work-tree":
			fmt.Fprintln(r.out, r.work != "")
		case arg == "--is-inside-git-dir":
			fmt.Fprintln(r.out, false)
		case arg == "--is-bare-repository":
			fmt.Fprintln(r.out, r.work == "")
		case arg == "--is-shallow-repository":
			_, ok := r.gitFile("shallow")
			fmt.Fprintln(r.out, ok)
		case arg == "--short" || strings.HasPrefix(arg, "--short="):
			short = true
		case arg == "--abbrev-ref":
			abbrev = true
		case arg == "--symbolic-full-name":
			symbolic = true
		case arg == "--verify":
			verify = true
		case arg == "-q" || arg == "--quiet":
			quiet = true
		case arg == "--":
			return nil
		case strings.HasPrefix(arg, "--"):
			return fatal("rev-parse %s is not supported in this sandbox", arg)
		default:
			if abbrev || symbolic {
				name := arg
				if arg == "HEAD" || arg == "@" {
					if name, _ = r.head(); name == "" {
						name = "HEAD"
					}
				} else if full := r.fullName(arg); full != "" {
					name = full
				}
				if abbrev {
					name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "refs/heads/"), "refs/tags/"), "refs/remotes/")
				}
				if _, err := r.resolve(arg); err == nil {
					fmt.Fprintln(r.out, name)
					continue
				}
			}
			h, err := r.resolve(arg)
			switch {
			case err != nil && quiet:
				return exit(1)
			case err != nil && verify:
				return fatal("Needed a single revision")
			case err != nil:
				if i == len(args)-1 && !short {
					fmt.Fprintln(r.out, arg)
				}
				return err
			case short:
				fmt.Fprintln(r.out, r.short(h))
			default:
				fmt.Fprintln(r.out, h)
			}
		}
	}
	return nil
}

func lsFiles(r *repo, args []string) error {
	f, operands, after, _, err := parse("cached=c others=o modified=m deleted=d stage=s ignored=i exclude-standard null=z unmerged=u error-unmatch full-name directory", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	if operands = append(operands, after...); len(operands) == 0 && r.prefix != "" {
		operands = []string{"."}
	}
	p, err := r.paths(operands)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	show := func(name string) {
		if f.has("null") {
			fmt.Fprintf(r.out, "%s\x00", r.shown(name))
		} else {
			fmt.Fprintln(r.out, quote(r.shown(name)))
		}
	}
	if f.has("others") {
		list, err := r.untracked(x, !f.has("directory"), f.has("ignored"))
		if err != nil {
			return err
		}
		if !f.has("exclude-standard") {
			more, err := r.untracked(x, true, true)
			if err != nil {
				return err
			}
			for _, name := range more {
				list = append(list, r.below(strings.TrimSuffix(name, "/"))...)
			}
		}
		for _, name := range list {
			if p.match(name) {
				show(name)
			}
		}
	}
	for _, name := range x.names() {
		if !p.match(name) || f.has("others") && !f.has("cached") {
			continue
		}
		disk, _, there, err := r.onDisk(name)
		if err != nil {
			return err
		}
		e, staged := x.files[name]
		switch {
		case f.has("deleted") && there, f.has("modified") && there && disk == e.entry, f.has("unmerged") && staged:
		case f.has("stage") || f.has("unmerged"):
			if staged {
				fmt.Fprintf(r.out, "%06o %s 0\t%s\n", e.mode, e.id, quote(r.shown(name)))
				continue
			}
			for i, c := range x.conflicts[name] {
				if c.mode != 0 {
					fmt.Fprintf(r.out, "%06o %s %d\t%s\n", c.mode, c.id, i+1, quote(r.shown(name)))
				}
			}
		default:
			show(name)
		}
	}
	if name := p.unused(); name != "" && f.has("error-unmatch") {
		return &failure{1, fmt.Sprintf("error: pathspec '%s' did not match any file(s) known to git\nDid you forget to 'git add'?", name)}
	}
	return nil
}

func lsTree(r *repo, args []string) error {
	f, operands, after, _, err := parse("recursive=r name-only=name-status d long=l full-tree null=z t", args)
	if err != nil {
		return err
	}
	if len(operands) == 0 {
		return &failure{129, "usage: git ls-tree [<options>] <tree-ish> [<path>...]"}
	}
	h, err := r.resolve(operands[0])
	if err != nil {
		return fatal("Not a valid object name %s", operands[0])
	}
	if c, err := r.commit(h); err == nil {
		h = c.tree
	}
	p := &paths{}
	for _, name := range append(operands[1:], after...) {
		name = strings.TrimSuffix(path.Join(r.prefix, name), "/")
		p.list, p.glob, p.said, p.used = append(p.list, name), append(p.glob, nil), append(p.said, name), append(p.used, false)
	}
	kinds := map[uint32]string{modeDir: "tree", modeRepo: "commit"}
	var list func(h id, prefix string, depth int) error
	list = func(h id, prefix string, depth int) error {
		entries, err := r.tree(h)
		if err != nil || depth > 200 {
			return err
		}
		for _, e := range entries {
			name := prefix + e.name
			above := false
			for _, want := range p.list {
				above = above || strings.HasPrefix(want, name+"/")
			}
			if e.mode == modeDir && (f.has("recursive") || above) {
				if err := list(e.id, name+"/", depth+1); err != nil {
					return err
				}
				continue
			}
			kind := kinds[e.mode]
			if kind == "" {
				kind = "blob"
			}
			if !p.match(name) || f.has("d") && kind != "tree" {
				continue
			}
			if f.has("name-only") {
				fmt.Fprintln(r.out, quote(name))
			} else {
				fmt.Fprintf(r.out, "%06o %s %s\t%s\n", e.mode, kind, e.id, quote(name))
			}
		}
		return nil
	}
	return list(h, "", 0)
}

func catFile(r *repo, args []string) error {
	f, operands, _, _, err := parse("t s p e batch-check? batch?", args)
	if err != nil {
		return err
	}
	kind := ""
	if len(operands) == 2 {
		kind, operands = operands[0], operands[1:]
	}
	if len(operands) != 1 {
		return &failure{129, "usage: git cat-file (-t | -s | -e | -p | <type>) <object>"}
	}
	h, err := r.resolve(operands[0])
	if err != nil {
		if f.has("e") {
			return exit(1)
		}
		return fatal("Not a valid object name %s", operands[0])
	}
	o, err := r.read(h)
	if err != nil {
		return err
	}
	switch {
	case f.has("e"):
	case f.has("t"):
		fmt.Fprintln(r.out, o.kind)
	case f.has("s"):
		fmt.Fprintln(r.out, len(o.data))
	case o.kind == "tree" && f.has("p"):
		return lsTree(r, []string{h.String()})
	case kind != "" && kind != o.kind:
		return fatal("git cat-file %s: bad file", operands[0])
	default:
		r.out.Write(o.data)
	}
	return nil
}

func hashObject(r *repo, args []string) error {
	f, operands, after, _, err := parse("w stdin t:", args)
	if err != nil {
		return err
	}
	if f.has("stdin") {
		operands = append([]string{"-"}, operands...)
	}
	for _, name := range append(operands, after...) {
		data, err := r.operand(name)
		if err != nil {
			return err
		}
		h := hashOf("blob", data)
		if f.has("w") {
			if h, err = r.write("blob", data); err != nil {
				return err
			}
		}
		fmt.Fprintln(r.out, h)
	}
	return nil
}

func symbolicRef(r *repo, args []string) error {
	f, operands, _, _, err := parse("short quiet=q", args)
	if err != nil {
		return err
	}
	if len(operands) == 2 && operands[0] == "HEAD" && strings.HasPrefix(operands[1], "refs/") && validRef(operands[1]) {
		return r.writeGit("HEAD", "ref: "+operands[1]+"\n")
	}
	name, _ := r.head()
	switch {
	case len(operands) != 1 || operands[0] != "HEAD":
		return fatal("only HEAD is a symbolic ref in this sandbox")
	case name == "" && f.has("quiet"):
		return exit(1)
	case name == "":
		return fatal("ref HEAD is not a symbolic ref")
	case f.has("short"):
		name = strings.TrimPrefix(name, "refs/heads/")
	}
	fmt.Fprintln(r.out, name)
	return nil
}

func revList(r *repo, args []string) error {
	f, operands, after, dashes, err := parseLog(args)
	if err != nil {
		return err
	}
	revisions, names, err := r.split(operands, after, dashes)
	if err != nil {
		return err
	}
	if len(revisions) == 0 && !f.has("all") {
		return &failure{129, "usage: git rev-list [<options>] <commit>... [--] [<path>...]"}
	}
	list, err := r.history(f, revisions, names)
	if err != nil {
		return err
	}
	if f.has("count") {
		fmt.Fprintln(r.out, len(list))
		return nil
	}
	for _, c := range list {
		fmt.Fprintln(r.out, c.id)
	}
	return nil
}

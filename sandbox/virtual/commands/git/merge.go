package git

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/diff"
)

// mergeBase is the newest commit that two have in common; zero where there is none.
func (r *repo) mergeBase(a, b id) (id, error) {
	set := map[id]bool{}
	if err := r.ancestors(a, set); err != nil {
		return id{}, err
	}
	others := map[id]bool{}
	if err := r.ancestors(b, others); err != nil {
		return id{}, err
	}
	var common []*commit
	for h := range others {
		if set[h] {
			c, err := r.commit(h)
			if err != nil {
				return id{}, err
			}
			common = append(common, c)
		}
	}
	// What is an ancestor of another common commit is no base.
	older := map[id]bool{}
	for _, c := range common {
		for _, p := range c.parents {
			older[p] = true
		}
	}
	common = slices.DeleteFunc(common, func(c *commit) bool { return older[c.id] })
	if len(common) == 0 {
		return id{}, nil
	}
	return slices.MaxFunc(common, func(x, y *commit) int {
		if x.committer.when != y.committer.when {
			return int(x.committer.when - y.committer.when)
		}
		return strings.Compare(y.id.String(), x.id.String())
	}).id, nil
}

func merge(r *repo, args []string) error {
	f, operands, _, _, err := parse("no-ff ff ff-only message:=m abort continue no-edit edit=e no-commit squash quiet=q stat=n no-stat strategy:=s strategy-option:=X allow-unrelated-histories verbose=v no-verify", args)
	if err != nil {
		return err
	}
	if err := r.needWork(); err != nil {
		return err
	}
	_, merging := r.gitFile("MERGE_HEAD")
	switch {
	case f.has("abort"):
		if !merging {
			return fatal("There is no merge to abort (MERGE_HEAD missing).")
		}
		return reset(r, []string{"-q", "--hard", "HEAD"})
	case f.has("continue"):
		if !merging {
			return fatal("There is no merge in progress (MERGE_HEAD missing).")
		}
		return commitCommand(r, nil)
	case merging:
		if x, err := r.readIndex(); err == nil && len(x.conflicts) > 0 {
			return &failure{128, "error: Merging is not possible because you have unmerged files.\nhint: Fix them up in the work tree, and then use 'git add/rm <file>'\nhint: as appropriate to mark resolution and make a commit.\nfatal: Exiting because of an unresolved conflict."}
		}
		return fatal("You have not concluded your merge (MERGE_HEAD exists).\nPlease, commit your changes before you merge.")
	case len(operands) != 1:
		return fatal("one branch or commit to merge is expected")
	case f.has("squash"):
		return fatal("merge --squash is not supported in this sandbox; use git diff and git apply")
	}
	name := operands[0]
	theirs, err := r.commitOf(name)
	if err != nil {
		return &failure{1, fmt.Sprintf("merge: %s - not something we can merge", name)}
	}
	branch, head := r.head()
	if head.zero() {
		if err := r.goTo(head, theirs.id, false); err != nil {
			return err
		}
		return r.moveHead(theirs.id, "merge "+name+": initial pull")
	}
	base, err := r.mergeBase(head, theirs.id)
	if err != nil {
		return err
	}
	ours, err := r.commit(head)
	if err != nil {
		return err
	}
	before, err := r.flat(ours.tree)
	if err != nil {
		return err
	}
	switch {
	case base == theirs.id:
		fmt.Fprintln(r.out, "Already up to date.")
		return nil
	case base.zero() && !f.has("allow-unrelated-histories"):
		return fatal("refusing to merge unrelated histories")
	case base == head && !f.has("no-ff"):
		return r.fastForward(f, name, head, theirs, before)
	case f.has("ff-only"):
		return fatal("Not possible to fast-forward, aborting.")
	}
	message := clean(strings.Join(f["message"], "\n\n"))
	if message == "" {
		message = "Merge branch '" + name + "'"
		if _, ok := r.ref("refs/heads/" + name); !ok {
			message = "Merge commit '" + name + "'"
		}
		if b := strings.TrimPrefix(branch, "refs/heads/"); b != "main" && b != "master" {
			message += " into " + b
		}
		message += "\n"
	}
	return r.threeWay(f, name, message, base, ours, theirs, before)
}

func (r *repo) fastForward(f flags, name string, head id, theirs *commit, before files) error {
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	after, err := r.flat(theirs.tree)
	if err != nil {
		return err
	}
	if err := r.moveTo(x, before, after, false, "merge"); err != nil {
		return err
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if err := r.moveHead(theirs.id, "merge "+name+": Fast-forward"); err != nil || f.has("quiet") {
		return err
	}
	fmt.Fprintf(r.out, "Updating %s..%s\nFast-forward\n", r.short(head), r.short(theirs.id))
	return r.mergeStat(before, after)
}

func (r *repo) mergeStat(before, after files) error {
	list, err := r.changes(before, after, nil, true, false)
	if err != nil {
		return err
	}
	texts, err := r.texts(list, false)
	if err != nil {
		return err
	}
	r.stats(texts)
	r.summary(texts)
	return nil
}

// threeWay merges two commits, and commits the result unless there are conflicts.
func (r *repo) threeWay(f flags, name, message string, base id, ours, theirs *commit, before files) error {
	old := files{}
	if !base.zero() {
		c, err := r.commit(base)
		if err != nil {
			return err
		}
		if old, err = r.flat(c.tree); err != nil {
			return err
		}
	}
	other, err := r.flat(theirs.tree)
	if err != nil {
		return err
	}
	x, err := r.readIndex()
	if err != nil {
		return err
	}
	if list, err := r.changes(before, x.flat(), nil, false, false); err != nil || len(list) > 0 || len(x.conflicts) > 0 {
		return problem("Your local changes to the following files would be overwritten by merge:\n  %s", strings.Join(changeNames(list), "\n  "))
	}
	m := &merger{repo: r, ours: "HEAD", theirs: name}
	result, err := m.trees(old, before, other)
	if err != nil {
		return err
	}
	if err := r.moveTo(x, before, result, false, "merge"); err != nil {
		return err
	}
	for name, c := range m.conflicts {
		delete(x.files, name)
		x.conflicts[name] = c
	}
	if err := r.writeIndex(x); err != nil {
		return err
	}
	if len(m.conflicts) > 0 || f.has("no-commit") {
		text := message
		if len(m.conflicts) > 0 {
			text += "\n# Conflicts:\n"
			for _, name := range x.names() {
				if _, ok := m.conflicts[name]; ok {
					text += "#\t" + name + "\n"
				}
			}
		}
		if err := r.writeGit("MERGE_HEAD", theirs.id.String()+"\n"); err != nil {
			return err
		}
		if err := r.writeGit("MERGE_MSG", text); err != nil {
			return err
		}
		if len(m.conflicts) > 0 {
			fmt.Fprintln(r.out, "Automatic merge failed; fix conflicts and then commit the result.")
			return exit(1)
		}
		fmt.Fprintln(r.out, "Automatic merge went well; stopped before committing as requested")
		return nil
	}
	c := &commit{parents: []id{ours.id, theirs.id}, author: r.me("AUTHOR"), committer: r.me("COMMITTER"), message: message}
	if c.tree, err = r.writeTree(result); err != nil {
		return err
	}
	if c.id, err = r.writeCommit(c); err != nil {
		return err
	}
	if err := r.moveHead(c.id, "merge "+name+": Merge made by the 'ort' strategy."); err != nil || f.has("quiet") {
		return err
	}
	fmt.Fprintln(r.out, "Merge made by the 'ort' strategy.")
	return r.mergeStat(before, result)
}

func changeNames(list []change) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.new)
	}
	return names
}

// merger merges trees by files, and files by lines.
type merger struct {
	*repo
	ours, theirs string // what the sides are called at a conflict
	conflicts    map[string][3]entry
}

func (m *merger) trees(base, ours, theirs files) (files, error) {
	m.conflicts = map[string][3]entry{}
	result := files{}
	all := union(ours, theirs)
	for _, name := range all {
		o, a, b := base[name], ours[name], theirs[name]
		keep := func(e entry) {
			if e.mode != 0 {
				result[name] = e
			}
		}
		switch {
		case a == b || b == o:
			keep(a)
		case a == o:
			keep(b)
		default:
			e, err := m.file(name, o, a, b)
			if err != nil {
				return nil, err
			}
			keep(e)
		}
	}
	return result, nil
}

// file merges what both sides changed.
func (m *merger) file(name string, o, a, b entry) (entry, error) {
	conflict := [3]entry{o, a, b}
	switch {
	case a.mode == 0 || b.mode == 0:
		gone, kept, keeper := m.ours, m.theirs, b
		if b.mode == 0 {
			gone, kept, keeper = m.theirs, m.ours, a
		}
		fmt.Fprintf(m.out, "CONFLICT (modify/delete): %s deleted in %s and modified in %s.  Version %s of %s left in tree.\n", name, gone, kept, kept, name)
		m.conflicts[name] = conflict
		return keeper, nil
	case a.mode == modeLink || b.mode == modeLink || a.mode == modeRepo || b.mode == modeRepo:
		fmt.Fprintf(m.out, "CONFLICT (distinct types): %s is not the same kind of thing on both sides.\n", name)
		m.conflicts[name] = conflict
		return a, nil
	}
	fmt.Fprintf(m.out, "Auto-merging %s\n", name)
	var texts [3][]byte
	for i, e := range conflict {
		var err error
		if texts[i], err = m.content(e, name, false); err != nil {
			return a, err
		}
	}
	mode := a.mode
	if a.mode == o.mode {
		mode = b.mode
	}
	binary := isBinary(texts[1]) || isBinary(texts[2])
	if a.id == b.id {
		return entry{mode, a.id}, nil
	}
	merged, clean := texts[1], false
	if !binary {
		var err error
		if merged, clean, err = m.lines(texts[0], texts[1], texts[2]); err != nil {
			return a, err
		}
	}
	if !clean {
		m.conflicts[name] = conflict
		kind := "content"
		if o.mode == 0 {
			kind = "add/add"
		}
		if binary {
			fmt.Fprintf(m.inv.Stderr, "warning: Cannot merge binary files: %s (%s vs. %s)\n", name, m.ours, m.theirs)
		}
		fmt.Fprintf(m.out, "CONFLICT (%s): Merge conflict in %s\n", kind, name)
	}
	h, err := m.write("blob", merged)
	return entry{mode, h}, err
}

// lines merges by lines, with marks around what both changed.
func (m *merger) lines(base, ours, theirs []byte) (merged []byte, clean bool, err error) {
	left, err := diff.Changes(m.ctx, m.inv, base, ours)
	if err != nil {
		return nil, false, err
	}
	right, err := diff.Changes(m.ctx, m.inv, base, theirs)
	if err != nil {
		return nil, false, err
	}
	o, a, b := lines(base), lines(ours), lines(theirs)
	var out bytes.Buffer
	write := func(list [][]byte) {
		for _, l := range list {
			out.Write(l)
		}
	}
	clean = true
	at, shiftA, shiftB := 0, 0, 0 // in base; and how far the sides are ahead of it
	for len(left) > 0 || len(right) > 0 {
		// A group of changes that touch each other.
		from := len(o) + 1
		if len(left) > 0 {
			from = left[0].FromA
		}
		if len(right) > 0 {
			from = min(from, right[0].FromA)
		}
		to, nl, nr := from, 0, 0
		for grown := true; grown; {
			grown = false
			for nl < len(left) && (left[nl].FromA < to || left[nl].FromA <= to && (nl+nr == 0 || nr > 0)) {
				to, grown = max(to, left[nl].ToA), true
				nl++
			}
			for nr < len(right) && (right[nr].FromA < to || right[nr].FromA <= to && (nl+nr == 0 || nl > 0)) {
				to, grown = max(to, right[nr].ToA), true
				nr++
			}
		}
		write(o[at:from])
		fromA, fromB := from+shiftA, from+shiftB
		for _, c := range left[:nl] {
			shiftA = c.ToB - c.ToA
		}
		for _, c := range right[:nr] {
			shiftB = c.ToB - c.ToA
		}
		sideA, sideB := a[fromA:to+shiftA], b[fromB:to+shiftB]
		switch {
		case nr == 0 || slices.EqualFunc(sideA, sideB, bytes.Equal):
			write(sideA)
		case nl == 0:
			write(sideB)
		default:
			clean = false
			m.conflict(&out, sideA, sideB)
		}
		left, right, at = left[nl:], right[nr:], to
	}
	write(o[at:])
	return out.Bytes(), clean, m.hold(out.Len())
}

// conflict writes both sides, what they begin and end alike with outside of the marks.
func (m *merger) conflict(out *bytes.Buffer, a, b [][]byte) {
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		out.Write(a[0])
		a, b = a[1:], b[1:]
	}
	var tail [][]byte
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		tail = append(tail, a[len(a)-1])
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	side := func(list [][]byte) {
		for _, l := range list {
			out.Write(l)
			if !bytes.HasSuffix(l, []byte{'\n'}) {
				out.WriteByte('\n')
			}
		}
	}
	out.WriteString("<<<<<<< " + m.ours + "\n")
	side(a)
	out.WriteString("=======\n")
	side(b)
	out.WriteString(">>>>>>> " + m.theirs + "\n")
	for i := len(tail) - 1; i >= 0; i-- {
		out.Write(tail[i])
	}
}

func mergeBaseCommand(r *repo, args []string) error {
	f, operands, _, _, err := parse("is-ancestor all=a", args)
	if err != nil {
		return err
	}
	if len(operands) != 2 {
		return &failure{129, "usage: git merge-base [--is-ancestor] <commit> <commit>"}
	}
	a, err := r.commitOf(operands[0])
	if err != nil {
		return fatal("Not a valid object name %s", operands[0])
	}
	b, err := r.commitOf(operands[1])
	if err != nil {
		return fatal("Not a valid object name %s", operands[1])
	}
	base, err := r.mergeBase(a.id, b.id)
	switch {
	case err != nil:
		return err
	case f.has("is-ancestor") && base != a.id || base.zero():
		return exit(1)
	case !f.has("is-ancestor"):
		fmt.Fprintln(r.out, base)
	}
	return nil
}

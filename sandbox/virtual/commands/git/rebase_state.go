package git

import (
	"fmt"
	"strconv"
	"strings"
)

// rebase reads the rebase that has stopped.
func (r *repo) rebase() (*rebasing, bool) {
	b := &rebasing{repo: r}
	get := func(name string) string { text, _ := r.gitFile("rebase-merge/" + name); return text }
	var ok bool
	if b.onto, ok = parseID(get("onto")); !ok {
		return nil, false
	}
	if b.from, ok = parseID(get("orig-head")); !ok {
		return nil, false
	}
	if name := get("head-name"); validRef(name) && strings.HasPrefix(name, "refs/") {
		b.branch = name
	}
	for name, list := range map[string]*[]id{"done": &b.done, "git-rebase-todo": &b.todo} {
		for line := range strings.Lines(get(name)) {
			if words := strings.Fields(line); len(words) > 1 && words[0] == "pick" {
				if h, ok := parseID(words[1]); ok {
					*list = append(*list, h)
				}
			}
		}
	}
	_, b.quiet = r.gitFile("rebase-merge/quiet")
	return b, true
}

// save writes what another call needs to go on.
func (b *rebasing) save() error {
	name := b.branch
	if name == "" {
		name = "detached HEAD"
	}
	all := map[string]string{"onto": b.onto.String(), "orig-head": b.from.String(), "head-name": name, "msgnum": strconv.Itoa(len(b.done)), "end": strconv.Itoa(len(b.done) + len(b.todo)),
		"interactive": "", "done": b.picks(b.done), "git-rebase-todo": b.picks(b.todo), "stopped-sha": b.done[len(b.done)-1].String()}
	if b.quiet {
		all["quiet"] = ""
	}
	for name, text := range all {
		if err := b.writeGit("rebase-merge/"+name, text+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (b *rebasing) picks(list []id) string {
	var lines []string
	for _, h := range list {
		subject := ""
		if c, err := b.commit(h); err == nil {
			subject = c.subject()
		}
		lines = append(lines, "pick "+h.String()+" "+subject)
	}
	return strings.Join(lines, "\n")
}

// rebaseStatus is what status says of a rebase that has stopped.
func (r *repo) rebaseStatus(conflicts bool) string {
	b, ok := r.rebase()
	if !ok {
		return ""
	}
	var s strings.Builder
	onto := r.short(b.onto)
	fmt.Fprintf(&s, "interactive rebase in progress; onto %s\n", onto)
	show := func(list []id) {
		for _, h := range list {
			if c, err := r.commit(h); err == nil {
				fmt.Fprintf(&s, "   pick %s %s\n", r.short(h), c.subject())
			}
		}
	}
	if n := len(b.done); n > 0 {
		fmt.Fprintf(&s, "Last command%s done (%s done):\n", map[bool]string{true: "s"}[n > 1], count(n, "command"))
		show(b.done[max(0, n-2):])
	}
	if n := len(b.todo); n > 0 {
		fmt.Fprintf(&s, "Next command%s to do (%d remaining command%s):\n", map[bool]string{true: "s"}[n > 1], n, map[bool]string{true: "s"}[n > 1])
		show(b.todo[:min(n, 2)])
		s.WriteString("  (use \"git rebase --edit-todo\" to view and edit)\n")
	} else {
		s.WriteString("No commands remaining.\n")
	}
	if b.branch != "" {
		fmt.Fprintf(&s, "You are currently rebasing branch '%s' on '%s'.\n", shortRef(b.branch), onto)
	} else {
		s.WriteString("You are currently rebasing.\n")
	}
	if conflicts {
		s.WriteString("  (fix conflicts and then run \"git rebase --continue\")\n  (use \"git rebase --skip\" to skip this patch)\n")
	} else {
		s.WriteString("  (all conflicts fixed: run \"git rebase --continue\")\n")
		return s.String() + "\n"
	}
	s.WriteString("  (use \"git rebase --abort\" to check out the original branch)\n\n")
	return s.String()
}

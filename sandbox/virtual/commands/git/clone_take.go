package git

import (
	"fmt"
	"strings"
)

// specs are the refspecs that the clone fetches by now and later.
func (c *cloning) specs(head farRef) string {
	single := (c.f.has("single-branch") || c.depth > 0) && !c.f.has("no-single-branch")
	switch branch, ok := strings.CutPrefix(head.name, "refs/heads/"); {
	case c.f.has("mirror"):
		return "+refs/*:refs/*"
	case single && ok && c.bare:
		return "+" + head.name + ":" + head.name
	case single && ok:
		return "+" + head.name + ":refs/remotes/" + c.origin + "/" + branch
	case single && strings.HasPrefix(head.name, "refs/tags/"):
		return "+" + head.name + ":" + head.name
	case c.bare:
		return "+refs/heads/*:refs/heads/*"
	}
	return "+refs/heads/*:refs/remotes/" + c.origin + "/*"
}

func (c *cloning) configure(head farRef) error {
	settings := []setting{{"remote." + c.origin + ".url", c.stored}}
	if c.f.has("no-tags") {
		settings = append(settings, setting{"remote." + c.origin + ".tagopt", "--no-tags"})
	}
	if spec := c.specs(head); !c.bare || c.f.has("mirror") {
		settings = append(settings, setting{"remote." + c.origin + ".fetch", spec})
	}
	if c.f.has("mirror") {
		settings = append(settings, setting{"remote." + c.origin + ".mirror", "true"})
	}
	if branch, ok := strings.CutPrefix(head.name, "refs/heads/"); ok && !c.bare {
		settings = append(settings, setting{"branch." + branch + ".remote", c.origin}, setting{"branch." + branch + ".merge", head.name})
	}
	for _, s := range settings {
		if err := c.setConfig(c.repo.dir+"/config", s.key, s.value, false, false); err != nil {
			return err
		}
	}
	return nil
}

// take fetches the objects, writes the refs and checks out.
func (c *cloning) take(head farRef) error {
	spec, err := parseRefspec(c.specs(head))
	if err != nil {
		return err
	}
	refs, wants := map[string]id{}, []id{}
	for _, ref := range c.theirs {
		dst, ok := spec.match(ref.name)
		if !ok && spec.pattern() && strings.HasPrefix(ref.name, "refs/tags/") && !c.f.has("no-tags") {
			dst, ok = ref.name, true
		}
		if ok && !ref.id.zero() {
			refs[dst] = ref.id
			wants = append(wants, ref.id)
		}
	}
	if !head.id.zero() {
		wants = append(wants, head.id)
	}
	follows := !spec.pattern() && !c.f.has("no-tags")
	if err := c.obtain(c.peer, nil, query{wants: wants, depth: c.depth, tags: follows}, false); err != nil {
		return err
	}
	for _, ref := range c.theirs {
		of := ref.peeled
		if of.zero() {
			of = ref.id
		}
		if follows && strings.HasPrefix(ref.name, "refs/tags/") && c.has(of) && c.has(ref.id) {
			refs[ref.name] = ref.id
		}
	}
	if len(refs) > 0 {
		if err := c.writePacked(refs); err != nil {
			return err
		}
	}
	return c.checkOut(head, refs)
}

// checkOut points HEAD to the branch, or the commit, and fills the working tree.
func (c *cloning) checkOut(head farRef, refs map[string]id) error {
	if !c.bare {
		for _, ref := range c.theirs {
			branch, ok := strings.CutPrefix(ref.target, "refs/heads/")
			at := "refs/remotes/" + c.origin + "/" + branch
			if _, known := refs[at]; ref.name == "HEAD" && ok && known {
				if err := c.writeGit("refs/remotes/"+c.origin+"/HEAD", "ref: "+at+"\n"); err != nil {
					return err
				}
			}
		}
	}
	branch, isBranch := strings.CutPrefix(head.name, "refs/heads/")
	if isBranch {
		if err := c.writeGit("HEAD", "ref: "+head.name+"\n"); err != nil {
			return err
		}
	}
	if head.id.zero() {
		if !c.f.has("quiet") || len(refs) == 0 {
			fmt.Fprintln(c.inv.Stderr, "warning: You appear to have cloned an empty repository.")
		}
		return c.done()
	}
	commit, err := c.commit(head.id)
	if err != nil {
		return err
	}
	reason := "clone: from " + masked(c.url)
	if c.bare {
		reason = ""
	}
	if isBranch {
		if err := c.setRef("refs/heads/"+branch, commit.id, reason); err != nil {
			return err
		}
	} else if err := c.writeGit("HEAD", commit.id.String()+"\n"); err != nil {
		return err
	}
	if c.bare {
		return c.done()
	}
	if err := c.log("HEAD", id{}, commit.id, reason); err != nil {
		return err
	}
	if !isBranch {
		fmt.Fprintf(c.inv.Stderr, "Note: switching to '%s'.\n%s", commit.id, detachedAdvice)
	}
	if err := c.done(); err != nil || c.f.has("no-checkout") {
		return err
	}
	return c.goTo(id{}, commit.id, true)
}

func (c *cloning) done() error {
	if c.path != "" && !c.f.has("quiet") {
		fmt.Fprintln(c.inv.Stderr, "done.")
	}
	return nil
}

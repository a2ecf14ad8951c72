package git

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// resolve finds the object that a revision names: HEAD~2, main^{tree}, v1.0, an abbreviated id, HEAD:file.
func (r *repo) resolve(text string) (id, error) {
	bad := fatal("ambiguous argument '%s': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'", text)
	if at := strings.IndexByte(text, ':'); at >= 0 && !strings.Contains(text[:at], "{") {
		return r.resolveFile(text, text[:at], text[at+1:])
	}
	end := strings.IndexAny(text, "~^")
	if end < 0 {
		end = len(text)
	}
	h, ok := r.base(text[:end])
	if !ok {
		if at := strings.Index(text, "@{"); at >= 0 && strings.HasPrefix(text[at:], "@{u") {
			return h, r.noUpstream(text[:at])
		}
		return h, bad
	}
	for rest := text[end:]; rest != ""; {
		op := rest[0]
		rest = rest[1:]
		if op == '^' && strings.HasPrefix(rest, "{") {
			kind, after, closed := strings.Cut(rest[1:], "}")
			if !closed {
				return h, bad
			}
			rest = after
			c, err := r.commit(h)
			if kind == "tree" && err == nil {
				h = c.tree
			} else if kind == "commit" || kind == "" {
				if err != nil {
					return h, bad
				}
				h = c.id
			}
			continue
		}
		digits := 0
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			digits++
		}
		n := 1
		if digits > 0 {
			n, _ = strconv.Atoi(rest[:digits])
		}
		rest = rest[digits:]
		if op == '^' {
			c, err := r.commit(h)
			if err != nil || n > len(c.parents) {
				return h, bad
			}
			if h = c.id; n > 0 {
				h = c.parents[n-1]
			}
			continue
		}
		for range n {
			c, err := r.commit(h)
			if err != nil || len(c.parents) == 0 {
				return h, bad
			}
			h = c.parents[0]
		}
	}
	return h, nil
}

func (r *repo) noUpstream(name string) error {
	branch, _ := r.head()
	if name != "" && name != "HEAD" {
		branch = "refs/heads/" + name
	}
	if branch == "" {
		return fatal("HEAD does not point to a branch")
	}
	if u, ok := r.upstream(branch); ok && u.ref == "" {
		return fatal("upstream branch '%s' not stored as a remote-tracking branch", u.merge)
	}
	if _, ok := r.ref(branch); !ok {
		return fatal("no such branch: '%s'", shortRef(branch))
	}
	return fatal("no upstream configured for branch '%s'", shortRef(branch))
}

// resolveFile finds REVISION:PATH, and :PATH in the index.
func (r *repo) resolveFile(text, revision, name string) (id, error) {
	if rest, ok := strings.CutPrefix(name, "./"); ok {
		name = path.Join(r.prefix, rest)
	}
	if revision == "" {
		x, err := r.readIndex()
		if err != nil {
			return id{}, err
		}
		if e, ok := x.files[strings.TrimPrefix(name, "0:")]; ok {
			return e.id, nil
		}
		return id{}, fatal("path '%s' is not in the index", name)
	}
	h, err := r.resolve(revision)
	if err != nil {
		return h, fatal("invalid object name '%s'.", revision)
	}
	c, err := r.commit(h)
	if err != nil {
		return h, err
	}
	at := c.tree
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		if part == "" {
			continue
		}
		list, err := r.tree(at)
		if err != nil {
			return h, err
		}
		i := slices.IndexFunc(list, func(e treeEntry) bool { return e.name == part })
		if i < 0 {
			return h, fatal("path '%s' does not exist in '%s'", name, revision)
		}
		at = list[i].id
	}
	return at, nil
}

// base finds a name without anything behind it.
func (r *repo) base(name string) (id, bool) {
	if at := strings.Index(name, "@{"); at >= 0 && strings.HasSuffix(name, "}") {
		if full := r.refOf(name); full != "" {
			return r.ref(full)
		}
		ref := name[:at]
		n, err := strconv.Atoi(name[at+2 : len(name)-1])
		if err != nil || n < 0 {
			return id{}, false
		}
		full := r.fullName(ref)
		if ref == "" {
			if full, _ = r.head(); full == "" {
				full = "HEAD"
			}
		}
		list, _ := r.reflog(full)
		if n >= len(list) {
			return id{}, false
		}
		return list[n], true
	}
	if name == "@" || name == "HEAD" {
		_, h := r.head()
		return h, !h.zero()
	}
	if full := r.fullName(name); full != "" {
		return r.ref(full)
	}
	if h, ok := parseID(name); ok {
		return h, r.has(h)
	}
	return r.abbreviated(name)
}

// refOf is fullName, for BRANCH@{upstream} and BRANCH@{push} as well.
func (r *repo) refOf(name string) string {
	at := strings.Index(name, "@{")
	if at < 0 {
		return r.fullName(name)
	}
	branch, _ := r.head()
	if at > 0 && name[:at] != "HEAD" {
		branch = "refs/heads/" + name[:at]
	}
	switch strings.ToLower(name[at:]) {
	case "@{u}", "@{upstream}", "@{push}":
		u, _ := r.upstream(branch)
		return u.ref
	}
	return ""
}

// fullName is the ref that a short name means, or "".
func (r *repo) fullName(name string) string {
	for _, pattern := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := fmt.Sprintf(pattern, name)
		if pattern == "%s" && !strings.HasPrefix(full, "refs/") && strings.ToUpper(full) != full {
			continue
		}
		if _, ok := r.ref(full); ok {
			return full
		}
	}
	return ""
}

// abbreviated finds the one object whose name begins so.
func (r *repo) abbreviated(text string) (id, bool) {
	text = strings.ToLower(text)
	if len(text) < 4 || len(text) > 40 || strings.Trim(text, "0123456789abcdef") != "" {
		return id{}, false
	}
	found := map[id]bool{}
	list, _ := r.inv.FS.ReadDir(r.dir + "/objects/" + text[:2])
	for _, f := range list {
		if h, ok := parseID(text[:2] + f.Name); ok && strings.HasPrefix(h.String(), text) {
			found[h] = true
		}
	}
	for _, p := range r.openPacks() {
		if r.spend(p.count) != nil {
			break
		}
		for i := range p.count {
			if h := p.id(i); strings.HasPrefix(h.String(), text) {
				found[h] = true
			}
		}
	}
	for h := range found {
		if len(found) == 1 {
			return h, true
		}
		if o, err := r.read(h); err == nil && o.kind != "commit" {
			delete(found, h)
		}
	}
	for h := range found {
		return h, len(found) == 1
	}
	return id{}, false
}

// short is an id in seven letters, or as many as tell it apart.
func (r *repo) short(h id) string {
	name := h.String()
	for n := 7; n < 40; n++ {
		if found, ok := r.abbreviated(name[:n]); ok && found == h || !r.has(h) {
			return name[:n]
		}
	}
	return name
}

// commitOf resolves a revision to a commit.
func (r *repo) commitOf(text string) (*commit, error) {
	h, err := r.resolve(text)
	if err != nil {
		return nil, err
	}
	return r.commit(h)
}

// treeOf lays out the tree of a revision.
func (r *repo) treeOf(text string) (files, error) {
	h, err := r.resolve(text)
	if err != nil {
		return nil, err
	}
	if o, err := r.read(h); err == nil && o.kind == "tree" {
		return r.flat(h)
	}
	c, err := r.commit(h)
	if err != nil {
		return nil, err
	}
	return r.flat(c.tree)
}

// headTree is the tree of HEAD, empty before the first commit.
func (r *repo) headTree() (files, error) {
	_, h := r.head()
	if h.zero() {
		return files{}, nil
	}
	c, err := r.commit(h)
	if err != nil {
		return nil, err
	}
	return r.flat(c.tree)
}

package git

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// head is the branch that HEAD names, "" where it is detached, and its commit, zero where there is none yet.
func (r *repo) head() (branch string, h id) {
	text, _ := r.gitFile("HEAD")
	if ref, ok := strings.CutPrefix(text, "ref: "); ok {
		h, _ = r.ref(ref)
		return ref, h
	}
	h, _ = parseID(text)
	return "", h
}

// ref is what a full name refers to.
func (r *repo) ref(name string) (id, bool) {
	for range 5 {
		if !validRef(name) {
			return id{}, false
		}
		text, ok := r.gitFile(name)
		if !ok {
			h, found := r.packed()[name]
			return h, found
		}
		to, symbolic := strings.CutPrefix(text, "ref: ")
		if !symbolic {
			return parseID(text)
		}
		name = to
	}
	return id{}, false
}

// validRef keeps names inside of .git, and to what git allows.
func validRef(name string) bool {
	if name == "" || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".") || strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.Contains(name, "..") ||
		strings.Contains(name, "@{") || name == "@" {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' })
}

// packed are the refs of packed-refs.
func (r *repo) packed() map[string]id {
	all := map[string]id{}
	text, err := r.inv.FS.ReadFile(r.dir + "/packed-refs")
	if err != nil || r.spend(len(text)) != nil {
		return all
	}
	for line := range strings.Lines(string(text)) {
		value, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		if h, valid := parseID(value); ok && valid && validRef(name) {
			all[name] = h
		}
	}
	return all
}

// refs are those below a prefix, by their names after it.
func (r *repo) refs(prefix string) map[string]id {
	all := map[string]id{}
	for name, h := range r.packed() {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			all[rest] = h
		}
	}
	var walk func(dir string, depth int)
	walk = func(dir string, depth int) {
		list, err := r.inv.FS.ReadDir(r.dir + "/" + strings.TrimSuffix(dir, "/"))
		if err != nil || depth > 20 || r.spend(len(list)+1) != nil {
			return
		}
		for _, f := range list {
			if f.IsDir() {
				walk(dir+f.Name+"/", depth+1)
			} else if h, ok := r.ref(dir + f.Name); ok {
				all[strings.TrimPrefix(dir+f.Name, prefix)] = h
			}
		}
	}
	walk(prefix, 0)
	return all
}

func sortedNames(m map[string]id) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// setRef writes a ref, and what became of it into its log. An empty reason leaves no log.
func (r *repo) setRef(name string, h id, reason string) error {
	if !validRef(name) {
		return fatal("'%s' is not a valid ref name", name)
	}
	old, _ := r.ref(name)
	if err := r.writeGit(name, h.String()+"\n"); err != nil {
		return err
	}
	if reason == "" {
		return nil
	}
	return r.log(name, old, h, reason)
}

func (r *repo) writeGit(name, text string) error {
	file := r.dir + "/" + name
	if err := r.inv.FS.MkdirAll(path.Dir(file), 0o755); err != nil {
		return fatal("cannot lock ref '%s': unable to create '%s': %v", name, path.Dir(file), err)
	}
	if err := r.inv.FS.WriteFile(file, []byte(text), 0o644); err != nil {
		return fatal("could not write %s: %v", file, err)
	}
	return nil
}

// log adds a line to the log of a ref.
func (r *repo) log(name string, old, now id, reason string) error {
	file := "logs/" + name
	before, err := r.inv.FS.ReadFile(r.dir + "/" + file)
	if err != nil {
		before = nil
	}
	line := fmt.Sprintf("%s %s %s\t%s\n", old, now, r.me("COMMITTER"), strings.ReplaceAll(reason, "\n", " "))
	return r.writeGit(file, string(before)+line)
}

// reflog is a ref's log, the newest entry first: what it became, and why.
func (r *repo) reflog(name string) (list []id, reasons []string) {
	text, err := r.inv.FS.ReadFile(r.dir + "/logs/" + name)
	if err != nil || !validRef(name) || r.spend(len(text)) != nil {
		return nil, nil
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		head, reason, _ := strings.Cut(line, "\t")
		if f := strings.Fields(head); len(f) > 1 {
			if h, ok := parseID(f[1]); ok {
				list, reasons = append(list, h), append(reasons, reason)
			}
		}
	}
	slices.Reverse(list)
	slices.Reverse(reasons)
	return list, reasons
}

// moveHead makes a commit that of HEAD: of its branch, or of HEAD alone where it is detached.
func (r *repo) moveHead(h id, reason string) error {
	branch, old := r.head()
	if branch == "" {
		if err := r.writeGit("HEAD", h.String()+"\n"); err != nil {
			return err
		}
	} else if err := r.setRef(branch, h, reason); err != nil {
		return err
	}
	return r.log("HEAD", old, h, reason)
}

// deleteRef removes a ref.
func (r *repo) deleteRef(name string) error {
	r.inv.FS.Remove(r.dir + "/" + name)
	r.inv.FS.Remove(r.dir + "/logs/" + name)
	packed := r.packed()
	if _, ok := packed[name]; !ok {
		return nil
	}
	delete(packed, name)
	text := "# pack-refs with: peeled fully-peeled sorted \n"
	for _, n := range sortedNames(packed) {
		text += fmt.Sprintf("%s %s\n", packed[n], n)
	}
	return r.writeGit("packed-refs", text)
}

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

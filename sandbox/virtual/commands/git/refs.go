package git

import (
	"fmt"
	"maps"
	"path"
	"slices"
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
			value, _, _ := strings.Cut(text, "\t") // FETCH_HEAD has more
			return parseID(value)
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

// packed are the refs of packed-refs, which is read again where it has changed. The caller must not change them.
func (r *repo) packed() map[string]id {
	info, err := r.inv.FS.Stat(r.dir + "/packed-refs")
	if err == nil && r.packedRefs != nil && info.ModTime.Equal(r.packedInfo.ModTime) && info.Size == r.packedInfo.Size && info.Ino == r.packedInfo.Ino {
		return r.packedRefs
	}
	all := map[string]id{}
	text, err := r.inv.FS.ReadFile(r.dir + "/packed-refs")
	if err != nil || r.spend(len(text)) != nil || r.keep(2*len(text)) != nil {
		return all
	}
	r.packedRefs, r.packedInfo = all, info
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
	old, exists := r.ref(name)
	if !exists {
		if other := r.inTheWay(name); other != "" {
			return fatal("cannot lock ref '%s': '%s' exists; cannot create '%s'", name, other, name)
		}
	}
	if err := r.writeGit(name, h.String()+"\n"); err != nil {
		return err
	}
	if reason == "" {
		return nil
	}
	return r.log(name, old, h, reason)
}

// inTheWay is a ref whose name is a folder of this one, or has this one as a folder.
func (r *repo) inTheWay(name string) string {
	for at := strings.LastIndexByte(name, '/'); at > 0; at = strings.LastIndexByte(name[:at], '/') {
		if _, ok := r.ref(name[:at]); ok {
			return name[:at]
		}
	}
	for _, below := range sortedNames(r.refs(name + "/")) {
		return name + "/" + below
	}
	return ""
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

// deleteRef removes a ref, and folders that are empty then: another ref may have their name.
func (r *repo) deleteRef(name string) error {
	for _, top := range []string{r.dir + "/", r.dir + "/logs/"} {
		r.inv.FS.Remove(top + name)
		for dir := path.Dir(name); strings.Count(dir, "/") >= 2 && r.inv.FS.Remove(top+dir) == nil; dir = path.Dir(dir) {
		}
	}
	packed := maps.Clone(r.packed())
	if _, ok := packed[name]; !ok {
		return nil
	}
	delete(packed, name)
	return r.writePacked(packed)
}

// writePacked writes packed-refs. That it says nothing of what tags point to, its first line says.
func (r *repo) writePacked(all map[string]id) error {
	var b strings.Builder
	b.WriteString("# pack-refs with: sorted \n")
	for _, n := range sortedNames(all) {
		fmt.Fprintf(&b, "%s %s\n", all[n], n)
	}
	r.packedRefs = nil
	return r.writeGit("packed-refs", b.String())
}

// detached says where HEAD was detached, as its log has it; "" where the log does not.
func (r *repo) detached() string {
	_, head := r.head()
	list, reasons := r.reflog("HEAD")
	for i, reason := range reasons {
		move, ok := strings.CutPrefix(reason, "checkout: moving from ")
		if _, to, found := strings.Cut(move, " to "); ok && found {
			word, name := "from", shortRef(r.fullName(to))
			if list[i] == head {
				word = "at"
			}
			if name == "" || strings.HasPrefix(r.fullName(to), "refs/heads/") {
				name = r.short(list[i])
			}
			return "HEAD detached " + word + " " + name
		}
	}
	return ""
}

package git

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// id is an object's name.
type id [sha1.Size]byte

func (h id) String() string { return hex.EncodeToString(h[:]) }

func (h id) zero() bool { return h == id{} }

func parseID(s string) (h id, ok bool) {
	if len(s) != 2*len(h) {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

// object is one object with its content.
type object struct {
	kind string // blob, tree, commit, tag
	data []byte
}

// maxObject bounds one object; what all of a command hold is bounded by the budget besides.
const maxObject = 256 << 20

// maxCache is how many bytes of commits and trees are kept for the next one who asks.
const maxCache = 32 << 20

// read finds an object, among the loose ones and in packs.
func (r *repo) read(h id) (object, error) {
	if o, ok := r.cache[h]; ok {
		return o, nil
	}
	if err := r.spend(64); err != nil {
		return object{}, err
	}
	o, err := r.readLoose(h)
	if err == vfs.ErrNotExist {
		o, err = r.readPacked(h)
	}
	if err != nil {
		return object{}, err
	}
	if o.kind != "blob" && r.cached+len(o.data) < maxCache {
		r.cached += len(o.data) + 100
		r.cache[h] = o
	}
	return o, nil
}

func (r *repo) readLoose(h id) (object, error) {
	name := h.String()
	f, err := r.inv.FS.Open(r.dir+"/objects/"+name[:2]+"/"+name[2:], vfs.Read, 0)
	if err != nil {
		return object{}, vfs.ErrNotExist
	}
	defer f.Close()
	corrupt := fatal("loose object %s is corrupt", name)
	z, err := zlib.NewReader(f)
	if err != nil {
		return object{}, corrupt
	}
	head := make([]byte, 0, 32)
	for one := make([]byte, 1); ; head = append(head, one[0]) {
		if _, err := io.ReadFull(z, one); err != nil || len(head) == 32 {
			return object{}, corrupt
		}
		if one[0] == 0 {
			break
		}
	}
	kind, length, _ := strings.Cut(string(head), " ")
	size, err := strconv.ParseInt(length, 10, 63)
	if err != nil {
		return object{}, corrupt
	}
	data, err := r.inflate(z, size)
	if err != nil {
		return object{}, err
	}
	if sum := hashOf(kind, data); sum != h {
		return object{}, fatal("hash mismatch %s (expected %s)", sum, name)
	}
	return object{kind, data}, nil
}

// inflate reads exactly size bytes, and holds them.
func (r *repo) inflate(z io.Reader, size int64) ([]byte, error) {
	if size < 0 || size > maxObject {
		return nil, fatal("an object of %d bytes is larger than this git takes (%d)", size, maxObject)
	}
	if err := r.hold(int(size)); err != nil {
		return nil, err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(z, data); err != nil {
		return nil, fatal("an object is shorter than it says")
	}
	if n, _ := z.Read(make([]byte, 1)); n != 0 {
		return nil, fatal("an object is longer than it says")
	}
	return data, r.spend(len(data))
}

func hashOf(kind string, data []byte) id {
	sum := sha1.New()
	fmt.Fprintf(sum, "%s %d\x00", kind, len(data))
	sum.Write(data)
	return id(sum.Sum(nil))
}

// write stores an object.
func (r *repo) write(kind string, data []byte) (id, error) {
	h := hashOf(kind, data)
	if err := r.spend(len(data) + 64); err != nil {
		return h, err
	}
	if r.has(h) {
		return h, nil
	}
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	fmt.Fprintf(z, "%s %d\x00", kind, len(data))
	z.Write(data)
	z.Close()
	name := h.String()
	dir := r.dir + "/objects/" + name[:2]
	if err := r.inv.FS.MkdirAll(dir, 0o755); err != nil {
		return h, fatal("unable to create directory %s: %v", dir, err)
	}
	if err := r.inv.FS.WriteFile(dir+"/"+name[2:], b.Bytes(), 0o444); err != nil {
		return h, fatal("unable to write file %s/%s: %v", dir, name[2:], err)
	}
	return h, nil
}

func (r *repo) has(h id) bool {
	name := h.String()
	if _, err := r.inv.FS.Lstat(r.dir + "/objects/" + name[:2] + "/" + name[2:]); err == nil {
		return true
	}
	for _, p := range r.openPacks() {
		if _, ok := p.find(h); ok {
			return true
		}
	}
	return false
}

// commit is a commit's fields.
type commit struct {
	id                id
	tree              id
	parents           []id
	author, committer person
	message           string
}

// person is who did something, and when.
type person struct {
	name, email string
	when        int64  // seconds
	zone        string // "+0000"
}

func (p person) String() string {
	return fmt.Sprintf("%s <%s> %d %s", p.name, p.email, p.when, p.zone)
}

func parsePerson(s string) person {
	open, shut := strings.IndexByte(s, '<'), strings.LastIndexByte(s, '>')
	if open < 0 || shut < open {
		return person{name: s, zone: "+0000"}
	}
	p := person{name: strings.TrimSpace(s[:open]), email: s[open+1 : shut], zone: "+0000"}
	if f := strings.Fields(s[shut+1:]); len(f) == 2 {
		p.when, _ = strconv.ParseInt(f[0], 10, 64)
		p.zone = f[1]
	}
	return p
}

// commit reads a commit, through a tag that points to it.
func (r *repo) commit(h id) (*commit, error) {
	for range 10 {
		o, err := r.read(h)
		if err != nil {
			return nil, err
		}
		if o.kind == "tag" {
			if to, ok := tagTarget(o.data); ok {
				h = to
				continue
			}
		}
		if o.kind != "commit" {
			return nil, fatal("%s is a %s, not a commit", h, o.kind)
		}
		return parseCommit(h, o.data)
	}
	return nil, fatal("tags of tags lead nowhere")
}

func tagTarget(data []byte) (id, bool) {
	line, _, _ := strings.Cut(string(data), "\n")
	return parseID(strings.TrimPrefix(line, "object "))
}

func parseCommit(h id, data []byte) (*commit, error) {
	c := &commit{id: h}
	head, message, _ := strings.Cut(string(data), "\n\n")
	c.message = message
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		ok := true
		switch key {
		case "tree":
			c.tree, ok = parseID(value)
		case "parent":
			var p id
			p, ok = parseID(value)
			c.parents = append(c.parents, p)
		case "author":
			c.author = parsePerson(value)
		case "committer":
			c.committer = parsePerson(value)
		}
		if !ok {
			return nil, fatal("bad commit %s", h)
		}
	}
	return c, nil
}

func (r *repo) writeCommit(c *commit) (id, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", c.tree)
	for _, p := range c.parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s", c.author, c.committer, c.message)
	return r.write("commit", []byte(b.String()))
}

// subject is the first paragraph of a message, in one line.
func (c *commit) subject() string {
	first, _, _ := strings.Cut(strings.TrimLeft(c.message, "\n"), "\n\n")
	return strings.Join(strings.Split(strings.TrimRight(first, "\n"), "\n"), " ")
}

// The modes of tree entries.
const (
	modeFile = 0o100644
	modeExec = 0o100755
	modeLink = 0o120000
	modeDir  = 0o040000
	modeRepo = 0o160000
)

// entry is a file of a tree or of the index.
type entry struct {
	mode uint32
	id   id
}

// files is a tree laid flat: files by their paths.
type files map[string]entry

func (f files) names() []string {
	list := make([]string, 0, len(f))
	for name := range f {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// treeEntry is an entry of one tree object.
type treeEntry struct {
	name string
	entry
}

func (r *repo) tree(h id) ([]treeEntry, error) {
	o, err := r.read(h)
	if err != nil {
		return nil, err
	}
	if o.kind != "tree" {
		return nil, fatal("%s is a %s, not a tree", h, o.kind)
	}
	var list []treeEntry
	for rest := o.data; len(rest) > 0; {
		head, after, ok := bytes.Cut(rest, []byte{0})
		mode, name, ok2 := strings.Cut(string(head), " ")
		n, err := strconv.ParseUint(mode, 8, 32)
		if !ok || !ok2 || err != nil || len(after) < len(id{}) {
			return nil, fatal("malformed tree object %s", h)
		}
		list = append(list, treeEntry{name, entry{uint32(n), id(after[:20])}})
		rest = after[20:]
	}
	return list, r.spend(len(o.data))
}

// flat lays a tree out. A name that could leave the working tree, or reach into .git, is an error.
func (r *repo) flat(h id) (files, error) {
	all := files{}
	return all, r.flatten(h, "", all, 0)
}

func (r *repo) flatten(h id, prefix string, all files, depth int) error {
	if h == emptyTree {
		return nil
	}
	if depth > 200 {
		return fatal("a tree is nested too deeply")
	}
	list, err := r.tree(h)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !safeName(e.name) {
			return fatal("invalid path '%s'", prefix+e.name)
		}
		if e.mode&0o170000 == modeDir {
			if err := r.flatten(e.id, prefix+e.name+"/", all, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := r.hold(len(prefix) + len(e.name) + 100); err != nil {
			return err
		}
		all[prefix+e.name] = e.entry
	}
	return nil
}

var emptyTree = hashOf("tree", nil)

// safeName says whether a name may stand in a tree.
func safeName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.EqualFold(name, ".git") && !strings.ContainsAny(name, "/\x00") && !strings.EqualFold(name, "git~1")
}

// safePath says the same of all parts of a path.
func safePath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if !safeName(part) {
			return false
		}
	}
	return true
}

// writeTree stores files as trees and returns the root.
func (r *repo) writeTree(all files) (id, error) {
	names := all.names()
	h, _, err := r.writeDir(all, names, "")
	return h, err
}

// writeDir stores the files below prefix, which are first in names, and says how many these are.
func (r *repo) writeDir(all files, names []string, prefix string) (id, int, error) {
	var list []treeEntry
	done := 0
	for done < len(names) && strings.HasPrefix(names[done], prefix) {
		rest := names[done][len(prefix):]
		dir, _, below := strings.Cut(rest, "/")
		if !below {
			list = append(list, treeEntry{rest, all[names[done]]})
			done++
			continue
		}
		h, n, err := r.writeDir(all, names[done:], prefix+dir+"/")
		if err != nil {
			return h, 0, err
		}
		list = append(list, treeEntry{dir, entry{modeDir, h}})
		done += n
	}
	sortKey := func(e treeEntry) string {
		if e.mode == modeDir {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(list, func(a, b treeEntry) int { return strings.Compare(sortKey(a), sortKey(b)) })
	var b bytes.Buffer
	for _, e := range list {
		fmt.Fprintf(&b, "%o %s\x00", e.mode, e.name)
		b.Write(e.id[:])
	}
	h, err := r.write("tree", b.Bytes())
	return h, done, err
}

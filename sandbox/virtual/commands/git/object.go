package git

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
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
	switch n, err := z.Read(make([]byte, 1)); {
	case n != 0:
		return nil, fatal("an object is longer than it says")
	case err != io.EOF:
		return nil, fatal("an object is corrupt")
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
		c, err := parseCommit(h, o.data)
		if err == nil && r.shallow()[h] {
			c.parents = nil
		}
		return c, err
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

package git

import (
	"path"
	"strings"
)

// peer is the other repository that a command speaks to: http.go has those of servers, local.go those of the sandbox.
type peer interface {
	// refs lists its refs, HEAD first, then by name. Where a server can tell, only those that begin with one of prefixes.
	refs(prefixes []string) ([]farRef, error)
	// fetch asks for objects.
	fetch(q query) (delivery, error)
	// push asks to change refs, and leaves in each update what became of it.
	push(list []*update, pack []byte) error
}

// farRef is a ref of a peer.
type farRef struct {
	name   string
	id     id
	peeled id     // what a tag points to in the end; zero where it is no tag object
	target string // of HEAD: the branch that it names
}

// query is what a fetch wants.
type query struct {
	wants, haves []id
	depth        int  // how many commits of each; 0: all
	relative     bool // depth counts from what is here
	tags         bool // with the tags of what is sent
}

// wholeHistory is the depth of fetch --unshallow.
const wholeHistory = 1<<31 - 1

// delivery is the answer to a query. The bytes of pack are held.
type delivery struct {
	pack               []byte
	shallow, unshallow []id // what ends, and does not end any more, without its parents
}

// update is a change of one ref of a peer.
type update struct {
	name     string
	old, now id     // zero: there is none, there shall be none
	result   string // why it did not happen; "" where it did
	answered bool
}

// open opens the repository at a URL or path, to fetch from it or, where pushing is set, to push to it.
func (r *repo) open(url string, pushing bool) (peer, error) {
	service := "git-upload-pack"
	if pushing {
		service = "git-receive-pack"
	}
	scheme, rest, isURL := strings.Cut(url, "://")
	switch {
	case isURL && (scheme == "http" || scheme == "https"):
		return r.openHTTP(url, service)
	case isURL && scheme == "file":
		return r.openLocal(rest, url)
	case isURL || isRemotePath(url):
		if !isURL {
			scheme, rest = "ssh", strings.Replace(url, ":", "/", 1)
		}
		return nil, fatal("unable to access '%s': %s cannot be spoken in this sandbox; http and https can: https://%s", masked(url), plain(scheme), masked("https://" + rest)[len("https://"):])
	}
	return r.openLocal(url, url)
}

// isRemotePath says whether a name is HOST:PATH.
func isRemotePath(name string) bool {
	colon, slash := strings.IndexByte(name, ':'), strings.IndexByte(name, '/')
	return colon > 0 && (slash < 0 || colon < slash)
}

// masked is a URL without the credentials in it.
func masked(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, after, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		return scheme + "://" + host[at+1:] + rest[len(host):len(rest)-len(after)] + after
	}
	return url
}

// shownURL is a URL as "From" and FETCH_HEAD have it.
func shownURL(url string) string {
	url = strings.TrimRight(masked(url), "/")
	return strings.TrimSuffix(url, ".git")
}

// noRepository is said where a path or name leads to no repository.
func noRepository(name string) error {
	return fatal("'%s' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.", masked(name))
}

// locate finds the folder of a repository at a path of the sandbox.
func (r *repo) locate(name string) (dir string, ok bool) {
	full := name
	if !path.IsAbs(full) {
		full = r.at + "/" + name
	}
	full = path.Clean(full)
	for _, suffix := range []string{"/.git", "", ".git/.git", ".git"} {
		if r.isRepo(full + suffix) {
			return full + suffix, true
		}
	}
	return "", false
}

// openAt is the repository in a folder, beside this one.
func (r *repo) openAt(dir string) *repo {
	o := &repo{ctx: r.ctx, inv: r.inv, out: r.out, at: r.at, dir: dir, given: r.given, cache: map[id]object{}}
	r.others = append(r.others, o)
	return o
}

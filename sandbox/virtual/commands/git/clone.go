package git

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

const cloneFlags = "quiet=q verbose=v bare mirror no-checkout=n branch:=b origin:=o depth: single-branch no-single-branch no-tags config:=c local=l no-local no-hardlinks shared=s progress jobs:=j template? recurse-submodules? recursive filter: shallow-submodules no-shallow-submodules upload-pack:=u reject-shallow no-reject-shallow dissociate ipv4=4 ipv6=6"

func cloneCommand(r *repo, args []string) error {
	f, operands, after, _, err := parse(cloneFlags, args)
	if err != nil {
		return err
	}
	operands = append(operands, after...)
	switch {
	case len(operands) == 0:
		return misuse("clone", "fatal: You must specify a repository to clone.")
	case len(operands) > 2:
		return misuse("clone", "fatal: Too many arguments.")
	}
	r.dir, r.work, r.prefix = "", "", "" // the repository around the new one has no part in it
	c := &cloning{repo: r, f: f, url: r.instead(operands[0]), origin: "origin", bare: f.has("bare") || f.has("mirror")}
	if f.has("origin") {
		c.origin = f.last("origin")
	}
	if !validRef("refs/remotes/" + c.origin) {
		return fatal("'%s' is not a valid remote name", c.origin)
	}
	if err := c.where(operands); err != nil {
		return err
	}
	if !f.has("quiet") {
		if c.bare {
			fmt.Fprintf(r.inv.Stderr, "Cloning into bare repository '%s'...\n", c.name)
		} else {
			fmt.Fprintf(r.inv.Stderr, "Cloning into '%s'...\n", c.name)
		}
	}
	c.warn()
	_, err = r.inv.FS.Lstat(c.dir)
	c.made = err != nil
	if err := c.run(); err != nil {
		c.undo()
		return err
	}
	return nil
}

// cloning is a clone on its way.
type cloning struct {
	*repo
	f      flags
	url    string // to clone from
	stored string // the same, as the configuration has it
	path   string // the same, where it is one of the sandbox's, and not as file://
	origin string
	bare   bool
	name   string // of the folder, as it is said
	dir    string // the folder
	made   bool   // there was none before
	depth  int
	peer   peer
	theirs []farRef
}

// where finds what the new folder is called and checks that it can be made.
func (c *cloning) where(operands []string) error {
	if dir, ok := c.locate(c.url); ok {
		c.path, c.url = dir, c.absolute(c.url)
	} else if _, err := c.inv.FS.Stat(c.absolute(c.url)); !strings.Contains(c.url, "://") && !isRemotePath(c.url) {
		if err != nil {
			return fatal("repository '%s' does not exist", operands[0])
		}
		return noRepository(c.absolute(c.url))
	}
	if c.stored = c.url; c.instead(operands[0]) != operands[0] {
		c.stored = operands[0]
	}
	if len(operands) == 2 {
		c.name = operands[1]
	} else if c.name = folderOf(c.url); c.name == "" {
		return fatal("No directory name could be guessed.\nPlease specify a directory on the command line")
	} else if c.bare {
		c.name += ".git"
	}
	c.dir = c.absolute(c.name)
	info, err := c.inv.FS.Stat(c.dir)
	if list, _ := c.inv.FS.ReadDir(c.dir); err == nil && (!info.IsDir() || len(list) > 0) {
		return fatal("destination path '%s' already exists and is not an empty directory.", c.name)
	}
	if text := c.f.last("depth"); text != "" {
		if c.depth, err = strconv.Atoi(text); err != nil || c.depth <= 0 || c.depth > wholeHistory {
			return fatal("depth %s is not a positive number", text)
		}
	}
	return nil
}

// warn says which options change nothing.
func (c *cloning) warn() {
	if c.path != "" && c.depth > 0 {
		fmt.Fprintln(c.inv.Stderr, "warning: --depth is ignored in local clones; use file:// instead.")
		c.depth = 0
	}
	for _, key := range []string{"recurse-submodules", "recursive"} {
		if c.f.has(key) {
			fmt.Fprintf(c.inv.Stderr, "warning: --%s is ignored: this sandbox has no submodules\n", key)
		}
	}
	if c.f.has("filter") {
		fmt.Fprintln(c.inv.Stderr, "warning: --filter is ignored: a clone in this sandbox has all of its objects")
	}
}

// folderOf guesses a folder's name from a URL.
func folderOf(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
		if !strings.Contains(strings.TrimRight(url, "/"), "/") { // a host alone
			url, _, _ = strings.Cut(url[strings.LastIndexByte(url, '@')+1:], ":")
		}
	}
	url = strings.TrimSuffix(strings.TrimRight(url, "/"), "/.git")
	url = url[strings.LastIndexAny(url, "/:")+1:]
	return strings.TrimSuffix(url, ".git")
}

// run makes the repository.
func (c *cloning) run() error {
	settings := flags{"quiet": {""}}
	if c.bare {
		settings["bare"] = []string{""}
	}
	if err := c.create(settings, c.dir); err != nil {
		return err
	}
	if c.at = c.dir; !c.bare {
		c.work = c.dir
	}
	for _, text := range c.f["config"] {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			value = "true"
		}
		if err := c.setConfig(c.repo.dir+"/config", lowerKey(key), value, false, true); err != nil {
			return err
		}
	}
	var err error
	if c.peer, err = c.open(c.url, false); err != nil {
		return err
	}
	if c.theirs, err = c.peer.refs([]string{"HEAD", "refs/"}); err != nil {
		return err
	}
	head, err := c.choose()
	if err != nil {
		return err
	}
	if err := c.configure(head); err != nil {
		return err
	}
	return c.take(head)
}

// choose finds the ref that is checked out: the one of -b, or the one that HEAD names.
func (c *cloning) choose() (farRef, error) {
	if want := c.f.last("branch"); want != "" {
		for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
			for _, ref := range c.theirs {
				if ref.name == prefix+want {
					return ref, nil
				}
			}
		}
		return farRef{}, fatal("Remote branch %s not found in upstream %s", want, c.origin)
	}
	head, ok := farRef{}, false
	for _, ref := range c.theirs {
		if ref.name == "HEAD" {
			head, ok = ref, true
		}
	}
	if !ok {
		return farRef{name: "refs/heads/main"}, nil
	}
	if head.target == "" { // an old server does not say, a detached one cannot
		for _, want := range []string{"refs/heads/main", "refs/heads/master", "refs/heads/"} {
			for _, ref := range c.theirs {
				if _, v0 := c.peer.(*httpPeer); v0 && strings.HasPrefix(ref.name, want) && ref.id == head.id {
					return ref, nil
				}
			}
		}
		return head, nil
	}
	return farRef{name: head.target, id: head.id}, nil
}

// undo removes what a clone that failed has left.
func (c *cloning) undo() {
	if c.made {
		c.inv.FS.RemoveAll(c.dir)
		return
	}
	list, _ := c.inv.FS.ReadDir(c.dir)
	for _, f := range list {
		c.inv.FS.RemoveAll(path.Join(c.dir, f.Name))
	}
}

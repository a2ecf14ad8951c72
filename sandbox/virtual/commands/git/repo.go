package git

import (
	"bufio"
	"context"
	"io"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// repo is one call of git, and the repository it works in.
type repo struct {
	ctx       context.Context
	inv       *shell.Invocation
	out       *bufio.Writer
	at        string // working directory
	dir       string // the folder .git
	work      string // the working tree; "" in a bare repository
	prefix    string // where in it the call was made: "" or "a/b/"
	given     []setting
	held      int // bytes until the command ends, or the commit is shown that needed them
	kept      int // bytes until the command ends
	cached    int // bytes in cache
	cache     map[id]object
	packs     []*pack
	packsRead bool
	bases     map[place]object
	based     int           // bytes in bases
	expander  io.ReadCloser // of zlib, once there is one
	grafts    map[id]bool   // the commits whose parents are not here; nil: not read yet
	others    []*repo       // those that this call opened besides

	packedRefs map[string]id // of packed-refs, as packedInfo has it
	packedInfo vfs.Info
}

func (r *repo) spend(n int) error {
	if r.inv.Budget.Work(n) != nil || r.ctx.Err() != nil {
		return cli.ErrStop
	}
	return nil
}

// hold takes memory until the command ends.
func (r *repo) hold(n int) error {
	if r.inv.Budget.Hold(n) != nil {
		return cli.ErrStop
	}
	r.held += n
	return nil
}

// keep takes memory until the command ends, whatever is shown meanwhile.
func (r *repo) keep(n int) error {
	if r.inv.Budget.Hold(n) != nil {
		return cli.ErrStop
	}
	r.kept += n
	return nil
}

// free gives back n bytes that hold took.
func (r *repo) free(n int) { r.release(r.held - n) }

// release gives back what was taken since held was so much.
func (r *repo) release(held int) {
	r.inv.Budget.Release(r.held - held)
	r.held = held
}

// discover finds the repository that the working directory is in.
func (r *repo) discover() error {
	at, err := r.inv.FS.Realpath(r.at)
	if err != nil {
		return fatal("Unable to read current working directory: %v", err)
	}
	for dir := at; ; dir = path.Dir(dir) {
		if err := r.inv.Budget.Work(len(dir)); err != nil {
			return err
		}
		git := path.Join(dir, ".git")
		if i, err := r.inv.FS.Stat(git); err == nil && i.Mode.IsRegular() {
			text, _ := r.inv.FS.ReadFile(git)
			to, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
			if !ok {
				return fatal("invalid gitfile format: %s", git)
			}
			if git = to; !path.IsAbs(to) {
				git = path.Join(dir, to)
			}
		}
		if r.isRepo(git) {
			r.dir, r.work = git, dir
			if at != dir {
				r.prefix = strings.TrimPrefix(strings.TrimPrefix(at, dir), "/") + "/"
			}
			return r.checkFormat()
		}
		if r.isRepo(dir) {
			r.dir = dir
			if path.Base(dir) == ".git" {
				return fatal("this operation must be run in a work tree")
			}
			return r.checkFormat()
		}
		if dir == "/" {
			return fatal("not a git repository (or any of the parent directories): .git")
		}
	}
}

func (r *repo) isRepo(dir string) bool {
	if _, err := r.inv.FS.Stat(dir + "/HEAD"); err != nil {
		return false
	}
	objects, err := r.inv.FS.Stat(dir + "/objects")
	refs, err2 := r.inv.FS.Stat(dir + "/refs")
	return err == nil && err2 == nil && objects.IsDir() && refs.IsDir()
}

func (r *repo) checkFormat() error {
	if v := r.config("core.repositoryformatversion"); v != "" && v != "0" && v != "1" {
		return fatal("Expected git repo version <= 1, found %s", v)
	}
	if v := r.config("extensions.objectformat"); v != "" && v != "sha1" {
		return fatal("repositories with %s objects are not supported in this sandbox", v)
	}
	return nil
}

// needWork is for commands that make no sense in a bare repository.
func (r *repo) needWork() error {
	if r.work == "" {
		return fatal("this operation must be run in a work tree")
	}
	return nil
}

// path makes of an operand a path of the working tree.
func (r *repo) path(operand string) (string, error) {
	full := operand
	if !path.IsAbs(full) {
		full = r.at + "/" + operand
	}
	full = path.Clean(full)
	if full == r.work {
		return "", nil
	}
	rel, ok := strings.CutPrefix(full, strings.TrimSuffix(r.work, "/")+"/")
	if !ok {
		return "", fatal("%s: '%s' is outside repository at '%s'", operand, operand, r.work)
	}
	return rel, nil
}

// file is the absolute path of a file of the working tree.
func (r *repo) file(name string) string { return strings.TrimSuffix(r.work, "/") + "/" + name }

// shown is a path of the working tree as seen from the working directory.
func (r *repo) shown(name string) string {
	if r.prefix == "" {
		return name
	}
	up, from := "", r.prefix
	for !strings.HasPrefix(name, from) && name+"/" != from {
		from = strings.TrimSuffix(from, "/")
		from = from[:strings.LastIndexByte(from, '/')+1]
		up += "../"
	}
	if rest := strings.TrimPrefix(name, from); name+"/" != from {
		return up + rest
	}
	return up + "./"
}

// me is who makes commits: what the environment says, or the configuration, or the sandbox's agent.
func (r *repo) me(role string) person {
	get := func(name string) string { v, _ := r.inv.Env.Get(name); return v }
	first := func(list ...string) string {
		for _, s := range list {
			if s != "" {
				return s
			}
		}
		return ""
	}
	clean := strings.NewReplacer("<", "", ">", "", "\n", "")
	p := person{name: clean.Replace(first(get("GIT_"+role+"_NAME"), r.config("user.name"), "agent")),
		email: clean.Replace(first(get("GIT_"+role+"_EMAIL"), r.config("user.email"), "agent@flue")), when: r.inv.Now().Unix(), zone: "+0000"}
	if when, zone, ok := parseDate(get("GIT_" + role + "_DATE")); ok {
		p.when, p.zone = when, zone
	}
	return p
}

// quote writes a path as git does: in C's way where it has characters that are not plain.
func quote(name string) string {
	plain := true
	for _, c := range []byte(name) {
		plain = plain && c >= ' ' && c < 0x7f && c != '"' && c != '\\'
	}
	if plain {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(name) {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			b.WriteString(cli.Escape(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

func (r *repo) exists(name string) bool {
	_, err := r.inv.FS.Lstat(r.file(name))
	return err == nil
}

// read a small file of .git, without its last newline.
func (r *repo) gitFile(name string) (string, bool) {
	f, err := r.inv.FS.Open(r.dir+"/"+name, vfs.Read, 0)
	if err != nil {
		return "", false
	}
	defer f.Close()
	data := make([]byte, 64<<10)
	n, _ := f.Read(data)
	return strings.TrimRight(string(data[:n]), "\n"), true
}

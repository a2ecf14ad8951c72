package git

import (
	"bufio"
	"context"
	"path"
	"strconv"
	"strings"
	"time"

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

// paths is a set of operands that name files: themselves, what is below them, or what a wildcard matches.
type paths struct {
	list []string
	glob []func(string) bool
	said []string
	used []bool
}

func (r *repo) paths(operands []string) (*paths, error) {
	p := &paths{}
	for _, operand := range operands {
		operand = strings.TrimPrefix(operand, ":/")
		name, err := r.path(operand)
		if err != nil {
			return nil, err
		}
		var match func(string) bool
		if strings.ContainsAny(name, "*?[") {
			match = cli.Glob(name)
		}
		p.list, p.glob, p.said, p.used = append(p.list, name), append(p.glob, match), append(p.said, operand), append(p.used, false)
	}
	return p, nil
}

// match says whether the set has a file; the empty set has all.
func (p *paths) match(name string) bool {
	found := len(p.list) == 0
	for i, want := range p.list {
		if want == "" || name == want || strings.HasPrefix(name, want) && name[len(want)] == '/' || p.glob[i] != nil && p.glob[i](name) {
			p.used[i], found = true, true
		}
	}
	return found
}

// unused is an operand that matched nothing, or "".
func (p *paths) unused() string {
	for i, used := range p.used {
		if !used {
			return p.said[i]
		}
	}
	return ""
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

// parseDate reads a date as git writes it, or as ISO 8601 or RFC 2822 have it.
func parseDate(text string) (int64, string, bool) {
	text = strings.TrimSpace(text)
	f := strings.Fields(strings.TrimPrefix(text, "@"))
	if len(f) > 0 && len(f) <= 2 {
		if n, err := strconv.ParseInt(f[0], 10, 64); err == nil && (len(f[0]) > 8 || strings.HasPrefix(text, "@")) {
			zone := "+0000"
			if len(f) == 2 {
				zone = f[1]
			}
			return n, zone, true
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
		time.RFC1123Z, time.RFC1123, "Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Unix(), t.Format("-0700"), true
		}
	}
	return 0, "", false
}

// setting is one line of a configuration.
type setting struct{ key, value string }

// settings are the user's and the repository's, in order. Includes are not followed.
func (r *repo) settings() []setting {
	var list []setting
	for _, file := range r.configFiles() {
		if text, err := r.inv.FS.ReadFile(file); err == nil && len(text) < 1<<20 {
			list = append(list, parseConfig(string(text))...)
		}
	}
	return append(list, r.given...)
}

func (r *repo) configFiles() []string {
	home, _ := r.inv.Env.Get("HOME")
	list := []string{home + "/.gitconfig"}
	if r.dir != "" {
		list = append(list, r.dir+"/config")
	}
	return list
}

// config is the value of a key; the last one counts.
func (r *repo) config(key string) string {
	value := ""
	for _, s := range r.settings() {
		if s.key == key {
			value = s.value
		}
	}
	return value
}

// parseConfig reads a configuration file.
func parseConfig(text string) []setting {
	var list []setting
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			name, rest, _ := strings.Cut(line[1:], "]")
			head, sub, has := strings.Cut(name, " ")
			section = strings.ToLower(head)
			if has {
				section += "." + strings.ReplaceAll(strings.Trim(strings.TrimSpace(sub), `"`), `\"`, `"`)
			}
			if line = strings.TrimSpace(rest); line == "" {
				continue
			}
		}
		if line == "" || line[0] == '#' || line[0] == ';' || section == "" {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			value = "true"
		}
		list = append(list, setting{section + "." + strings.ToLower(strings.TrimSpace(key)), configValue(strings.TrimSpace(value))})
	}
	return list
}

func configValue(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(text):
			i++
			if at := strings.IndexByte("nt", text[i]); at >= 0 {
				b.WriteByte("\n\t"[at])
			} else {
				b.WriteByte(text[i])
			}
		case !quoted && (c == '#' || c == ';'):
			return strings.TrimSpace(b.String())
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
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
		switch at := strings.IndexByte("\a\b\t\n\v\f\r\"\\", c); {
		case at >= 0:
			b.WriteString(`\` + `abtnvfr"\`[at:at+1])
		case c < ' ' || c >= 0x7f:
			b.WriteString(`\` + string([]byte{'0' + c>>6, '0' + c>>3&7, '0' + c&7}))
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

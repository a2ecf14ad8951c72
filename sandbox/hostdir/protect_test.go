package hostdir_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// checkout makes a folder as a project has it, with a repository and a project below it.
func checkout(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, file := range []string{".git/config", ".git/hooks/pre-commit", ".git/info/attributes", ".git/modules/m/config", ".flue/flue.yaml",
		".flue/state/flue.db", ".github/workflows/ci.yml", ".github/CODEOWNERS", "sub/deep/.git/config", "sub/deep/f", "README.md"} {
		must(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755), os.WriteFile(filepath.Join(dir, file), []byte("as it was"), 0o644))
	}
	return dir
}

// tree is every file of a folder with its content and permissions.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		data, _ := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = i.Mode().String() + " " + string(data)
		return nil
	}))
	return files
}

func protect(t testing.TB, dir string) *vfs.FS {
	t.Helper()
	d, err := hostdir.Open(dir)
	must(t, err)
	t.Cleanup(func() { d.Close() })
	f := vfs.New(vfs.Quota{}, time.Now)
	must(t, f.Mount("/w", hostdir.Protect(d), vfs.ReadWriteMount))
	return f
}

// TestProtected: each attack fails, and leaves the folder as it was.
func TestProtected(t *testing.T) {
	write := func(name string) func(f *vfs.FS) error {
		return func(f *vfs.FS) error { return f.WriteFile("/w/"+name, []byte("owned"), 0o755) }
	}
	mkdir := func(name string) func(f *vfs.FS) error {
		return func(f *vfs.FS) error { return f.Mkdir("/w/"+name, 0o755) }
	}
	rename := func(old, name string) func(f *vfs.FS) error {
		return func(f *vfs.FS) error { return f.Rename("/w/"+old, "/w/"+name) }
	}
	remove := func(name string) func(f *vfs.FS) error {
		return func(f *vfs.FS) error { return f.Remove("/w/" + name) }
	}
	link := func(target, name string) func(f *vfs.FS) error {
		return func(f *vfs.FS) error { return f.Symlink(target, "/w/"+name) }
	}
	for name, attack := range map[string]func(f *vfs.FS) error{
		"write git config":          write(".git/config"),
		"write a hook":              write(".git/hooks/pre-commit"),
		"make a hook":               write(".git/hooks/post-checkout"),
		"write a module's config":   write(".git/modules/m/config"),
		"write attributes":          write(".git/info/attributes"),
		"make a commondir":          write(".git/commondir"),
		"write a workflow":          write(".github/workflows/ci.yml"),
		"make a workflow":           write(".github/workflows/new.yml"),
		"write the project":         write(".flue/flue.yaml"),
		"make an agent":             write(".flue/agents.yaml"),
		"write the store":           write(".flue/state/flue.db"),
		"a repository further down": write("sub/deep/.git/config"),
		"in another spelling":       write(".GIT/config"),
		"with an invisible letter":  mkdir(".\u200cgit"),
		"with an ending of Windows": mkdir(".git. "),
		"with a short name":         mkdir("GIT~1"),
		"with a stream":             mkdir(".flue::$INDEX_ALLOCATION"),
		"make a repository":         mkdir("sub/.git"),
		"make a gitfile":            write("sub/.git"),
		"make a project":            mkdir("sub/.flue"),
		"make workflows": func(f *vfs.FS) error {
			f.Mkdir("/w/sub/.github", 0o755)
			return f.Mkdir("/w/sub/.github/workflows", 0o755)
		},
		"rename .git":             rename(".git", "git"),
		"rename hooks":            rename(".git/hooks", ".git/old"),
		"rename .github":          rename(".github", "old"),
		"rename workflows":        rename(".github/workflows", "old"),
		"rename .flue":            rename(".flue", "old"),
		"rename what is above":    rename("sub", "old"),
		"rename right above":      rename("sub/deep", "old"),
		"rename to a hook":        rename("README.md", ".git/hooks/post-merge"),
		"rename over config":      rename("README.md", ".git/config"),
		"rename to .git":          func(f *vfs.FS) error { f.Mkdir("/w/e", 0o755); return f.Rename("/w/e", "/w/sub/.git") },
		"rename to .github":       func(f *vfs.FS) error { f.MkdirAll("/w/e/workflows", 0o755); return f.Rename("/w/e", "/w/sub/.github") },
		"remove config":           remove(".git/config"),
		"remove a workflow":       remove(".github/workflows/ci.yml"),
		"remove the project":      func(f *vfs.FS) error { return f.RemoveAll("/w/.flue") },
		"chmod a hook":            func(f *vfs.FS) error { return f.Chmod("/w/.git/hooks/pre-commit", 0o755) },
		"touch config":            func(f *vfs.FS) error { return f.Chtimes("/w/.git/config", time.Unix(1, 0)) },
		"truncate config":         func(f *vfs.FS) error { _, err := f.Open("/w/.git/config", vfs.Read|vfs.Truncate, 0); return err },
		"make by opening to read": func(f *vfs.FS) error { _, err := f.Open("/w/.git/hooks/x", vfs.Read|vfs.Create, 0o755); return err },
		"link to hooks":           link(".git/hooks", "out"),
		"link to what holds them": link(".github", "gh"),
		"link called .git":        link("sub", "sub/.git"),
		"link called .github":     link("../deep", "sub/.github"),
		"another name for config": func(f *vfs.FS) error { return f.Link("/w/.git/config", "/w/c") },
		"read the store":          func(f *vfs.FS) error { _, err := f.ReadFile("/w/.flue/state/flue.db"); return err },
		"list the store":          func(f *vfs.FS) error { _, err := f.ReadDir("/w/.flue/state"); return err },
		"look at the store":       func(f *vfs.FS) error { _, err := f.Lstat("/w/.flue/state"); return err },
		"move a link so it leads out": func(f *vfs.FS) error {
			f.Symlink("../../README.md", "/w/sub/deep/l")
			defer f.Remove("/w/sub/deep/l")
			return f.Rename("/w/sub/deep/l", "/w/l")
		},
		"move a folder with one": func(f *vfs.FS) error {
			f.MkdirAll("/w/sub/e/e", 0o755)
			f.Symlink("../../../README.md", "/w/sub/e/e/l")
			defer f.RemoveAll("/w/sub/e")
			return f.Rename("/w/sub/e/e", "/w/e")
		},
	} {
		dir := checkout(t)
		before := tree(t, dir)
		f := protect(t, dir)
		if err := attack(f); err == nil {
			t.Errorf("%s: no error", name)
		}
		f.RemoveAll("/w/e")
		f.Remove("/w/sub/.github")
		after := tree(t, dir)
		for file, was := range before {
			if after[file] != was {
				t.Errorf("%s: %s was %q and is %q", name, file, was, after[file])
			}
			delete(after, file)
		}
		if len(after) > 0 {
			t.Errorf("%s: made %v", name, after)
		}
	}
}

// TestProtectedThroughLinks: links that the folder came with lead to what is protected, and no further.
func TestProtectedThroughLinks(t *testing.T) {
	dir := checkout(t)
	for name, target := range map[string]string{"hooks": ".git/hooks", "gh": ".github", "sub/up": "../.git", "here": ".", "state": ".flue/state"} {
		must(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	f := protect(t, dir)
	for _, name := range []string{"hooks/x", "gh/workflows/x.yml", "sub/up/config", "here/here/.git/config", "here/sub/.git", "sub/../here/.flue/x"} {
		if err := f.WriteFile("/w/"+name, []byte("owned"), 0o755); err != vfs.ErrReadOnly {
			t.Errorf("%s: %v", name, err)
		}
	}
	if data, err := f.ReadFile("/w/state/flue.db"); err == nil {
		t.Errorf("read %q", data)
	}
}

// TestProtectedElsewhere: a project may keep what is protected in another place, behind a link.
func TestProtectedElsewhere(t *testing.T) {
	dir := checkout(t)
	must(t, os.Mkdir(filepath.Join(dir, "conf"), 0o755))
	for _, name := range []string{".flue", ".github", ".git"} {
		must(t, os.Rename(filepath.Join(dir, name), filepath.Join(dir, "conf", name[1:])), os.Symlink("conf/"+name[1:], filepath.Join(dir, name)))
	}
	before := tree(t, dir)
	f := protect(t, dir)
	for name, err := range map[string]error{
		"write":         f.WriteFile("/w/conf/flue/flue.yaml", []byte("owned"), 0o644),
		"write by link": f.WriteFile("/w/.flue/flue.yaml", []byte("owned"), 0o644),
		"mkdir":         f.Mkdir("/w/conf/git/new", 0o755),
		"make":          f.WriteFile("/w/conf/github/workflows/x.yml", nil, 0o644),
		"move":          f.Rename("/w/conf/github", "/w/conf/x"),
		"move above":    f.Rename("/w/conf", "/w/x"),
		"move the link": f.Rename("/w/.flue", "/w/x"),
		"link":          f.Symlink("../conf/git/hooks", "/w/sub/hooks"),
		"state":         leaked(f.ReadFile("/w/conf/flue/state/flue.db")),
	} {
		if err == nil || err == errLeaked {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := tree(t, dir); !maps.Equal(before, after) {
		t.Errorf("changed to %v", after)
	}
	must(t, f.WriteFile("/w/conf/github/CODEOWNERS", []byte("me"), 0o644))
}

// TestHidden asks the source itself, without a tree that has looked before it opens.
func TestHidden(t *testing.T) {
	d, err := hostdir.Open(checkout(t))
	must(t, err)
	defer d.Close()
	if _, err := hostdir.Protect(d).Open(".flue/state/flue.db", vfs.Read, 0); err != vfs.ErrNotExist {
		t.Error(err)
	}
}

// TestUnprotected: what looks like it and is not, and all else, works as ever.
func TestUnprotected(t *testing.T) {
	f := protect(t, checkout(t))
	must(t, f.WriteFile("/w/.gitignore", nil, 0o644), f.WriteFile("/w/.github/ISSUE_TEMPLATE.md", nil, 0o644), f.MkdirAll("/w/workflows/.github-x", 0o755),
		f.Rename("/w/workflows", "/w/flows"), f.Symlink("../README.md", "/w/sub/l"), f.Rename("/w/sub/l", "/w/sub/deep/../m"), f.RemoveAll("/w/flows"),
		f.WriteFile("/w/git", nil, 0o644), f.WriteFile("/w/.gitx~1", nil, 0o644))
	if data, err := f.ReadFile("/w/.git/config"); string(data) != "as it was" || err != nil {
		t.Errorf("reading what is protected: %q, %v", data, err)
	}
	if list, err := f.ReadDir("/w/.flue"); err != nil || len(list) != 1 {
		t.Errorf("the project without its state: %v, %v", list, err)
	}
}

// TestModes: nothing becomes setuid or writable by everybody.
func TestModes(t *testing.T) {
	dir := checkout(t)
	f := protect(t, dir)
	must(t, f.WriteFile("/w/made", nil, 0o4777), f.Mkdir("/w/folder", 0o2777), f.Chmod("/w/README.md", 0o4777), f.Chmod("/w/sub", 0o2777))
	for _, name := range []string{"made", "folder", "README.md", "sub"} {
		i, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if m := i.Mode(); m&(os.ModeSetuid|os.ModeSetgid) != 0 || m.Perm()&0o002 != 0 {
			t.Errorf("%s: %v", name, m)
		}
	}
}

// TestProtectedRace: another writer of the folder swaps things for links to what is protected, as fast as it can, while
// this one changes what bears their names.
func TestProtectedRace(t *testing.T) {
	for name, test := range map[string]struct {
		honest, link string // what is swapped: `x` is a folder or a file, or a link there
		folder       bool
		change       func(f *vfs.FS) error
	}{
		"write below":    {link: ".git/hooks", folder: true, change: func(f *vfs.FS) error { return f.WriteFile("/w/x/pre-push", []byte("owned"), 0o755) }},
		"write":          {link: ".git/config", change: func(f *vfs.FS) error { return f.WriteFile("/w/x", []byte("owned"), 0o644) }},
		"make":           {link: ".git/hooks/new", change: func(f *vfs.FS) error { f.Remove("/w/x"); return f.WriteFile("/w/x", []byte("owned"), 0o755) }},
		"chmod":          {link: ".git/hooks/pre-commit", change: func(f *vfs.FS) error { return f.Chmod("/w/x", 0o755) }},
		"mkdir":          {link: ".git", folder: true, change: func(f *vfs.FS) error { return f.Mkdir("/w/x/worktrees", 0o755) }},
		"rename into":    {link: ".git/hooks", folder: true, change: func(f *vfs.FS) error { f.WriteFile("/w/evil", nil, 0o755); return f.Rename("/w/evil", "/w/x/pre-push") }},
		"rename out":     {link: ".git", folder: true, change: func(f *vfs.FS) error { return f.Rename("/w/x/config", "/w/c") }},
		"remove":         {link: ".git", folder: true, change: func(f *vfs.FS) error { return f.Remove("/w/x/config") }},
		"read the store": {link: ".flue/state", folder: true, change: func(f *vfs.FS) error { return leaked(f.ReadFile("/w/x/flue.db")) }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := checkout(t)
			before := tree(t, dir)
			x, honest, evil := filepath.Join(dir, "x"), filepath.Join(dir, "honest"), filepath.Join(dir, "evil-link")
			if test.folder {
				must(t, os.Mkdir(honest, 0o755))
			} else {
				must(t, os.WriteFile(honest, nil, 0o644))
			}
			must(t, os.Symlink(test.link, evil))
			f := protect(t, dir)
			stop, done := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(done)
				for {
					for _, from := range []string{honest, evil} {
						os.Rename(from, x)
						os.Rename(x, from)
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			}()
			for began := time.Now(); time.Since(began) < raceTime; {
				if err := test.change(f); err == errLeaked {
					t.Error(err)
					break
				}
			}
			close(stop)
			<-done
			after := tree(t, dir)
			for file, was := range before {
				if after[file] != was && file != "." {
					t.Errorf("%s was %q and is %q", file, was, after[file])
				}
			}
			for _, made := range []string{".git/hooks/pre-push", ".git/hooks/new", ".git/worktrees"} {
				if what, ok := after[made]; ok {
					t.Errorf("made %s: %s", made, what)
				}
			}
		})
	}
}

// raceTime is enough for each of these to succeed without its defence.
const raceTime = 150 * time.Millisecond

const errLeaked = vfs.Error("what is hidden was read")

func leaked(data []byte, err error) error {
	if string(data) == "as it was" {
		return errLeaked
	}
	return err
}

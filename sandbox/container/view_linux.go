package container

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/bubblewrap"
	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/virtual"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// view is what is seen inside: by scripts, as arguments of bwrap, and by the tools, as mounts of a file tree.
type view struct {
	args  []string // of every script
	trees []tree
	links map[string]string // at the root
	path  string            // PATH
	shell string            // absolute; bash, or sh where there is none
}

// tree is a folder of the host at a path inside.
type tree struct {
	path, source string
	writable     bool
}

// folder is one whose links are followed as they are inside, which is where they were made or are meant for.
type folder struct{ *hostdir.Dir }

var _ vfs.OwnLinks = folder{}

// OwnLinks says so.
func (folder) OwnLinks() {}

// system are the folders of the host that make a Linux; none has secrets or sockets in it.
var system = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"}

// settings are what programs in /usr need of /etc; patterns. Private keys below /etc/ssl and /etc/pki are not among them.
var settings = []string{"/etc/alternatives", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted",
	"/etc/crypto-policies", "/etc/ld.so.cache", "/etc/java-*", "/etc/fonts", "/etc/perl", "/etc/mime.types", "/etc/protocols", "/etc/services"}

// accounts are the files of /etc that say who is who inside.
var accounts = map[string]string{
	"passwd":        "root:x:0:0:root:/root:/bin/bash\nagent:x:1000:1000:agent:/home/agent:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
	"group":         "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n",
	"hostname":      "flue\n",
	"hosts":         "127.0.0.1\tlocalhost\n127.0.1.1\tflue\n",
	"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}

func newView(cfg Config, p *place) (view, error) {
	v := view{args: bubblewrap.Base(), links: map[string]string{}}
	v.args = append(v.args, "--symlink", "/tmp", "/var/tmp", "--clearenv", "--uid", "1000", "--gid", "1000", "--hostname", "flue")
	if err := os.Mkdir(filepath.Join(p.dir, "calls"), 0o700); err != nil {
		return v, err
	}
	add := v.host
	if cfg.Rootfs != "" {
		add = v.root
	}
	if err := add(cfg, p); err != nil {
		return v, err
	}
	for part, at := range parts {
		v.mount(at, filepath.Join(p.work, part), true)
	}
	for i, at := range slices.Sorted(maps.Keys(cfg.Folders)) {
		folder := filepath.Join(p.dir, fmt.Sprint("folder-", i))
		if err := os.CopyFS(folder, cfg.Folders[at]); err != nil {
			return v, fmt.Errorf("copy what is to be at %s: %w", at, err)
		}
		v.mount(at, folder, false)
	}
	for _, m := range cfg.Mounts {
		source, err := filepath.EvalSymlinks(m.Source)
		if err != nil {
			return v, fmt.Errorf("mount %s: %w", m.Path, err)
		}
		v.mount(path.Clean(m.Path), source, false)
	}
	return v, nil
}

// mount shows a folder to scripts and tools.
func (v *view) mount(at, source string, writable bool) {
	how := "--ro-bind"
	if writable {
		how = "--bind"
	}
	v.args = append(v.args, how, source, at)
	v.trees = append(v.trees, tree{at, source, writable})
}

// host shows the programs of the host.
func (v *view) host(cfg Config, p *place) error {
	var there []string
	for _, folder := range system {
		if _, err := os.Stat(folder); err == nil {
			there = append(there, folder)
		}
	}
	v.args = append(v.args, bubblewrap.ReadOnly(there)...)
	for _, folder := range there {
		if target, err := os.Readlink(folder); err == nil {
			v.links[folder] = target
			continue
		}
		v.trees = append(v.trees, tree{path: folder, source: folder})
	}
	etc := filepath.Join(p.dir, "etc")
	if err := os.Mkdir(etc, 0o755); err != nil {
		return err
	}
	texts := map[string]string{}
	for name, text := range accounts {
		texts[name] = text
	}
	if cfg.Network {
		servers, err := os.ReadFile("/etc/resolv.conf")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		texts["resolv.conf"] = string(servers)
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.Symlink("../usr/lib/os-release", filepath.Join(etc, "os-release")); err != nil {
		return err
	}
	v.mount("/etc", etc, false)
	for _, pattern := range settings {
		found, _ := filepath.Glob(pattern) // the patterns are right
		for _, name := range found {
			if err := v.setting(etc, name); err != nil {
				return err
			}
		}
	}
	hostPath, _ := cfg.HostEnv("PATH")
	var dirs []string
	for _, dir := range slices.Concat(filepath.SplitList(hostPath), []string{"/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"}) {
		inside := slices.ContainsFunc(there, func(folder string) bool { return strings.HasPrefix(dir+"/", folder+"/") })
		if inside && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	v.path = strings.Join(dirs, ":")
	return v.findShell("")
}

// setting shows scripts a file or folder of the host's /etc. What it is bound over has to be there.
func (v *view) setting(etc, name string) error {
	i, err := os.Stat(name)
	if err != nil {
		return nil // a link to nothing
	}
	v.args = append(v.args, "--ro-bind", name, name)
	over := filepath.Join(etc, strings.TrimPrefix(name, "/etc/"))
	if i.IsDir() {
		return os.MkdirAll(over, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(over), 0o755); err != nil {
		return err
	}
	return os.WriteFile(over, nil, 0o644)
}

// root shows an unpacked root. What a container has of its own is not taken from it.
func (v *view) root(cfg Config, _ *place) error {
	entries, err := os.ReadDir(cfg.Rootfs)
	if err != nil {
		return fmt.Errorf("rootfs: %w", err)
	}
	own := []string{"proc", "dev", "sys", "tmp", "run", "home", "workspace", "lost+found"}
	for _, e := range entries {
		at, source := "/"+e.Name(), filepath.Join(cfg.Rootfs, e.Name())
		switch {
		case slices.Contains(own, e.Name()):
		case e.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(source)
			if err != nil {
				return fmt.Errorf("rootfs: %w", err)
			}
			v.links[at] = target
			v.args = append(v.args, "--symlink", target, at)
		case e.IsDir():
			v.mount(at, source, false)
		}
	}
	v.path = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
	return v.findShell(cfg.Rootfs)
}

// findShell looks for bash, and for sh where there is none. Links in a root are followed as they are inside, so that
// what is found out here is only which names it has.
func (v *view) findShell(root string) error {
	for _, name := range []string{"/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh"} {
		if _, err := os.Lstat(filepath.Join(root, name)); err == nil {
			v.shell = name
			return nil
		}
	}
	return fmt.Errorf("there is neither bash nor sh in %s", cmp.Or(root, "/"))
}

// files is the view as the tools have it.
func (v *view) files(dir string) (_ *virtual.Sandbox, err error) {
	cfg := virtual.Config{Dir: dir, Commands: map[string]shell.Command{}}
	defer func() {
		if err != nil {
			for _, opened := range cfg.Owned {
				opened.Close()
			}
		}
	}()
	for _, t := range v.trees {
		source, err := hostdir.Open(t.source)
		if err != nil {
			return nil, err
		}
		cfg.Owned = append(cfg.Owned, io.Closer(source))
		m := virtual.Mount{Path: t.path, Source: folder{source}, Mode: vfs.ReadOnlyMount}
		if t.writable {
			m.Mode = vfs.ReadWriteMount
		}
		cfg.Mounts = append(cfg.Mounts, m)
	}
	box, err := virtual.New(cfg)
	if err != nil {
		return nil, err
	}
	files := box.Files()
	for link, target := range v.links {
		if err := errors.Join(files.RemoveAll(link), files.Symlink(target, link)); err != nil {
			cfg.Owned = nil // closed with the box
			return nil, errors.Join(err, box.Close())
		}
	}
	return box, nil
}

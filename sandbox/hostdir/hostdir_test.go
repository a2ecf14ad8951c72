package hostdir_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/hostdir"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const secret = "the host's secret"

// folder makes a host folder with a file, beside which there is one that nobody may reach.
func folder(t testing.TB) (dir, outside string) {
	t.Helper()
	top := t.TempDir()
	dir, outside = filepath.Join(top, "in"), filepath.Join(top, "out")
	must(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o755), os.Mkdir(outside, 0o755))
	must(t, os.WriteFile(filepath.Join(outside, "secret"), []byte(secret), 0o644),
		os.WriteFile(filepath.Join(dir, "sub", "f"), []byte("text"), 0o644), os.Symlink("sub/f", filepath.Join(dir, "link")))
	return dir, outside
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func mount(t testing.TB, dir string, mode vfs.MountMode) *vfs.FS {
	t.Helper()
	d, err := hostdir.Open(dir)
	must(t, err)
	t.Cleanup(func() { d.Close() })
	f := vfs.New(vfs.Quota{}, time.Now)
	must(t, f.Mount("/w", d, mode))
	return f
}

var modes = map[string]vfs.MountMode{"ro": vfs.ReadOnlyMount, "overlay": vfs.OverlayMount, "rw": vfs.ReadWriteMount}

func TestReads(t *testing.T) {
	for name, mode := range modes {
		dir, _ := folder(t)
		f := mount(t, dir, mode)
		for _, p := range []string{"/w/sub/f", "/w/link", "/w/sub/../link"} {
			if data, err := f.ReadFile(p); string(data) != "text" || err != nil {
				t.Errorf("%s: %s: %q, %v", name, p, data, err)
			}
		}
		list, err := f.ReadDir("/w")
		if err != nil || len(list) != 2 || list[0].Name != "link" || list[0].Target != "sub/f" || !list[1].IsDir() {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
		if _, err := f.Stat("/w/none"); err != vfs.ErrNotExist {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWrites(t *testing.T) {
	dir, _ := folder(t)
	f := mount(t, dir, vfs.ReadWriteMount)
	must(t, f.Mkdir("/w/new", 0o755), f.WriteFile("/w/new/g", []byte("made"), 0o600), f.Rename("/w/new/g", "/w/g"), f.Remove("/w/new"),
		f.Symlink("g", "/w/l"), f.Chmod("/w/g", 0o640), f.Chtimes("/w/g", time.Unix(1000, 0)), f.WriteFile("/w/l", []byte("through"), 0))
	h, err := f.Open("/w/g", vfs.Append, 0)
	must(t, err)
	_, err = io.WriteString(h, " the link")
	must(t, err, h.Close())
	data, err := os.ReadFile(filepath.Join(dir, "g"))
	i, _ := os.Stat(filepath.Join(dir, "g"))
	if string(data) != "through the link" || err != nil || i.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v", data, err, i.Mode())
	}
	for name, test := range map[string]struct{ got, want error }{
		"a directory that is full": {f.Remove("/w/sub"), vfs.ErrNotEmpty},
		"a name that is taken":     {f.Mkdir("/w/sub", 0o755), vfs.ErrExist},
		"below a file":             {f.Mkdir("/w/g/x", 0o755), vfs.ErrNotDir},
		"over a directory":         {f.Rename("/w/g", "/w/sub"), vfs.ErrIsDir},
		"out of the mount":         {f.Rename("/w/g", "/g"), vfs.ErrCrossDevice},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
}

func TestOverlayLeavesTheHostAlone(t *testing.T) {
	dir, _ := folder(t)
	f := mount(t, dir, vfs.OverlayMount)
	must(t, f.WriteFile("/w/sub/f", []byte("changed"), 0), f.Remove("/w/link"), f.Rename("/w/sub", "/w/moved"), f.Mkdir("/w/sub", 0o755))
	if data, err := f.ReadFile("/w/moved/f"); string(data) != "changed" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "link")); string(data) != "text" || err != nil {
		t.Errorf("the host's file: %q, %v", data, err)
	}
}

// TestLinksThatLeave: no mode reads, writes, lists or changes anything through a link that leads out.
func TestLinksThatLeave(t *testing.T) {
	for mname, mode := range modes {
		dir, outside := folder(t)
		must(t, os.Symlink(outside, filepath.Join(dir, "abs")), os.Symlink("../out", filepath.Join(dir, "rel")),
			os.Symlink("../../out", filepath.Join(dir, "sub", "up")), os.Symlink("sub/up", filepath.Join(dir, "twice")),
			os.Symlink("abs/secret", filepath.Join(dir, "file")), os.Symlink("sub/../../out", filepath.Join(dir, "round")))
		f := mount(t, dir, mode)
		for _, p := range []string{"/w/abs/secret", "/w/rel/secret", "/w/sub/up/secret", "/w/twice/secret", "/w/file", "/w/round/secret"} {
			if data, err := f.ReadFile(p); err == nil {
				t.Errorf("%s: %s: read %q", mname, p, data)
			}
			if err := f.WriteFile(p, []byte("owned"), 0o644); err == nil && mode == vfs.ReadWriteMount {
				t.Errorf("%s: wrote through %s", mname, p)
			}
			if _, err := f.ReadDir(p[:strings.LastIndex(p, "/")]); err == nil && p != "/w/file" {
				t.Errorf("%s: listed above %s", mname, p)
			}
			f.Chmod(p, 0)
			f.Remove(p)
		}
		f.ReadFile("/w/../../../../../../etc/hostname")
		if i, err := os.Stat(filepath.Join(outside, "secret")); err != nil || i.Mode().Perm() != 0o644 || i.Size() != int64(len(secret)) {
			t.Errorf("%s: the file outside was changed: %v, %v", mname, i, err)
		}
	}
}

func TestHardLinks(t *testing.T) {
	dir, outside := folder(t)
	name := filepath.Join(dir, "hard")
	if err := os.Link(filepath.Join(outside, "secret"), name); err != nil {
		t.Skip("no hard links here:", err)
	}
	f := mount(t, dir, vfs.ReadWriteMount)
	if _, err := f.ReadFile("/w/hard"); err != nil {
		t.Errorf("reading: %v", err)
	}
	for what, err := range map[string]error{"write": f.WriteFile("/w/hard", []byte("owned"), 0), "chmod": f.Chmod("/w/hard", 0),
		"times": f.Chtimes("/w/hard", time.Unix(0, 0)), "link": f.Link("/w/sub/f", "/w/second")} {
		if err != vfs.ErrNotAllowed {
			t.Errorf("%s: %v", what, err)
		}
	}
	if data, _ := os.ReadFile(filepath.Join(outside, "secret")); string(data) != secret {
		t.Errorf("the file outside holds %q", data)
	}
	f = mount(t, dir, vfs.OverlayMount)
	must(t, f.WriteFile("/w/hard", []byte("mine"), 0))
	if data, _ := os.ReadFile(name); string(data) != secret {
		t.Errorf("an overlay changed the host's file to %q", data)
	}
}

// TestRace swaps a folder for a link that leads out, as fast as it can, while the sandbox reads and writes below it.
func TestRace(t *testing.T) {
	dir, outside := folder(t)
	target, good, evil := filepath.Join(dir, "x"), filepath.Join(dir, "good"), filepath.Join(dir, "evil")
	must(t, os.Mkdir(good, 0o755), os.WriteFile(filepath.Join(good, "secret"), []byte("fine"), 0o644), os.Symlink(outside, evil))
	f := mount(t, dir, vfs.ReadWriteMount)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			for _, from := range []string{good, evil} {
				os.Rename(from, target)
				os.Rename(target, from)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	reads, refused := 0, 0
	for began := time.Now(); reads < 50 || refused < 50; {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("the race was met %d and %d times only", reads, refused)
		}
		data, err := f.ReadFile("/w/x/secret")
		switch err {
		case nil:
			reads++
		case vfs.ErrPermission:
			refused++
		}
		if strings.Contains(string(data), secret) {
			t.Fatal("read the file outside")
		}
		f.WriteFile("/w/x/secret", []byte("fine"), 0o644)
		f.WriteFile("/w/x/new", []byte("owned"), 0o644)
	}
	close(stop)
	<-done
	if list, err := os.ReadDir(outside); err != nil || len(list) != 1 {
		t.Errorf("outside there is %v, %v", list, err)
	}
	if data, _ := os.ReadFile(filepath.Join(outside, "secret")); string(data) != secret {
		t.Errorf("the file outside holds %q", data)
	}
}

// BenchmarkReadTree reads 2,000 files in 20 folders, deep down, as grep -r does.
func BenchmarkReadTree(b *testing.B) {
	dir, _ := folder(b)
	for i := range 2000 {
		sub := filepath.Join(dir, "a/b/c/d/e", fmt.Sprint("d", i%20))
		must(b, os.MkdirAll(sub, 0o755))
		must(b, os.WriteFile(filepath.Join(sub, fmt.Sprint("f", i)), make([]byte, 4096), 0o644))
	}
	f := mount(b, dir, vfs.ReadOnlyMount)
	buf := make([]byte, 32<<10)
	for b.Loop() {
		n := 0
		var read func(p string)
		read = func(p string) {
			list, err := f.ReadDir(p)
			must(b, err)
			for _, i := range list {
				if i.IsDir() {
					read(p + "/" + i.Name)
				} else if h, err := f.Open(p+"/"+i.Name, vfs.Read, 0); err == nil {
					for {
						k, err := h.Read(buf)
						if n += k; err != nil {
							break
						}
					}
					h.Close()
				}
			}
		}
		if read("/w"); n < 2000*4096 {
			b.Fatal(n)
		}
	}
}

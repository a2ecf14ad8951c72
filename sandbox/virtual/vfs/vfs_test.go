package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/limits"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// clock ticks a second each time it is asked.
func clock() func() time.Time {
	t := epoch
	return func() time.Time {
		t = t.Add(time.Second)
		return t
	}
}

func newFS(t testing.TB) *FS {
	t.Helper()
	return New(Quota{}, clock())
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func content(t testing.TB, f *FS, name, want string) {
	t.Helper()
	got, err := f.ReadFile(name)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %.40q (%v), want %.40q", name, got, err, want)
	}
}

// tree has a file, a directory that is not empty, an empty one, and links of each kind.
func testTree(t testing.TB) *FS {
	f := newFS(t)
	must(t, f.Mkdir("/d", 0o755), f.Mkdir("/d/sub", 0o755), f.WriteFile("/d/f", []byte("text"), 0o644), f.Mkdir("/empty", 0o755),
		f.Symlink("d", "/ld"), f.Symlink("d/f", "/lf"), f.Symlink("gone", "/dangling"), f.Symlink("loop", "/loop"),
		f.Symlink("/d/sub/../f", "/abs"), f.Symlink("d/f/", "/slash"),
		f.WriteFile("/secret", []byte("x"), 0), f.WriteFile("/fixed", []byte("x"), 0o444),
		f.Mkdir("/closed", 0o755), f.WriteFile("/closed/f", nil, 0o644), f.Chmod("/closed", 0o600),
		f.Mkdir("/shut", 0o755), f.WriteFile("/shut/f", nil, 0o644), f.Chmod("/shut", 0o500))
	return f
}

func TestErrors(t *testing.T) {
	long := "/" + strings.Repeat("n", 256)
	open := func(name string, flag Flag) func(*FS) error {
		return func(f *FS) error {
			h, err := f.Open(name, flag, 0o644)
			if err == nil {
				err = h.Close()
			}
			return err
		}
	}
	stat := func(name string) func(*FS) error {
		return func(f *FS) error { _, err := f.Stat(name); return err }
	}
	for _, test := range []struct {
		name string
		do   func(*FS) error
		want error
	}{
		{"no name", stat(""), ErrNotExist},
		{"relative", stat("d"), ErrInvalid},
		{"long name", stat(long), ErrNameTooLong},
		{"long path", stat(strings.Repeat("/d/..", 1000)), ErrNameTooLong},
		{"loop", stat("/loop"), ErrLoop},
		{"dangling", stat("/dangling"), ErrNotExist},
		{"through a file", stat("/d/f/x"), ErrNotDir},
		{"file with a slash", stat("/d/f/"), ErrNotDir},
		{"link to a file, with a slash", stat("/lf/"), ErrNotDir},
		{"link whose target ends with a slash", stat("/slash"), ErrNotDir},
		{"dots after a link", stat("/ld/../d/./f"), nil},
		{"above the root", stat("/../../d/f"), nil},
		{"absolute link", stat("/abs"), nil},
		{"missing directory", stat("/no/../d"), ErrNotExist},
		{"through a directory without x", stat("/closed/f"), ErrPermission},
		{"read without r", open("/secret", Read), ErrPermission},
		{"write without w", open("/fixed", Write), ErrPermission},
		{"append without w", open("/fixed", Append), ErrPermission},
		{"write a directory", open("/d", Write), ErrIsDir},
		{"create a directory", open("/new/", Write|Create), ErrIsDir},
		{"create where one is", open("/d/f", Write|Create|Exclusive), ErrExist},
		{"create exclusively at a dangling link", open("/dangling", Write|Create|Exclusive), ErrExist},
		{"create through a dangling link", open("/dangling", Write|Create), nil},
		{"create in a directory without w", open("/shut/new", Write|Create), ErrPermission},
		{"not through a link", open("/lf", NoFollow), ErrLoop},
		{"mkdir over a file", func(f *FS) error { return f.Mkdir("/d/f", 0o755) }, ErrExist},
		{"mkdir below nothing", func(f *FS) error { return f.Mkdir("/no/x", 0o755) }, ErrNotExist},
		{"mkdir with a slash", func(f *FS) error { return f.Mkdir("/new/", 0o755) }, nil},
		{"mkdir -p over a file", func(f *FS) error { return f.MkdirAll("/d/f", 0o755) }, ErrNotDir},
		{"mkdir -p", func(f *FS) error { return f.MkdirAll("/d/x/y/z/", 0o755) }, nil},
		{"remove a full directory", func(f *FS) error { return f.Remove("/d") }, ErrNotEmpty},
		{"remove an empty directory", func(f *FS) error { return f.Remove("/empty/") }, nil},
		{"remove a file with a slash", func(f *FS) error { return f.Remove("/d/f/") }, ErrNotDir},
		{"remove .", func(f *FS) error { return f.Remove("/empty/.") }, ErrInvalid},
		{"remove the root", func(f *FS) error { return f.Remove("/") }, ErrBusy},
		{"remove from a directory without w", func(f *FS) error { return f.Remove("/shut/f") }, ErrPermission},
		{"remove all", func(f *FS) error { return f.RemoveAll("/d") }, nil},
		{"rename nothing", func(f *FS) error { return f.Rename("/no", "/x") }, ErrNotExist},
		{"rename into itself", func(f *FS) error { return f.Rename("/d", "/d/sub/x") }, ErrInvalid},
		{"rename a file over a directory", func(f *FS) error { return f.Rename("/d/f", "/empty") }, ErrIsDir},
		{"rename a directory over a file", func(f *FS) error { return f.Rename("/empty", "/d/f") }, ErrNotDir},
		{"rename over a full directory", func(f *FS) error { return f.Rename("/empty", "/d") }, ErrNotEmpty},
		{"rename over an empty directory", func(f *FS) error { return f.Rename("/d", "/empty") }, nil},
		{"rename onto itself", func(f *FS) error { return f.Rename("/d/f", "/d/f") }, nil},
		{"link a directory", func(f *FS) error { return f.Link("/d", "/x") }, ErrNotAllowed},
		{"link over a file", func(f *FS) error { return f.Link("/d/f", "/fixed") }, ErrExist},
		{"symlink to nothing", func(f *FS) error { return f.Symlink("", "/x") }, ErrNotExist},
		{"readlink of a file", func(f *FS) error { _, err := f.Readlink("/d/f"); return err }, ErrInvalid},
		{"list a file", func(f *FS) error { _, err := f.ReadDir("/d/f"); return err }, ErrNotDir},
		{"chmod through a link", func(f *FS) error { return f.Chmod("/lf", 0o600) }, nil},
		{"read a directory", func(f *FS) error { _, err := f.ReadFile("/d"); return err }, ErrIsDir},
		{"access", func(f *FS) error { return f.Access("/fixed", 2) }, ErrPermission},
	} {
		if err := test.do(testTree(t)); err != test.want {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestOpenFile(t *testing.T) {
	f := testTree(t)
	h, err := f.Open("/d/f", ReadWrite, 0)
	must(t, err, f.Remove("/d/f"))
	if i, _ := h.Stat(); i.Nlink != 0 || i.Size != 4 {
		t.Errorf("removed while open: %+v", i)
	}
	_, err = h.Seek(10, io.SeekStart)
	must(t, err)
	_, err = h.Write([]byte("end"))
	must(t, err)
	_, err = h.Seek(0, io.SeekStart)
	must(t, err)
	if data, err := io.ReadAll(h); string(data) != "text\x00\x00\x00\x00\x00\x00end" || err != nil {
		t.Errorf("read %q, %v", data, err)
	}
	before := f.Usage()
	must(t, h.Close())
	if after := f.Usage(); before.Bytes-after.Bytes != 13 || before.Files-after.Files != 1 {
		t.Errorf("closing the last handle freed %+v -> %+v", before, after)
	}
	if _, err := h.Read(make([]byte, 1)); err != ErrBadFile {
		t.Errorf("read after close: %v", err)
	}
	a, err := f.Open("/log", Append|Create, 0o644)
	must(t, err)
	b, err := f.Open("/log", Append, 0)
	must(t, err)
	for _, h := range []File{a, b, a} {
		_, err := h.Write([]byte("x\n"))
		must(t, err)
	}
	content(t, f, "/log", "x\nx\nx\n")
	if _, err := a.Read(make([]byte, 1)); err != ErrBadFile {
		t.Errorf("read of a file that is open for appending: %v", err)
	}
	must(t, a.Truncate(1), f.Rename("/log", "/moved"))
	content(t, f, "/moved", "x")
}

func TestLinks(t *testing.T) {
	f := testTree(t)
	must(t, f.Link("/d/f", "/hard"), f.WriteFile("/hard", []byte("both"), 0))
	content(t, f, "/d/f", "both")
	a, _ := f.Stat("/d/f")
	b, _ := f.Stat("/hard")
	if a.Ino != b.Ino || a.Nlink != 2 {
		t.Errorf("%+v %+v", a, b)
	}
	must(t, f.Rename("/d/f", "/hard")) // the same file: nothing happens
	if _, err := f.Stat("/d/f"); err != nil {
		t.Error(err)
	}
	must(t, f.Remove("/hard"))
	content(t, f, "/d/f", "both")
	if p, err := f.Realpath("/ld/sub/../f"); p != "/d/f" || err != nil {
		t.Error(p, err)
	}
}

func TestTimes(t *testing.T) {
	f := testTree(t)
	before, _ := f.Stat("/d/f")
	dir, _ := f.Stat("/d")
	must(t, f.WriteFile("/d/f", []byte("new"), 0))
	after, _ := f.Stat("/d/f")
	if d, _ := f.Stat("/d"); !after.ModTime.After(before.ModTime) || !d.ModTime.Equal(dir.ModTime) {
		t.Error("writing changes the file's time and not its directory's")
	}
	must(t, f.Remove("/d/f"))
	if d, _ := f.Stat("/d"); !d.ModTime.After(dir.ModTime) {
		t.Error("removing changes the directory's time")
	}
	must(t, f.SetTimes("/lf", epoch, epoch.Add(time.Hour), false))
	if i, _ := f.Lstat("/lf"); !i.AccessTime.Equal(epoch) || !i.ModTime.Equal(epoch.Add(time.Hour)) {
		t.Errorf("%+v", i)
	}
}

func TestQuota(t *testing.T) {
	f := New(Quota{Bytes: 100, Files: 4}, clock())
	b := limits.New(t.Context(), limits.Limits{})
	defer b.End()
	must(t, f.WriteFile("/f", make([]byte, 90), 0o644))
	h, err := f.Open("/f", Append, 0)
	must(t, err)
	var over *limits.Exceeded
	if _, err = h.Write(make([]byte, 11)); !errors.As(err, &over) || err.Error() != "flue: limit file-bytes (100 B) exceeded" {
		t.Error(err)
	}
	must(t, h.Truncate(100))
	if err := h.Truncate(101); !errors.As(err, &over) {
		t.Error(err)
	}
	if err := f.WriteFile("/f", make([]byte, 101), 0); !errors.As(err, &over) {
		t.Error(err)
	}
	content(t, f, "/f", string(make([]byte, 100)))
	must(t, f.Mkdir("/a", 0o755), f.Symlink("x", "/b"), f.Mkdir("/c", 0o755))
	if err := f.For(b).Mkdir("/e", 0o755); !errors.As(err, &over) || over.Name != "file-count" {
		t.Error(err)
	}
	if b.Exceeded() != over {
		t.Error("the budget was not struck")
	}
	must(t, h.Close(), f.Remove("/f"))
	if u := f.Usage(); u.Bytes != 0 || u.Files != 3 {
		t.Errorf("%+v", u)
	}
}

func TestDevices(t *testing.T) {
	f := newFS(t)
	must(t, f.Mkdir("/dev", 0o755), f.Devices("/dev"))
	for _, test := range []struct {
		name, read string
		write      error
	}{{"null", "", nil}, {"zero", "\x00\x00\x00\x00", nil}, {"full", "\x00\x00\x00\x00", ErrNoSpace}} {
		h, err := f.Open("/dev/"+test.name, ReadWrite|Truncate|Create, 0o644)
		must(t, err)
		buf := make([]byte, 4)
		n, _ := h.Read(buf)
		if string(buf[:n]) != test.read {
			t.Errorf("%s: read %q", test.name, buf[:n])
		}
		if _, err := h.Write([]byte("x")); err != test.write {
			t.Errorf("%s: write: %v", test.name, err)
		}
	}
	must(t, f.WriteFile("/dev/null", []byte("x"), 0))
	if _, err := f.Open("/dev/tty", Read, 0); err != ErrNoDevice {
		t.Error(err)
	}
}

func TestLayer(t *testing.T) {
	base := testTree(t)
	must(t, base.Mkdir("/dev", 0o755), base.Devices("/dev"))
	layer := base.Freeze("/dev")
	a, b := NewOn(layer, Quota{}, clock()), NewOn(layer, Quota{}, clock())
	must(t, a.WriteFile("/d/f", []byte("changed"), 0), a.Remove("/empty"), a.Mkdir("/d/sub/x", 0o755), a.Rename("/ld", "/l"),
		a.Mkdir("/empty", 0o700), a.WriteFile("/dev/null", []byte("x"), 0))
	content(t, a, "/l/f", "changed")
	content(t, b, "/ld/f", "text")
	if i, err := b.Stat("/empty"); err != nil || i.Mode.Perm() != 0o755 {
		t.Error(i.Mode, err)
	}
	if u := b.Usage(); u.Bytes != 0 || u.Files != 0 {
		t.Errorf("an untouched session uses %+v", u)
	}
	h, err := a.Open("/fixed", Read, 0)
	must(t, err, a.Chmod("/fixed", 0o600))
	h2, err := a.Open("/fixed", Write, 0)
	must(t, err)
	_, err = h2.Write([]byte("y"))
	must(t, err)
	if data, _ := io.ReadAll(h); string(data) != "x" {
		t.Errorf("the base's content became %q", data)
	}
	content(t, b, "/fixed", "x")
	for _, err := range []error{a.Remove("/dev/null"), a.Mkdir("/dev/x", 0o755), a.Rename("/dev/null", "/x"), a.Rename("/d/f", "/dev/null"),
		a.Remove("/dev"), a.RemoveAll("/dev"), a.Rename("/dev", "/x")} {
		if err != ErrPermission {
			t.Errorf("root's files: %v", err)
		}
	}
	if err := a.Chmod("/dev/null", 0); err != ErrNotAllowed {
		t.Error(err)
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	layer := testTree(t).Freeze()
	f := NewOn(layer, Quota{}, clock())
	must(t, f.MkdirAll("/d/sub/a/b/c", 0o755))
	for _, name := range []string{"/d/f", "/d/sub/a/b/c", "/lf", "/no"} {
		if n := testing.AllocsPerRun(100, func() { f.Stat(name) }); n > 0 && name != "/lf" {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if !errors.Is(ErrNotExist, fs.ErrNotExist) {
		t.Error("io/fs's errors")
	}
}

// TestDeep walks further down than a lookup keeps without allocating, and up again.
func TestDeep(t *testing.T) {
	f := newFS(t)
	deep := strings.Repeat("/d", 100)
	must(t, f.MkdirAll(deep, 0o755), f.WriteFile(deep+"/f", []byte("deep"), 0o644), f.WriteFile("/top", []byte("top"), 0o644),
		f.WriteFile(strings.Repeat("/d", 50)+"/half", []byte("half"), 0o644), f.Symlink(deep, "/l"))
	content(t, f, "/l/f", "deep")
	content(t, f, deep+strings.Repeat("/..", 100)+"/top", "top")
	content(t, f, deep+strings.Repeat("/..", 50)+"/half", "half")
	content(t, f, deep+strings.Repeat("/..", 90)+strings.Repeat("/d", 90)+"/f", "deep")
	if p, err := f.Realpath("/l/../d/f"); p != deep+"/f" || err != nil {
		t.Error(p, err)
	}
	must(t, f.Rename(deep+"/f", deep+"/g"), f.Link(deep+"/g", "/g"))
	content(t, f, "/g", "deep")
}

// TestConcurrent uses one tree from several goroutines; the race detector judges.
func TestConcurrent(t *testing.T) {
	f, blobs := NewOn(testTree(t).Freeze(), Quota{}, time.Now), newBlobs()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			mine := fmt.Sprintf("/d/mine%d", i)
			for range 100 {
				h, err := f.Open("/shared", Append|Create, 0o644)
				if err != nil {
					t.Error(err)
					return
				}
				h.Write([]byte("x"))
				h.Close()
				if err := f.Mkdir(mine, 0o755); err != nil {
					t.Error(err)
				}
				f.ReadDir("/d")
				f.ReadFile("/shared")
				f.Snapshot(t.Context(), blobs)
				if err := f.Rename(mine, mine+"x"); err != nil {
					t.Error(err)
				}
				if err := f.Remove(mine + "x"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	content(t, f, "/shared", strings.Repeat("x", 400))
}

package vfs

import (
	"strings"
	"testing"
)

func snapshot(t testing.TB, f *FS, b *testBlobs) string {
	t.Helper()
	root, err := f.Snapshot(t.Context(), b)
	must(t, err)
	return root
}

func restored(t testing.TB, b *testBlobs, root string) *FS {
	t.Helper()
	f := newFS(t)
	must(t, f.Restore(t.Context(), b, root))
	return f
}

func TestSnapshotKeepsEverything(t *testing.T) {
	f, b := testTree(t), newBlobs()
	must(t, f.Link("/d/f", "/hard"), f.Chmod("/hard", 0o640), f.Chtimes("/d/sub", epoch))
	g := restored(t, b, snapshot(t, f, b))
	for _, name := range []string{"/", "/d", "/d/f", "/d/sub", "/ld", "/dangling", "/secret", "/closed", "/hard"} {
		want, err1 := f.Lstat(name)
		got, err2 := g.Lstat(name)
		want.Ino, got.Ino, want.AccessTime, got.AccessTime, want.ChangeTime, got.ChangeTime = 0, 0, epoch, epoch, epoch, epoch
		if err1 != err2 || got != want {
			t.Errorf("%s:\n got %+v %v\nwant %+v %v", name, got, err2, want, err1)
		}
	}
	must(t, g.WriteFile("/hard", []byte("both"), 0))
	content(t, g, "/d/f", "both")
	h := restored(t, b, snapshot(t, g, b))
	content(t, h, "/d/f", "both")
	must(t, h.Remove("/d/f"))
	k := restored(t, b, snapshot(t, h, b))
	content(t, k, "/hard", "both")
	if i, _ := k.Stat("/hard"); i.Nlink != 1 {
		t.Errorf("%d names", i.Nlink)
	}
}

func TestSnapshotStoresWhatChanged(t *testing.T) {
	f, b := newFS(t), newBlobs()
	for _, d := range []string{"/a", "/b", "/c"} {
		must(t, f.Mkdir(d, 0o755), f.WriteFile(d+"/f", []byte("in "+d), 0o644))
	}
	snapshot(t, f, b)
	for _, test := range []struct {
		name string
		do   func() error
		puts int
	}{
		{"nothing", func() error { return nil }, 1},
		{"reading", func() error { _, err := f.ReadFile("/a/f"); return err }, 1},
		{"a file", func() error { return f.WriteFile("/a/f", []byte("new"), 0) }, 4}, // file, /a, /, root
		{"a mode", func() error { return f.Chmod("/b/f", 0o600) }, 3},
		{"a name", func() error { return f.Rename("/b/f", "/b/g") }, 3},
		{"a removed file", func() error { return f.Remove("/b/g") }, 3},
	} {
		must(t, test.do())
		b.puts = 0
		if snapshot(t, f, b); b.puts != test.puts {
			t.Errorf("%s: %d blobs stored, want %d", test.name, b.puts, test.puts)
		}
	}
}

func TestSnapshotAfterFailure(t *testing.T) {
	for fail := 1; fail <= 5; fail++ {
		f, b := testTree(t), newBlobs()
		snapshot(t, f, b)
		must(t, f.WriteFile("/d/f", []byte("new"), 0), f.WriteFile("/d/sub/g", []byte("deep"), 0o644))
		b.puts, b.failPut = 0, fail
		if _, err := f.Snapshot(t.Context(), b); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Fatalf("put %d: %v", fail, err)
		}
		g := restored(t, b, snapshot(t, f, b))
		content(t, g, "/d/f", "new")
		content(t, g, "/d/sub/g", "deep")
	}
}

func TestRestoreIsLazyAndForks(t *testing.T) {
	f, b := newFS(t), newBlobs()
	must(t, f.MkdirAll("/a/deep", 0o755), f.WriteFile("/a/deep/f", []byte("one"), 0o644), f.WriteFile("/big", make([]byte, 1000), 0o644))
	root := snapshot(t, f, b)
	b.gets = 0
	g, h := restored(t, b, root), restored(t, b, root)
	if b.gets != 2 {
		t.Errorf("restoring twice read %d blobs", b.gets)
	}
	if i, err := g.Stat("/big"); err != nil || i.Size != 1000 || b.gets != 3 {
		t.Errorf("%+v, %v, %d blobs", i, err, b.gets)
	}
	must(t, g.WriteFile("/a/deep/f", []byte("two"), 0), g.Remove("/big"))
	content(t, h, "/a/deep/f", "one")
	content(t, f, "/big", string(make([]byte, 1000)))
	if u := g.Usage(); u.Bytes != 3 {
		t.Errorf("%+v", u)
	}
	open, err := g.Open("/a/deep/f", ReadWrite, 0)
	must(t, err, g.Remove("/a/deep/f"), g.Restore(t.Context(), b, ""))
	if _, err := open.Write([]byte("x")); err != ErrStale {
		t.Errorf("a handle of the tree before: %v", err)
	}
	must(t, open.Close())
	if u := g.Usage(); u.Bytes != 0 || u.Files != 0 {
		t.Errorf("%+v", u)
	}
	if list, err := g.ReadDir("/"); len(list) > 0 || err != nil {
		t.Errorf("an empty tree has %v, %v", list, err)
	}
	b.failGets = true
	if _, err := h.ReadFile("/big"); err != ErrIO {
		t.Error(err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	f, b := newFS(t), newBlobs()
	must(t, f.Mount("/m", &memory{FS: testTree(t)}, OverlayMount), f.WriteFile("/m/new", nil, 0o644))
	overlay := snapshot(t, f, b)
	put := func(text string) string { hash, _ := b.PutBlob(t.Context(), []byte(text)); return hash }
	for root, want := range map[string]string{
		overlay:                    "nothing is mounted there as overlay",
		put("flue-files 2r\nrest"): "newer flue: its format is 2, this flue reads 1",
		put("flue-files 1r\n\x01"): "cut short",
		put("something else"):      "not a file tree",
		strings.Repeat("0", 64):    "no such blob",
		put("flue-files 1d\n"):     "not a file tree",
		put("flue-files 1r\n\x00\x00\x00f\x00\xa4\x03\x00\x00\x00\x00"): "not a directory",
	} {
		g := newFS(t)
		must(t, g.WriteFile("/kept", nil, 0o644))
		if err := g.Restore(t.Context(), b, root); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := g.Stat("/kept"); err != nil {
			t.Errorf("a restore that failed changed the tree: %v", err)
		}
	}
}

// FuzzDecode: whatever the blobs hold, reading them ends and names no file that cannot be.
func FuzzDecode(f *testing.F) {
	tree, b := testTree(f), newBlobs()
	must(f, tree.Link("/d/f", "/hard"))
	snapshot(f, tree, b)
	for _, data := range b.data {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tree := newFS(t).tree
		tree.decode(data)
		d := newDecoder(data, 'd')
		for name := range d.dir(tree, nil) {
			if d.err == nil && strings.Contains(name, "/") {
				t.Errorf("a name %q", name)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	f := newFS(b)
	h, err := f.Open("/f", Append|Create, 0o644)
	must(b, err)
	line := []byte("a line of some length\n")
	b.ReportAllocs()
	for i := range b.N {
		if i%1_000_000 == 0 {
			must(b, h.Truncate(0))
		}
		h.Write(line)
	}
}

package vfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// memory is a Writable that has its files in an FS.
type memory struct {
	*FS
	opened, listed []string
}

func (m *memory) at(name string) string {
	if name == "." {
		return "/"
	}
	return "/" + name
}

func (m *memory) Lstat(name string) (Info, error) { return m.FS.Lstat(m.at(name)) }
func (m *memory) ReadDir(name string) ([]Info, error) {
	m.listed = append(m.listed, name)
	return m.FS.ReadDir(m.at(name))
}
func (m *memory) Open(name string, flag Flag, perm fs.FileMode) (File, error) {
	m.opened = append(m.opened, name)
	return m.FS.Open(m.at(name), flag, perm)
}
func (m *memory) Mkdir(name string, perm fs.FileMode) error { return m.FS.Mkdir(m.at(name), perm) }
func (m *memory) Symlink(target, name string) error         { return m.FS.Symlink(target, m.at(name)) }
func (m *memory) Remove(name string) error                  { return m.FS.Remove(m.at(name)) }
func (m *memory) Rename(old, name string) error             { return m.FS.Rename(m.at(old), m.at(name)) }
func (m *memory) Chmod(name string, perm fs.FileMode) error { return m.FS.Chmod(m.at(name), perm) }
func (m *memory) SetTimes(name string, access, modify time.Time) error {
	return m.FS.SetTimes(m.at(name), access, modify, true)
}

// blobs keeps blobs in memory and counts.
type testBlobs struct {
	mu       sync.Mutex
	data     map[string][]byte
	puts     int
	gets     int
	failPut  int // the put that fails, counted from 1
	failGets bool
}

func newBlobs() *testBlobs { return &testBlobs{data: map[string][]byte{}} }

func (b *testBlobs) PutBlob(_ context.Context, data []byte) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.puts++; b.puts == b.failPut {
		return "", errors.New("disk full")
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	b.data[hash] = append([]byte(nil), data...)
	return hash, nil
}

func (b *testBlobs) Blob(_ context.Context, hash string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, ok := b.data[hash]
	if b.gets++; !ok || b.failGets {
		return nil, errors.New("no such blob")
	}
	return data, nil
}

func TestMountModes(t *testing.T) {
	mounted := func(mode MountMode) (*FS, *memory) {
		src := &memory{FS: testTree(t)}
		must(t, src.FS.Symlink("../../secret", "/d/out"), src.FS.Symlink("../fixed", "/d/in"))
		f := newFS(t)
		must(t, f.Mkdir("/area", 0o755), f.WriteFile("/secret", []byte("of the session"), 0o644), f.Mount("/area/m", src, mode))
		return f, src
	}
	for _, mode := range []MountMode{ReadOnlyMount, OverlayMount, ReadWriteMount} {
		f, src := mounted(mode)
		content(t, f, "/area/m/ld/../d/f", "text")
		content(t, f, "/area/m/d/in", "x")
		if _, err := f.ReadFile("/area/m/d/out"); err != ErrPermission {
			t.Errorf("a link that leaves the mount: %v", err)
		}
		if _, err := f.ReadFile("/area/m/abs"); err != ErrPermission {
			t.Errorf("an absolute link: %v", err)
		}
		if len(src.listed) > 0 {
			t.Errorf("looking a name up listed %q", src.listed)
		}
		for name, err := range map[string]error{"remove": f.Remove("/area/m"), "rename": f.Rename("/area/m", "/x"), "above": f.Rename("/area", "/x")} {
			if err != ErrBusy {
				t.Errorf("%s of a mount: %v", name, err)
			}
		}
		changes := map[string]error{
			"write":   f.WriteFile("/area/m/d/f", []byte("new"), 0o644),
			"create":  f.WriteFile("/area/m/d/g", []byte("made"), 0o644),
			"mkdir":   f.Mkdir("/area/m/d/dir", 0o755),
			"symlink": f.Symlink("f", "/area/m/d/l"),
			"rename":  f.Rename("/area/m/d/sub", "/area/m/d/renamed"),
			"remove":  f.Remove("/area/m/fixed"),
			"chmod":   f.Chmod("/area/m/empty", 0o700),
		}
		for name, err := range changes {
			if want := map[MountMode]error{ReadOnlyMount: ErrReadOnly}[mode]; err != want {
				t.Errorf("mode %d: %s: %v", mode, name, err)
			}
		}
		if mode == ReadOnlyMount {
			continue
		}
		content(t, f, "/area/m/d/l", "new")
		if mode == ReadWriteMount {
			content(t, src.FS, "/d/g", "made")
			must(t, src.FS.WriteFile("/d/f", []byte("outside"), 0))
			content(t, f, "/area/m/d/f", "outside")
			if err := f.Symlink("/etc/passwd", "/area/m/evil"); err != ErrNotAllowed {
				t.Errorf("a link out of a live mount: %v", err)
			}
			if err := f.Link("/area/m/d/f", "/area/m/hard"); err != ErrNotAllowed {
				t.Errorf("a hard link in a live mount: %v", err)
			}
		} else {
			content(t, src.FS, "/d/f", "text")
			must(t, src.FS.WriteFile("/d/late", []byte("late"), 0o644))
			content(t, f, "/area/m/d/late", "late")
		}
		if err := f.Rename("/area/m/d/f", "/f"); err != ErrCrossDevice {
			t.Errorf("rename out of a mount: %v", err)
		}
		if _, err := f.Stat("/area/m/fixed"); err != ErrNotExist {
			t.Errorf("removed: %v", err)
		}
	}
}

func TestFromFS(t *testing.T) {
	f := newFS(t)
	must(t, f.Mount("/skill", FromFS(fstest.MapFS{
		"a/SKILL.md": {Data: []byte("text")},
		"a/same":     {Data: []byte("text")},
		"a/link":     {Data: []byte("../../secret"), Mode: fs.ModeSymlink},
	}), ReadOnlyMount))
	content(t, f, "/skill/a/SKILL.md", "text")
	if list, err := f.ReadDir("/skill/a"); len(list) != 2 || err != nil || list[0].Ino == list[1].Ino {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := f.ReadFile("/skill/a/link"); err != ErrNotExist {
		t.Errorf("a link: %v", err)
	}
	if err := f.WriteFile("/skill/a/SKILL.md", nil, 0); err != ErrPermission && err != ErrReadOnly {
		t.Errorf("a write: %v", err)
	}
}

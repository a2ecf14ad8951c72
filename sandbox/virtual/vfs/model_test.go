package vfs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// model is what a tree should be: the content of each file by its path; a directory is "/".
type model map[string]string

const isDir = "/"

func (m model) below(p string) (list []string) {
	for name := range m {
		if strings.HasPrefix(name, p+"/") {
			list = append(list, name)
		}
	}
	return list
}

func (m model) isDir(p string) bool { return p == "" || m[p] == isDir }

func parentOf(p string) string { return p[:strings.LastIndexByte(p, '/')] }

// do applies an operation that may be impossible, and says whether it is possible.
func (m model) do(op int, p, q, text string) bool {
	old, there := m[p]
	room := m.isDir(parentOf(p))
	switch op {
	case 0: // mkdir
		if there || !room {
			return false
		}
		m[p] = isDir
	case 1: // write
		if !room || old == isDir {
			return false
		}
		m[p] = text
	case 2: // append
		if !there || old == isDir {
			return false
		}
		m[p] = old + text
	case 3: // remove
		if !there || len(m.below(p)) > 0 {
			return false
		}
		delete(m, p)
	case 4: // rename p to q
		target, taken := m[q]
		switch {
		case !there || !m.isDir(parentOf(q)) || strings.HasPrefix(q, p+"/"):
			return false
		case p == q:
			return true
		case taken && (old == isDir) != (target == isDir) || len(m.below(q)) > 0:
			return false
		}
		for _, name := range append(m.below(p), p) {
			m[q+strings.TrimPrefix(name, p)] = m[name]
			delete(m, name)
		}
	case 5: // truncate to 1
		if !there || old == isDir || old == "" {
			return false
		}
		m[p] = old[:1]
	}
	return true
}

func apply(f *FS, op int, p, q, text string) error {
	switch op {
	case 0:
		return f.Mkdir(p, 0o755)
	case 1:
		return f.WriteFile(p, []byte(text), 0o644)
	case 2:
		h, err := f.Open(p, Append, 0)
		if err != nil {
			return err
		}
		defer h.Close()
		_, err = h.Write([]byte(text))
		return err
	case 3:
		return f.Remove(p)
	case 4:
		return f.Rename(p, q)
	}
	h, err := f.Open(p, Write, 0)
	if err != nil {
		return err
	}
	defer h.Close()
	if i, _ := h.Stat(); i.Size == 0 {
		return ErrInvalid
	}
	return h.Truncate(1)
}

// tree reads all of f below root as a model.
func treeOf(t testing.TB, f *FS, root string) model {
	t.Helper()
	m := model{}
	var read func(p string)
	read = func(p string) {
		list, err := f.ReadDir(root + p + "/")
		must(t, err)
		for _, i := range list {
			name := p + "/" + i.Name
			if i.IsDir() {
				m[name] = isDir
				read(name)
				continue
			}
			data, err := f.ReadFile(root + name)
			must(t, err)
			m[name] = string(data)
		}
	}
	read("")
	return m
}

func diff(a, b model) string {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if other, ok := b[name]; !ok || other != a[name] {
			return fmt.Sprintf("%s is %q, want %q (%v)", name, other, a[name], ok)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			return name + " should not be there"
		}
	}
	return ""
}

// TestModel runs random operations over a base layer and over an overlay mount, with snapshots in between that the
// rest of the run goes on from.
func TestModel(t *testing.T) {
	lower := newFS(t)
	start := model{"/a": isDir, "/a/b": isDir, "/a/b/c": "deep", "/b": isDir, "/b/a": "one", "/c": "two"}
	for _, p := range slices.Sorted(maps.Keys(start)) {
		if start[p] == isDir {
			must(t, lower.Mkdir(p, 0o755))
		} else {
			must(t, lower.WriteFile(p, []byte(start[p]), 0o644))
		}
	}
	layer := lower.Freeze()
	for _, test := range []struct {
		name, root string
		make       func() *FS
	}{
		{"base", "", func() *FS { return NewOn(layer, Quota{}, clock()) }},
		{"overlay", "/m", func() *FS {
			f := newFS(t)
			must(t, f.Mount("/m", &memory{FS: lower}, OverlayMount))
			return f
		}},
		{"live", "/m", func() *FS {
			f, copied := newFS(t), NewOn(layer, Quota{}, clock())
			must(t, f.Mount("/m", &memory{FS: copied}, ReadWriteMount))
			return f
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for seed := range uint64(30) {
				r := rand.New(rand.NewPCG(seed, 1))
				f, m, blobs := test.make(), maps.Clone(start), newBlobs()
				name := func() string {
					p := ""
					for range 1 + r.IntN(3) {
						p += "/" + string(rune('a'+r.IntN(3)))
					}
					return p
				}
				for step := range 300 {
					op, p, q, text := r.IntN(6), name(), name(), strings.Repeat("x", r.IntN(5))
					did := apply(f, op, test.root+p, test.root+q, text)
					if m.do(op, p, q, text) != (did == nil) {
						t.Fatalf("seed %d step %d: operation %d on %s, %s: %v", seed, step, op, p, q, did)
					}
					if d := diff(m, treeOf(t, f, test.root)); d != "" && step%3 == 0 {
						t.Fatalf("seed %d step %d: after operation %d on %s, %s: %s", seed, step, op, p, q, d)
					}
					if r.IntN(20) > 0 || test.name == "live" {
						continue
					}
					root, err := f.Snapshot(t.Context(), blobs)
					must(t, err)
					usage := f.Usage()
					f = test.make()
					must(t, f.Restore(t.Context(), blobs, root))
					if again, err := f.Snapshot(t.Context(), blobs); err != nil || again != root {
						t.Fatalf("seed %d step %d: the snapshot of a snapshot is %s, %v", seed, step, again, err)
					}
					if d := diff(m, treeOf(t, f, test.root)); d != "" {
						t.Fatalf("seed %d step %d: restored: %s", seed, step, d)
					}
					if u := f.Usage(); u != usage {
						t.Fatalf("seed %d step %d: restored %+v, want %+v", seed, step, u, usage)
					}
				}
				var sum int64
				for _, text := range treeOf(t, f, "") {
					if text != isDir {
						sum += int64(len(text))
					}
				}
				if u := f.Usage(); u.Bytes > sum || u.Bytes < 0 || u.Files < 0 {
					t.Fatalf("seed %d: %d bytes in use, %d in files", seed, u.Bytes, sum)
				}
			}
		})
	}
}

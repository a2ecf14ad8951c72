package bucket

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

const (
	page       = 1000    // keys of one answer of a store
	maxEntries = 250_000 // of one folder
	maxListed  = 500_000 // entries of all listings that are kept
)

// entry is a file or folder of a folder.
type entry struct {
	name string
	dir  bool
	size int64
	time time.Time
	etag string
}

func (e entry) info() vfs.Info {
	mode := fs.FileMode(0o644)
	if e.dir {
		mode = fs.ModeDir | 0o755
	}
	return vfs.Info{Name: e.name, Size: e.size, Mode: mode, ModTime: e.time, AccessTime: e.time, ChangeTime: e.time, Nlink: 1, UID: 1000, GID: 1000}
}

// listing is what a folder had in it.
type listing struct {
	entries []entry // sorted by name
	exists  bool
	whole   bool // else there are more entries than in one page, and none of them are here
	until   time.Time
}

func (l *listing) find(name string) (entry, bool) {
	i, ok := l.search(name)
	if !ok {
		return entry{}, false
	}
	return l.entries[i], true
}

func (l *listing) search(name string) (int, bool) {
	return slices.BinarySearchFunc(l.entries, name, func(e entry, name string) int { return strings.Compare(e.name, name) })
}

// listings are those of the last moments, by folder.
type listings struct {
	mu      sync.Mutex
	byName  map[string]*listing
	entries int
}

func (l *listings) get(name string, now time.Time) *listing {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.byName[name]; found != nil && now.Before(found.until) {
		return found
	}
	return nil
}

func (l *listings) put(name string, found *listing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byName == nil || l.entries+len(found.entries) > maxListed || len(l.byName) > maxListed/10 {
		l.byName, l.entries = map[string]*listing{}, 0
	}
	if old := l.byName[name]; old != nil {
		l.entries -= len(old.entries)
	}
	l.byName[name] = found
	l.entries += len(found.entries)
}

// set makes a listing that is kept have e in it, or forgets the listing.
func (l *listings) set(folder string, e entry) {
	l.change(folder, e.name, func(entries []entry, i int, found bool) []entry {
		if found {
			entries[i] = e
			return entries
		}
		return slices.Insert(entries, i, e)
	})
}

// remove makes a listing that is kept have nothing of that name in it, or forgets the listing.
func (l *listings) remove(folder, name string) {
	l.change(folder, name, func(entries []entry, i int, found bool) []entry {
		if found {
			return slices.Delete(entries, i, i+1)
		}
		return entries
	})
}

// drop forgets a folder's listing.
func (l *listings) drop(folder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.byName[folder]; old != nil {
		l.entries -= len(old.entries)
		delete(l.byName, folder)
	}
}

// change changes a copy of a listing's entries, as others may be reading it.
func (l *listings) change(folder, name string, do func(entries []entry, i int, found bool) []entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.byName[folder]
	if old == nil {
		return
	}
	l.entries -= len(old.entries)
	delete(l.byName, folder)
	if !old.whole || len(old.entries) > 10*page {
		return
	}
	next := *old
	i, found := next.search(name)
	next.entries, next.exists = do(slices.Clone(old.entries), i, found), true
	l.byName[folder] = &next
	l.entries += len(next.entries)
}

func (l *listings) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byName, l.entries = nil, 0
}

// showable says whether a part of a key can be the name of a file.
func showable(part string) bool {
	return part != "" && part != "." && part != ".." && len(part) <= 255 && !strings.ContainsAny(part, "\x00/")
}

// list lists a folder: all of it, or only whether it has one page and then what is on it.
func (b Bucket) list(name string, all bool) (*listing, error) {
	if l := b.lists.get(name, b.cfg.Now()); l != nil && (l.whole || !all) {
		return l, nil
	}
	ctx, cancel := b.operation(0)
	defer cancel()
	prefix := b.folderKey(name)
	l := &listing{whole: true, exists: name == "."}
	for token := ""; ; {
		found, err := b.client.List(ctx, prefix, true, token, page)
		if err != nil {
			return nil, b.failed(ctx, err)
		}
		l.exists = l.exists || len(found.Objects)+len(found.Prefixes) > 0
		if found.Next != "" && !all {
			l.whole = false
			break
		}
		for _, o := range found.Objects {
			part, dir := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), "/") // some stores tell of what keeps a folder so
			if showable(part) {
				l.entries = append(l.entries, entry{name: part, dir: dir, size: o.Size, time: o.Modified, etag: o.ETag})
			}
		}
		for _, p := range found.Prefixes {
			if part := strings.TrimSuffix(strings.TrimPrefix(p, prefix), "/"); showable(part) {
				l.entries = append(l.entries, entry{name: part, dir: true})
			}
		}
		if len(l.entries) > maxEntries {
			return nil, vfs.Error("Directory too large: more than 250,000 entries")
		}
		if token = found.Next; token == "" {
			break
		}
	}
	slices.SortFunc(l.entries, func(x, y entry) int {
		if x.name == y.name && x.dir != y.dir {
			if x.dir {
				return -1
			}
			return 1
		}
		return strings.Compare(x.name, y.name)
	})
	l.entries = slices.CompactFunc(l.entries, func(x, y entry) bool { return x.name == y.name }) // a folder hides a file
	pages := time.Duration(1 + len(l.entries)/page)                                              // who lists many wants to look at each of them
	l.until = b.cfg.Now().Add(min(pages*b.cfg.Fresh, max(b.cfg.Fresh, time.Minute)))
	b.lists.put(name, l)
	return l, nil
}

// find looks one name up: in what its folder has, or for itself where that is too much.
func (b Bucket) find(name string) (entry, error) {
	if name == "." {
		return entry{name: ".", dir: true}, nil
	}
	if len(b.folderKey(name)) > 1024 {
		return entry{}, vfs.ErrNameTooLong
	}
	l, err := b.list(path.Dir(name), false)
	if err != nil {
		return entry{}, err
	}
	if l.whole {
		if e, ok := l.find(path.Base(name)); ok {
			return e, nil
		}
		return entry{}, vfs.ErrNotExist
	}
	if inside, err := b.list(name, false); err != nil {
		return entry{}, err
	} else if inside.exists {
		return entry{name: path.Base(name), dir: true}, nil
	}
	return b.head(name)
}

// head asks for the object that name means, as it is now.
func (b Bucket) head(name string) (entry, error) {
	ctx, cancel := b.operation(0)
	defer cancel()
	o, err := b.client.Head(ctx, b.key(name))
	if err != nil {
		return entry{}, b.failed(ctx, err)
	}
	return entry{name: path.Base(name), size: o.Size, time: o.Modified, etag: o.ETag}, nil
}

// Lstat tells about name.
func (b Bucket) Lstat(name string) (vfs.Info, error) {
	e, err := b.find(name)
	if err != nil {
		return vfs.Info{}, err
	}
	return e.info(), nil
}

// ReadDir lists a folder, sorted by name.
func (b Bucket) ReadDir(name string) ([]vfs.Info, error) {
	l, err := b.list(name, true)
	if err != nil {
		return nil, err
	}
	if !l.exists {
		return nil, vfs.ErrNotExist
	}
	infos := make([]vfs.Info, len(l.entries))
	for i, e := range l.entries {
		infos[i] = e.info()
	}
	return infos, nil
}

package bucket

import (
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// maxMoved is how many objects a folder that is renamed may have in it.
const maxMoved = 10_000

// Mkdir makes one folder: an empty object whose key ends in a slash keeps it.
func (b Bucket) Mkdir(name string, _ fs.FileMode) error {
	if _, err := b.find(name); err != vfs.ErrNotExist {
		if err == nil {
			err = vfs.ErrExist
		}
		return err
	}
	return b.keep(name)
}

// keep puts the object that keeps a folder while there is nothing in it.
func (b Bucket) keep(name string) error {
	if _, err := b.putKey(b.folderKey(name), nil, entry{}); err != nil && err != vfs.ErrStale { // it is there already
		return err
	}
	b.lists.set(path.Dir(name), entry{name: path.Base(name), dir: true})
	b.lists.put(name, &listing{exists: true, whole: true, until: b.cfg.Now().Add(b.cfg.Fresh)})
	return nil
}

// Symlink fails: a bucket has no links.
func (b Bucket) Symlink(string, string) error { return vfs.ErrNotAllowed }

// Remove removes a file or an empty folder.
func (b Bucket) Remove(name string) error {
	e, err := b.find(name)
	if err != nil {
		return err
	}
	key := b.key(name)
	if e.dir {
		keys, err := b.below(name, 2)
		switch {
		case err != nil:
			return err
		case len(keys) > 1 || len(keys) == 1 && keys[0] != b.folderKey(name):
			return vfs.ErrNotEmpty
		}
		key = b.folderKey(name)
	}
	return b.gone(name, key)
}

// gone removes the objects of a file or folder, and keeps the folder that it was in.
func (b Bucket) gone(name string, keys ...string) error {
	for _, key := range keys {
		ctx, cancel := b.operation(0)
		err := b.failed(ctx, b.client.Delete(ctx, key))
		cancel()
		if err != nil {
			return err
		}
	}
	up := path.Dir(name)
	b.lists.remove(up, path.Base(name))
	b.lists.drop(name)
	if up == "." {
		return nil
	}
	left, err := b.below(up, 1)
	if err == nil && len(left) == 0 {
		err = b.keep(up)
	}
	return err
}

// below lists the keys below a folder, as they are now: at most max.
func (b Bucket) below(name string, max int) ([]string, error) {
	ctx, cancel := b.operation(0)
	defer cancel()
	var keys []string
	for token := ""; ; {
		found, err := b.client.List(ctx, b.folderKey(name), false, token, min(max, page))
		if err != nil {
			return nil, b.failed(ctx, err)
		}
		for _, o := range found.Objects {
			if keys = append(keys, o.Key); len(keys) == max {
				return keys, nil
			}
		}
		if token = found.Next; token == "" {
			return keys, nil
		}
	}
}

// Rename copies what old means and then removes it, so that it is there at least once at any time.
func (b Bucket) Rename(old, name string) error {
	from, err := b.find(old)
	if err != nil {
		return err
	}
	if !from.dir {
		etag, err := b.copy(b.key(old), b.key(name), from.etag)
		if err != nil {
			return err
		}
		b.lists.set(path.Dir(name), entry{name: path.Base(name), size: from.size, time: b.cfg.Now(), etag: etag})
		return b.gone(old, b.key(old))
	}
	defer b.lists.forget()
	taken, err := b.below(name, 2)
	if err == nil && (len(taken) > 1 || len(taken) == 1 && taken[0] != b.folderKey(name)) {
		err = vfs.ErrNotEmpty
	}
	if err != nil {
		return err
	}
	keys, err := b.below(old, maxMoved+1)
	if err == nil && len(keys) > maxMoved {
		err = vfs.Error("Directory too large to rename: more than 10,000 objects")
	}
	if err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := b.copy(key, b.folderKey(name)+strings.TrimPrefix(key, b.folderKey(old)), ""); err != nil {
			return err
		}
	}
	return b.gone(old, keys...)
}

// copy copies an object in the store, provided that it still has the ETag given; "" is any. It returns the copy's.
func (b Bucket) copy(from, to, etag string) (string, error) {
	if len(to) > 1024 {
		return "", vfs.ErrNameTooLong
	}
	ctx, cancel := b.operation(0)
	defer cancel()
	tag, err := b.client.Copy(ctx, from, to, etag)
	return tag, b.failed(ctx, err)
}

// Chmod fails where it would change something: a bucket keeps no modes.
func (b Bucket) Chmod(name string, perm fs.FileMode) error {
	e, err := b.find(name)
	if err == nil && e.info().Mode.Perm() != perm {
		err = vfs.ErrNotAllowed
	}
	return err
}

// SetTimes does nothing where the time is about now, as after a write, and fails otherwise: a bucket sets the time itself.
func (b Bucket) SetTimes(name string, _, modify time.Time) error {
	if _, err := b.find(name); err != nil {
		return err
	}
	if since := b.cfg.Now().Sub(modify); since > time.Minute || since < -time.Minute {
		return vfs.ErrNotAllowed
	}
	return nil
}

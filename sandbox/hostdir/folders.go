package hostdir

import (
	"os"
	"strings"
	"time"
)

// A name deep down costs the kernel one call for each folder on the way, and a walk of a tree asks for each folder on
// the way again. So the folders used last stay open, for so short a time that a folder which the host moves meanwhile
// is as if it had moved a moment later.
const (
	keepFolder  = 100 * time.Millisecond
	keepFolders = 64
)

type folder struct {
	root  *os.Root
	until time.Time
}

// at calls do with the folder that name is in and what it is called there, with the lock held.
func (d *Dir) at(name string, do func(in *os.Root, base string) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.near) > keepFolders {
		d.forget()
	}
	up, base := split(name)
	in, err := d.folder(up)
	if err != nil {
		return translate(err)
	}
	return translate(do(in, base))
}

func split(name string) (up, base string) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

// folder opens a folder by way of those above it. What it returns is closed by forget.
func (d *Dir) folder(name string) (*os.Root, error) {
	if name == "" {
		return d.root, nil
	}
	now := time.Now()
	if f, ok := d.near[name]; ok && now.Before(f.until) {
		return f.root, nil
	}
	up, base := split(name)
	in, err := d.folder(up)
	if err != nil {
		return nil, err
	}
	root, err := openFolder(in, base)
	if err != nil {
		return nil, err
	}
	if old, ok := d.near[name]; ok {
		old.root.Close()
	}
	if d.near == nil {
		d.near = map[string]folder{}
	}
	d.near[name] = folder{root, now.Add(keepFolder)}
	return root, nil
}

// forget closes the folders that are kept open.
func (d *Dir) forget() {
	for _, f := range d.near {
		f.root.Close()
	}
	clear(d.near)
}

package diff

import (
	"errors"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// file is one side of a comparison.
type file struct {
	name  string
	info  vfs.Info
	err   error
	lines []line
	data  []byte
	ended bool // the last line has its newline
}

func (d *differ) stat(name string) file {
	f := file{name: name}
	if name == "-" {
		f.info = vfs.Info{Name: "-", Mode: 0o644, ModTime: d.inv.Now()}
		return f
	}
	f.info, f.err = cli.Stat(d.inv, name)
	return f
}

// compare compares two names; top says that they are the operands.
func (d *differ) compare(left, right string, top bool) int {
	a, b := d.stat(left), d.stat(right)
	if top && a.err == nil && b.err == nil && a.info.IsDir() != b.info.IsDir() {
		if a.info.IsDir() {
			a = d.stat(strings.TrimSuffix(left, "/") + "/" + path.Base(right))
		} else {
			b = d.stat(strings.TrimSuffix(right, "/") + "/" + path.Base(left))
		}
	}
	missing := 0
	for _, f := range []*file{&a, &b} {
		if f.err == nil {
			continue
		}
		missing++
		if d.newFile && errors.Is(f.err, fs.ErrNotExist) && missing == 1 {
			f.info = vfs.Info{ModTime: time.Unix(0, 0)}
			continue
		}
		d.trouble(f.name, f.err)
	}
	if missing > 0 && !(d.newFile && missing == 1) {
		return 2
	}
	if a.info.IsDir() && b.info.IsDir() {
		return d.directories(a.name, b.name)
	}
	if a.info.IsDir() != b.info.IsDir() {
		if d.newFile && missing == 1 {
			return d.directories(a.name, b.name)
		}
		kind := func(f file) string {
			if f.info.IsDir() {
				return "directory"
			}
			if f.info.Size == 0 {
				return "regular empty file"
			}
			return "regular file"
		}
		d.out.WriteString("File " + a.name + " is a " + kind(a) + " while file " + b.name + " is a " + kind(b) + "\n")
		return 1
	}
	return d.files(&a, &b, top)
}

func (d *differ) trouble(name string, err error) {
	d.out.Flush()
	d.inv.Errorf("%s: %v", name, err)
}

// directories compares the entries of two directories.
func (d *differ) directories(left, right string) (status int) {
	names := map[string]int{}
	for side, dir := range []string{left, right} {
		list, err := d.inv.FS.ReadDir(d.inv.Path(dir))
		if err != nil && !(d.newFile && errors.Is(err, fs.ErrNotExist)) {
			d.trouble(dir, err)
			return 2
		}
		for _, info := range list {
			names[info.Name] |= side + 1
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
next:
	for _, name := range sorted {
		if d.inv.Budget.Work(1) != nil {
			return 2
		}
		if name < d.starting {
			continue
		}
		for _, match := range d.excluded {
			if match(name) {
				continue next
			}
		}
		a, b := strings.TrimSuffix(left, "/")+"/"+name, strings.TrimSuffix(right, "/")+"/"+name
		in := names[name]
		if in != 3 && !d.newFile {
			dir := left
			if in == 2 {
				dir = right
			}
			d.out.WriteString("Only in " + strings.TrimSuffix(dir, "/") + ": " + name + "\n")
			status = max(status, 1)
			continue
		}
		x, y := d.stat(a), d.stat(b)
		if !d.recursive && x.info.IsDir() && y.info.IsDir() {
			d.out.WriteString("Common subdirectories: " + a + " and " + b + "\n")
			continue
		}
		status = max(status, d.compare(a, b, false))
	}
	return status
}

// files compares two files and prints how they differ.
func (d *differ) files(a, b *file, top bool) int {
	whole := d.format == 'y' && !d.onlyChanges || d.format == '%' // what is the same is written too
	if a.name == b.name && a.err == nil && !whole {
		if d.same {
			d.out.WriteString("Files " + a.name + " and " + b.name + " are identical\n")
		}
		return 0
	}
	for _, f := range []*file{a, b} {
		if f.err == nil {
			if err := d.read(f); err != nil {
				if err != cli.ErrStop {
					d.trouble(f.name, err)
				}
				return 2
			}
		}
	}
	identical := string(a.data) == string(b.data)
	if !identical && !d.asText && (isBinary(a.data) || isBinary(b.data)) {
		if d.format == 'q' {
			d.out.WriteString("Files " + a.name + " and " + b.name + " differ\n")
		} else {
			d.out.WriteString("Binary files " + a.name + " and " + b.name + " differ\n")
		}
		return d.done(1)
	}
	var changes []change
	if !identical {
		d.split(a)
		d.split(b)
		var err error
		if changes, err = d.changes(a, b); err != nil {
			return 2
		}
	}
	if len(changes) == 0 {
		if d.same {
			d.out.WriteString("Files " + a.name + " and " + b.name + " are identical\n")
		}
		if whole {
			if identical {
				d.split(a)
				d.split(b)
			}
			if d.format == '%' {
				d.formatted(a, b, nil)
			} else {
				d.sideBySide(a, b, nil)
			}
		}
		return d.done(0)
	}
	if !top && d.format != 'q' {
		d.out.WriteString("diff " + strings.Join(append(d.args, a.name, b.name), " ") + "\n")
	}
	switch d.format {
	case 'q':
		d.out.WriteString("Files " + a.name + " and " + b.name + " differ\n")
	case 'u':
		d.unified(a, b, changes)
	case 'c':
		d.copied(a, b, changes)
	case 'e':
		d.ed(b, changes)
	case 'f':
		d.forwardEd(b, changes)
	case 'n':
		d.rcs(b, changes)
	case '%':
		d.formatted(a, b, changes)
	case 'y':
		d.sideBySide(a, b, changes)
	default:
		d.normal(a, b, changes)
	}
	return d.done(1)
}

// done gives back the memory of two files.
func (d *differ) done(status int) int {
	d.inv.Budget.Release(d.held)
	d.held = 0
	return status
}

func isBinary(data []byte) bool {
	return strings.IndexByte(string(data[:min(len(data), 4096)]), 0) >= 0
}

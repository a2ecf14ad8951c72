package sqlite3

import (
	"bytes"
	"errors"
	"path"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

func (p *program) isFile() bool { return p.file != "" && p.file != ":memory:" }

// open reads a database file; the one before it must be closed.
func (p *program) open(file string) error {
	p.file, p.before = file, nil
	if p.isFile() {
		full := p.inv.Path(file)
		info, err := p.inv.FS.Stat(full)
		if err == vfs.ErrNotExist && !p.readOnly {
			info, err = p.inv.FS.Stat(path.Dir(full))
			if err == nil && info.IsDir() {
				return p.start(nil)
			}
		}
		if err != nil || !info.Mode.IsRegular() {
			return errors.New("unable to open database file")
		}
		if err := p.inv.Budget.Hold(int(info.Size)); err != nil {
			return err
		}
		p.held = int(info.Size)
		if p.before, err = p.inv.FS.ReadFile(full); err != nil {
			return errors.New("unable to open database file")
		}
	}
	return p.start(p.before)
}

func (p *program) start(content []byte) (err error) {
	p.db, err = p.inv.Databases.Open(p.ctx, content, p.readOnly, p.inv.Budget)
	return err
}

// close writes the database's file, if it has changed, and frees the database. What a transaction has not committed is
// lost.
func (p *program) close() error {
	p.endOutput()
	if p.db == nil {
		return nil
	}
	defer func() {
		p.db.Close()
		p.db, p.before = nil, nil
		p.inv.Budget.Release(p.held)
		p.held = 0
	}()
	if !p.isFile() || p.readOnly || p.inv.Budget.Err() != nil {
		return nil
	}
	p.quiet("ROLLBACK")
	content, err := p.db.Content()
	if err != nil {
		return err
	}
	full := p.inv.Path(p.file)
	if _, err := p.inv.FS.Stat(full); err == nil && bytes.Equal(content, p.before) {
		return nil
	}
	return p.write(full, content)
}

// write replaces a file at once, so that a limit which strikes leaves the old one.
func (p *program) write(full string, content []byte) error {
	if real, err := p.inv.FS.Realpath(full); err == nil {
		full = real
	}
	mode := 0o644 &^ p.inv.Umask
	if info, err := p.inv.FS.Stat(full); err == nil {
		mode = info.Mode.Perm()
	}
	part := full + "-journal"
	f, err := p.inv.OpenFile(part, vfs.Write|vfs.Create|vfs.Truncate, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	f.Close()
	if err == nil {
		err = p.inv.FS.Rename(part, full)
	}
	if err != nil {
		p.inv.FS.Remove(part)
	}
	return err
}

func (p *program) reopen(args []string) int {
	file := ""
	for _, a := range args {
		switch {
		case a == "--readonly" || a == "-readonly":
			p.readOnly = true
		case !strings.HasPrefix(a, "-"):
			file = a
		}
	}
	if err := p.close(); err != nil {
		p.complain("Error: writing \"%s\": %v", p.file, err)
		return failed
	}
	if err := p.open(file); err != nil {
		p.complain("Error: unable to open database \"%s\": %v", file, err)
		p.file, p.before = "", nil
		if p.start(nil) != nil {
			return quit
		}
		return failed
	}
	return done
}

// save is .backup and .save.
func (p *program) save(args []string) int {
	content, err := p.db.Content()
	if err == nil {
		err = p.write(p.inv.Path(args[len(args)-1]), content)
	}
	if err != nil {
		p.complain("Error: cannot open \"%s\"", args[len(args)-1])
		return failed
	}
	return done
}

func (p *program) restore(args []string) int {
	name := args[len(args)-1]
	content, err := p.inv.FS.ReadFile(p.inv.Path(name))
	if err != nil {
		p.complain("Error: cannot open \"%s\"", name)
		return failed
	}
	old := p.db
	if err := p.start(content); err != nil {
		p.db = old
		p.complain("Error: %v", err)
		return failed
	}
	old.Close()
	return done
}

package commands

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/datetime"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

// position is where new members go in list.
func (l *library) position(list []arMember, beside string) int {
	i := slices.IndexFunc(list, func(m arMember) bool { return m.name == beside })
	switch {
	case beside == "" || i < 0:
		return len(list)
	case l.asked["a"]:
		return i + 1
	}
	return i
}

// show prints, lists or extracts a member.
func (l *library) show(operation string, m arMember) {
	switch operation {
	case "t":
		line := m.name
		if l.asked["v"] {
			tz, _ := l.inv.Env.Get("TZ")
			line = fmt.Sprintf("%s %d/%d %6d %s %s", filemode.Letters(m.mode())[1:], m.uid, m.gid, len(m.data),
				datetime.Format(time.Unix(m.mtime, 0).In(datetime.Zone(tz)), "%b %e %H:%M %Y"), m.name)
		}
		if l.asked["O"] {
			line += fmt.Sprintf(" 0x%x", m.offset)
		}
		fmt.Fprintln(l.inv.Stdout, line)
	case "p":
		l.say("\n<%s>\n\n", m.name)
		l.inv.Stdout.Write(m.data)
	case "x":
		l.say("x - %s\n", m.name)
		if err := l.extract(m); err != nil {
			l.inv.Errorf("%s: %v", m.name, err)
			l.status = 1
		}
	}
}

// extract writes a member to the working directory, and nowhere else.
func (l *library) extract(m arMember) error {
	if climbs(m.name) || strings.HasPrefix(m.name, "/") || m.name == "" {
		return errors.New("illegal output pathname for archive member")
	}
	full := l.inv.Path(m.name)
	if throughLink(l.inv, l.inv.Dir, path.Dir(full)) {
		return errors.New("a symbolic link leads out of the directory")
	}
	l.inv.FS.Remove(full)
	if err := l.inv.FS.WriteFile(full, m.data, m.mode()&^l.inv.Umask); err != nil {
		return err
	}
	if l.asked["o"] {
		return l.inv.FS.Chtimes(full, time.Unix(m.mtime, 0))
	}
	return nil
}

// insert adds files, in place of members of the same name unless they are only to be appended.
func (l *library) insert(names []string, beside string, append_ bool) (changed bool) {
	at := l.position(l.members, beside)
	for _, name := range names {
		m, err := l.read(name)
		if err != nil {
			l.inv.Errorf("%s: %v", name, err)
			l.status = 1
			return false
		}
		i := slices.IndexFunc(l.members, func(old arMember) bool { return old.name == m.name })
		switch {
		case i >= 0 && !append_ && l.asked["u"] && l.members[i].mtime >= m.mtime:
			continue
		case i >= 0 && !append_ && beside == "":
			l.inv.Budget.Release(len(l.members[i].data) + 100)
			l.members[i] = m
			l.say("r - %s\n", name)
		default:
			verb := "a"
			if i >= 0 && !append_ {
				verb = "r"
				l.inv.Budget.Release(len(l.members[i].data) + 100)
				l.members = slices.Delete(l.members, i, i+1)
				at = l.position(l.members, beside)
			}
			l.members = slices.Insert(l.members, min(at, len(l.members)), m)
			at++
			l.say("%s - %s\n", verb, name)
		}
		changed = true
	}
	return changed || len(names) == 0
}

// read makes a member of a file.
func (l *library) read(name string) (arMember, error) {
	info, err := l.inv.FS.Stat(l.inv.Path(name))
	if err != nil {
		return arMember{}, err
	}
	if info.IsDir() {
		return arMember{}, vfs.ErrIsDir
	}
	data, err := readAll(l.ctx, l.inv, name)
	if err != nil || l.inv.Budget.Hold(100) != nil {
		return arMember{}, err
	}
	m := arMember{name: l.key(name), permissions: 0o644, data: data}
	if l.asked["U"] || l.asked["o"] && !l.asked["D"] {
		m.mtime, m.uid, m.gid = info.ModTime.Unix(), info.UID, info.GID
		m.permissions = 0o100000 | filemode.Octal(info.Mode)
	}
	return m, nil
}

func (l *library) store() error {
	return l.inv.FS.WriteFile(l.inv.Path(l.name), formatArchive(l.members), 0o666&^l.inv.Umask)
}

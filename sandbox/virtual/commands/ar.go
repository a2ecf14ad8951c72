package commands

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/commands/datetime"
	"github.com/flue-run/flue/sandbox/virtual/commands/filemode"
	"github.com/flue-run/flue/sandbox/virtual/shell"
	"github.com/flue-run/flue/sandbox/virtual/vfs"
)

var arSpec = &cli.Spec{
	Usage: `[-]{dmpqrstx}[abcDiosSuUv] [MEMBER] ARCHIVE FILE...
Keep files in an archive as the linker reads it.

  d  delete   m  move to the end   p  print   q  append   r  insert or replace   t  list   x  extract   s  nothing more
  a, b, i  behind or before MEMBER   c  do not say that the archive is new   o  with the old times
  u  only what is newer   D, U  with zero for times and owners, the default, or not   v  be verbose   O  with offsets   P  by whole names
`,
	Short: "dmpqrtxsabicDfloOPSTuUvV",
}

// library is one call of ar: an archive in memory, changed and written back.
type library struct {
	ctx     context.Context
	inv     *shell.Invocation
	name    string
	asked   map[string]bool // the letters
	members []arMember
	status  int
}

func ar(ctx context.Context, inv *shell.Invocation) int {
	call := *inv
	if len(inv.Args) > 1 && inv.Args[1] != "" && inv.Args[1][0] != '-' {
		call.Args = slices.Clone(inv.Args)
		call.Args[1] = "-" + inv.Args[1]
	}
	p, status := arSpec.Parse(&call)
	if p == nil {
		return status
	}
	l := &library{ctx: ctx, inv: inv, asked: map[string]bool{}}
	operation := ""
	for _, o := range p.Options {
		l.asked[o.Key] = true
		if strings.Contains("dmpqrtx", o.Key) {
			if operation != "" && operation != o.Key {
				return arSpec.Misuse(inv, "two different operation options specified")
			}
			operation = o.Key
		}
	}
	if operation == "" && l.asked["s"] {
		operation = "s"
	}
	operands := p.Operands
	beside := ""
	if l.asked["a"] || l.asked["b"] || l.asked["i"] {
		if len(operands) == 0 {
			return arSpec.Misuse(inv, "a member is needed")
		}
		beside, operands = operands[0], operands[1:]
	}
	if operation == "" || len(operands) == 0 {
		return arSpec.Misuse(inv, "an operation and an archive are needed")
	}
	l.name = operands[0]
	if l.asked["u"] && !l.asked["U"] {
		inv.Errorf("`u' modifier ignored since `D' is the default (see `U')")
		l.asked["u"] = false
	}
	if status := l.load(operation == "r" || operation == "q"); status != 0 {
		return status
	}
	defer l.release()
	changed := l.run(operation, operands[1:], beside)
	if changed && l.status == 0 {
		if err := l.store(); err != nil {
			inv.Errorf("%s: %v", l.name, err)
			return 1
		}
	}
	if inv.Budget.Err() != nil {
		return 1
	}
	return l.status
}

// load reads the archive, which create says need not exist.
func (l *library) load(create bool) int {
	data, err := readAll(l.ctx, l.inv, l.name)
	defer l.inv.Budget.Release(len(data))
	switch {
	case err == vfs.ErrNotExist && create:
		if !l.asked["c"] {
			l.inv.Errorf("creating %s", l.name)
		}
		return 0
	case err != nil:
		l.inv.Errorf("%s: %v", l.name, err)
		return 9
	}
	if l.members, err = parseArchive(data); err != nil {
		l.inv.Errorf("%s: %v", l.name, err)
		return 1
	}
	for _, m := range l.members {
		if l.inv.Budget.Hold(len(m.data)+100) != nil {
			return 1
		}
	}
	return 0
}

func (l *library) release() {
	for _, m := range l.members {
		l.inv.Budget.Release(len(m.data) + 100)
	}
}

// run does what is asked, and says whether the archive is another one then.
func (l *library) run(operation string, names []string, beside string) (changed bool) {
	switch operation {
	case "r", "q":
		return l.insert(names, beside, operation == "q")
	case "s":
		return false
	}
	found := make([]bool, len(names))
	var kept, moved []arMember
	for _, m := range l.members {
		wanted := len(names) == 0 && operation != "d" && operation != "m"
		for i, name := range names {
			if !found[i] && l.key(name) == m.name {
				wanted, found[i] = true, true
				break
			}
		}
		switch {
		case !wanted:
			kept = append(kept, m)
		case operation == "d":
			l.inv.Budget.Release(len(m.data) + 100)
			l.say("d - %s\n", m.name)
		case operation == "m":
			moved = append(moved, m)
			l.say("m - %s\n", m.name)
		default:
			l.show(operation, m)
		}
	}
	for i, name := range names {
		if !found[i] {
			fmt.Fprintf(l.inv.Stderr, "no entry %s in archive\n", name)
		}
	}
	switch operation {
	case "d":
		l.members = kept
	case "m":
		l.members = slices.Insert(kept, l.position(kept, beside), moved...)
	}
	return (operation == "d" || operation == "m") && slices.Contains(found, true)
}

// key is the name of a member that a file becomes.
func (l *library) key(name string) string {
	if l.asked["P"] {
		return name
	}
	return path.Base(name)
}

func (l *library) say(format string, args ...any) {
	if l.asked["v"] {
		fmt.Fprintf(l.inv.Stdout, format, args...)
	}
}

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

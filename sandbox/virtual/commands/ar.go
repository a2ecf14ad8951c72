package commands

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
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

package commands

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// backups is what cp, mv, ln and install make of a file that another one takes the place of.
type backups struct {
	backup string // "simple", "existing" or "numbered"; "" or "none": nothing
	suffix string // "": ~
}

// option takes -b, --backup and -S, which asks for backups too; false after a complaint.
func (b *backups) option(spec *cli.Spec, inv *shell.Invocation, o cli.Option) bool {
	if o.Key == "S" {
		if b.suffix = o.Value; b.backup != "" {
			return true
		}
		o = cli.Option{}
	}
	place, style := "backup type", o.Value
	if !o.Has {
		place = "$VERSION_CONTROL"
		if style, _ = inv.Env.Get("VERSION_CONTROL"); style == "" {
			style = "existing"
		}
	}
	style, status := spec.ChooseFor(inv, place, style, "none", "off=none", "simple", "never=simple", "existing", "nil=existing", "numbered", "t=numbered")
	b.backup = style
	return status == 0
}

// makes says whether there are backups.
func (b *backups) makes() bool { return b.backup != "" && b.backup != "none" }

// name is where the old file goes: NAME~, or NAME.~N~.
func (b *backups) name(inv *shell.Invocation, dst place) string {
	suffix := b.suffix
	if suffix == "" {
		suffix = "~"
	}
	dir, base := path.Split(dst.name)
	if b.backup == "simple" {
		return dst.name + suffix
	}
	highest := 0
	list, _ := inv.FS.ReadDir(inv.Path(dir + "."))
	for _, i := range list {
		rest, ok := strings.CutPrefix(i.Name, base+".~")
		if number, ok2 := strings.CutSuffix(rest, "~"); ok && ok2 {
			if n, err := strconv.Atoi(number); err == nil {
				highest = max(highest, n)
			}
		}
	}
	if highest == 0 && b.backup == "existing" {
		return dst.name + suffix
	}
	return fmt.Sprintf("%s.~%d~", dst.name, highest+1)
}

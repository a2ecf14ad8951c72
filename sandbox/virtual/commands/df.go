package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const dfUsage = `[OPTION]... [FILE]...
Show the space that files take, and may take: the quota of the session.

  -h, --human-readable  -H, --si  -k  -m  -B, --block-size=SIZE  -P, --portability
  -i, --inodes  -T, --print-type  --output[=FIELDS]  --total
  -a, --all  -l, --local  -t, --type=TYPE  -x, --exclude-type=TYPE  --sync  --no-sync
`

// dfField is a column of df: its name for --output, its header, and whether it stands at the left.
type dfField struct {
	name, header string
	left         bool
}

var dfFields = []dfField{{"source", "Filesystem", true}, {"fstype", "Type", true}, {"itotal", "Inodes", false}, {"iused", "IUsed", false}, {"iavail", "IFree", false},
	{"ipcent", "IUse%", false}, {"size", "1K-blocks", false}, {"used", "Used", false}, {"avail", "Available", false}, {"pcent", "Use%", false},
	{"file", "File", true}, {"target", "Mounted on", true}}

// spaceTable is one call of df.
type spaceTable struct {
	spec         *cli.Spec
	inv          *shell.Invocation
	unit         int64
	base         int // of human sizes; 0 for units
	header       string
	fields       []string
	types, total bool
	shown        bool // the file system is not left out by its type
	rows         [][]string
	left         []bool // by column
}

// df knows the one file system that there is. What mounts show is elsewhere, and has no size.
func df(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: dfUsage, Short: "aB:hHiklmPTt:x:v",
		Long: "all=a block-size:=B total human-readable=h si=H inodes=i local=l no-sync output:: portability=P sync type:=t print-type=T exclude-type:=x"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	t := &spaceTable{spec: spec, inv: inv, unit: 1024, header: "1K-blocks", fields: strings.Fields("source size used avail pcent target"), shown: true}
	for _, o := range p.Options {
		if !t.option(o) {
			return 1
		}
	}
	if at := slices.Index(t.fields, "source"); t.types && at >= 0 {
		t.fields = slices.Insert(t.fields, at+1, "fstype")
	}
	if status := t.headers(); status != 0 {
		return status
	}
	if len(p.Operands) == 0 && t.shown {
		t.row("flue", "-", "/")
	}
	for _, name := range p.Operands {
		if _, err := inv.FS.Stat(inv.Path(name)); err != nil {
			inv.Errorf("%s: %v", name, err)
			status = 1
		} else if t.shown {
			t.row("flue", name, "/")
		}
	}
	if len(t.rows) == 1 {
		if status == 0 {
			inv.Errorf("no file systems processed")
		}
		return 1
	}
	if t.total {
		t.row("total", "-", "-")
	}
	printTable(inv, t.rows, t.left)
	return status
}

// option takes an option; false after a complaint.
func (t *spaceTable) option(o cli.Option) bool {
	switch o.Key {
	case "B":
		n, ok := cli.Size(o.Value)
		if !ok || n == 0 {
			t.inv.Errorf("invalid --block-size argument %s", cli.QuoteText(o.Value))
			return false
		}
		t.unit, t.base, t.header = n, 0, blockHeader(n)
	case "h":
		t.base, t.header = 1024, "Size"
	case "H":
		t.base, t.header = 1000, "Size"
	case "k":
		t.unit, t.base, t.header = 1024, 0, "1K-blocks"
	case "m":
		t.unit, t.base, t.header = 1<<20, 0, "1M-blocks"
	case "P":
		t.header = "1024-blocks"
	case "i":
		t.fields = strings.Fields("source itotal iused iavail ipcent target")
	case "T":
		t.types = true
	case "total":
		t.total = true
	case "t":
		t.shown = o.Value == "tmpfs"
	case "x":
		t.shown = t.shown && o.Value != "tmpfs"
	case "output":
		t.fields = strings.Fields(strings.ReplaceAll(o.Value, ",", " "))
		if !o.Has {
			t.fields = nil
			for _, f := range dfFields {
				t.fields = append(t.fields, f.name)
			}
		}
	}
	return true
}

// headers makes the first row. A status other than 0 ends df.
func (t *spaceTable) headers() (status int) {
	var titles []string
	for _, name := range t.fields {
		i := slices.IndexFunc(dfFields, func(f dfField) bool { return f.name == name })
		if i < 0 {
			return t.spec.Misuse(t.inv, "option --output: field %s unknown", cli.QuoteText(name))
		}
		title := dfFields[i].header
		switch {
		case name == "size":
			title = t.header
		case name == "avail" && t.base != 0:
			title = "Avail"
		case name == "pcent" && t.header == "1024-blocks":
			title = "Capacity"
		}
		titles, t.left = append(titles, title), append(t.left, dfFields[i].left)
	}
	t.rows = [][]string{titles}
	return 0
}

// row adds a row for a source, a file on it, and where it is.
func (t *spaceTable) row(source, file, target string) {
	use := t.inv.FS.Usage()
	values := map[string]string{"source": source, "fstype": "tmpfs", "file": file, "target": target,
		"itotal": fmt.Sprint(use.Quota.Files), "iused": fmt.Sprint(use.Files), "iavail": fmt.Sprint(use.Quota.Files - use.Files),
		"ipcent": percentUsed(use.Files, use.Quota.Files), "size": t.amount(use.Quota.Bytes), "used": t.amount(use.Bytes),
		"avail": t.amount(use.Quota.Bytes - use.Bytes), "pcent": percentUsed(use.Bytes, use.Quota.Bytes)}
	if source == "total" {
		values["fstype"] = "-"
	}
	var cells []string
	for _, name := range t.fields {
		cells = append(cells, values[name])
	}
	t.rows = append(t.rows, cells)
}

// amount writes bytes in the unit.
func (t *spaceTable) amount(n int64) string {
	if t.base != 0 {
		return humanSize(n, t.base)
	}
	return fmt.Sprint((n + t.unit - 1) / t.unit)
}

// printTable writes cells in columns as wide as they need, and no narrower than df's are.
func printTable(inv *shell.Invocation, rows [][]string, left []bool) {
	widths := make([]int, len(rows[0]))
	for _, cells := range rows {
		for i, cell := range cells {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for i, header := range rows[0] {
		switch {
		case header == "Filesystem":
			widths[i] = max(widths[i], 14)
		case !left[i] && !strings.HasSuffix(header, "%"):
			widths[i] = max(widths[i], 5)
		}
	}
	var b strings.Builder
	for _, cells := range rows {
		for i, cell := range cells {
			if i > 0 {
				b.WriteByte(' ')
			}
			switch {
			case left[i] && i == len(cells)-1:
				b.WriteString(cell)
			case left[i]:
				fmt.Fprintf(&b, "%-*s", widths[i], cell)
			default:
				fmt.Fprintf(&b, "%*s", widths[i], cell)
			}
		}
		b.WriteByte('\n')
	}
	inv.Stdout.Write([]byte(b.String()))
}

func percentUsed(used, all int64) string { return fmt.Sprintf("%d%%", (used*100+all-1)/max(all, 1)) }

// blockHeader is the header for a size of blocks: "1M-blocks", "512B-blocks".
func blockHeader(n int64) string {
	for i, unit := int64(6), int64(1)<<60; i > 0; i, unit = i-1, unit>>10 {
		if n%unit == 0 {
			return fmt.Sprintf("%d%c-blocks", n/unit, "KMGTPE"[i-1])
		}
	}
	return fmt.Sprintf("%dB-blocks", n)
}

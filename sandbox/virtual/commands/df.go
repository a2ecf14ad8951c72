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

// dfFields are the columns of df: their names for --output, their headers, and whether they stand at the left.
var dfFields = []struct {
	name, header string
	left         bool
}{{"source", "Filesystem", true}, {"fstype", "Type", true}, {"itotal", "Inodes", false}, {"iused", "IUsed", false}, {"iavail", "IFree", false},
	{"ipcent", "IUse%", false}, {"size", "1K-blocks", false}, {"used", "Used", false}, {"avail", "Available", false}, {"pcent", "Use%", false},
	{"file", "File", true}, {"target", "Mounted on", true}}

// df knows the one file system that there is. What mounts show is elsewhere, and has no size.
func df(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Usage: dfUsage, Short: "aB:hHiklmPTt:x:v",
		Long: "all=a block-size:=B total human-readable=h si=H inodes=i local=l no-sync output:: portability=P sync type:=t print-type=T exclude-type:=x"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	unit, base, header := int64(1024), 0, "1K-blocks"
	fields := "source size used avail pcent target"
	total, types, shown := false, false, true
	for _, o := range p.Options {
		switch o.Key {
		case "B":
			n, ok := cli.Size(o.Value)
			if !ok || n == 0 {
				inv.Errorf("invalid --block-size argument %s", cli.Quote(o.Value))
				return 1
			}
			unit, base, header = n, 0, blockHeader(n)
		case "h":
			base, header = 1024, "Size"
		case "H":
			base, header = 1000, "Size"
		case "k":
			unit, base, header = 1024, 0, "1K-blocks"
		case "m":
			unit, base, header = 1<<20, 0, "1M-blocks"
		case "P":
			header = "1024-blocks"
		case "i":
			fields = "source itotal iused iavail ipcent target"
		case "T":
			types = true
		case "total":
			total = true
		case "t":
			shown = o.Value == "tmpfs"
		case "x":
			shown = shown && o.Value != "tmpfs"
		case "output":
			fields = strings.ReplaceAll(o.Value, ",", " ")
			if !o.Has {
				fields = ""
				for _, f := range dfFields {
					fields += f.name + " "
				}
			}
		}
	}
	if types {
		fields = strings.Replace(fields, "source", "source fstype", 1)
	}
	rows := [][]string{nil}
	var left []bool
	for _, name := range strings.Fields(fields) {
		i := slices.IndexFunc(dfFields, func(f struct {
			name, header string
			left         bool
		}) bool {
			return f.name == name
		})
		if i < 0 {
			return spec.Misuse(inv, "option --output: field %s unknown", cli.Quote(name))
		}
		title := dfFields[i].header
		switch {
		case name == "size":
			title = header
		case name == "avail" && base != 0:
			title = "Avail"
		case name == "pcent" && header == "1024-blocks":
			title = "Capacity"
		}
		rows[0], left = append(rows[0], title), append(left, dfFields[i].left)
	}
	amount := func(n int64) string {
		if base != 0 {
			return humanSize(n, base)
		}
		return fmt.Sprint((n + unit - 1) / unit)
	}
	use := inv.FS.Usage()
	row := func(source, file, target string) {
		values := map[string]string{"source": source, "fstype": "tmpfs", "file": file, "target": target,
			"itotal": fmt.Sprint(use.Quota.Files), "iused": fmt.Sprint(use.Files), "iavail": fmt.Sprint(use.Quota.Files - use.Files),
			"ipcent": percentUsed(use.Files, use.Quota.Files), "size": amount(use.Quota.Bytes), "used": amount(use.Bytes),
			"avail": amount(use.Quota.Bytes - use.Bytes), "pcent": percentUsed(use.Bytes, use.Quota.Bytes)}
		if source == "total" {
			values["fstype"] = "-"
		}
		var cells []string
		for _, name := range strings.Fields(fields) {
			cells = append(cells, values[name])
		}
		rows = append(rows, cells)
	}
	if len(p.Operands) == 0 && shown {
		row("flue", "-", "/")
	}
	for _, name := range p.Operands {
		if _, err := inv.FS.Stat(inv.Path(name)); err != nil {
			inv.Errorf("%s: %v", name, err)
			status = 1
		} else if shown {
			row("flue", name, "/")
		}
	}
	if len(rows) == 1 {
		if status == 0 {
			inv.Errorf("no file systems processed")
		}
		return 1
	}
	if total {
		row("total", "-", "-")
	}
	printTable(inv, rows, left)
	return status
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

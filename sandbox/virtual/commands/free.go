package commands

import (
	"context"
	"fmt"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/commands/cli"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// free prints what /proc/meminfo says.
func free(_ context.Context, inv *shell.Invocation) int {
	spec := &cli.Spec{Short: "bkmghtwls:c:", Long: "bytes=b kibi=k mebi=m gibi=g human=h total=t wide=w si", Usage: "[OPTION]...\nPrint how much memory there is.\n\n  -b, -k, -m, -g  in bytes, KiB, MiB, GiB   -h, --human   -t, --total\n"}
	p, status := spec.Parse(inv)
	if p == nil {
		return status
	}
	unit, human, total := int64(1024), false, false
	for _, o := range p.Options {
		switch o.Key {
		case "b", "k", "m", "g":
			unit = map[string]int64{"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[o.Key]
		case "h":
			human = true
		case "t":
			total = true
		}
	}
	text, err := inv.FS.ReadFile("/proc/meminfo")
	if err != nil {
		inv.Errorf("/proc/meminfo: %v", err)
		return 1
	}
	memory := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		var kib int64
		name, rest, _ := strings.Cut(line, ":")
		fmt.Sscan(rest, &kib)
		memory[name] = kib << 10
	}
	show := func(n int64) string {
		if human {
			return strings.TrimSpace(humanSize(n, 1024)) + "i"
		}
		return fmt.Sprint(n / unit)
	}
	row := func(name string, numbers ...int64) {
		fmt.Fprintf(inv.Stdout, "%-8s", name)
		for i, n := range numbers {
			fmt.Fprintf(inv.Stdout, "%*s", 12, show(n))
			if i == len(numbers)-1 {
				fmt.Fprintln(inv.Stdout)
			}
		}
	}
	all, unused := memory["MemTotal"], memory["MemFree"]
	fmt.Fprintf(inv.Stdout, "%20s%12s%12s%12s%12s%12s\n", "total", "used", "free", "shared", "buff/cache", "available")
	row("Mem:", all, all-unused, unused, 0, 0, memory["MemAvailable"])
	row("Swap:", 0, 0, 0)
	if total {
		row("Total:", all, all-unused, unused)
	}
	return 0
}

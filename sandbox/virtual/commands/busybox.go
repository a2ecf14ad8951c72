package commands

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flue-run/flue/sandbox/virtual/shell"
)

const busyboxUsage = `BusyBox (flue) multi-call binary.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: function [arguments]...

	BusyBox is all the commands here in one: FUNCTION is the name of one of them,
	or what a link to busybox is called.

Currently defined functions:
`

// busybox runs the command that its first operand names, or that it is called as.
func busybox(ctx context.Context, inv *shell.Invocation) int {
	args := inv.Args
	if path.Base(args[0]) == "busybox" {
		args = args[1:]
	}
	if len(args) == 0 {
		return busyboxHelp(inv)
	}
	switch args[0] {
	case "--help":
		if len(args) == 1 {
			return busyboxHelp(inv)
		}
		args = []string{args[1], "--help"}
	case "--list", "--list-full":
		prefix := map[string]string{"--list": "", "--list-full": "usr/bin/"}[args[0]]
		for _, name := range applets() {
			if _, err := io.WriteString(inv.Stdout, prefix+name+"\n"); err != nil {
				return 1
			}
		}
		return 0
	}
	name := path.Base(args[0])
	if _, known := slices.BinarySearch(applets(), name); !known {
		fmt.Fprintf(inv.Stderr, "%s: applet not found\n", name)
		return 127
	}
	return inv.Exec(ctx, shell.Nested{Args: append([]string{"/usr/bin/" + name}, args[1:]...)})
}

func busyboxHelp(inv *shell.Invocation) int {
	text, column := busyboxUsage, 0
	for i, name := range applets() {
		if i > 0 {
			text += ","
			if column > 60 {
				text, column = text+"\n", 0
			} else {
				text += " "
			}
		}
		if column == 0 {
			text += "\t"
		}
		text += name
		column += len(name) + 2
	}
	if _, err := io.WriteString(inv.Stdout, text+"\n"); err != nil {
		return 1
	}
	return 0
}

// applets is the names of all commands, sorted.
func applets() []string {
	names := slices.AppendSeq(slices.Clone(shell.Shells), maps.Keys(All()))
	slices.SortFunc(names, strings.Compare)
	return names
}
